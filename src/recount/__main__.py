"""`python -m recount`."""

import gc
import sys

from recount.cli import main

if __name__ == "__main__":
    code = main()
    # All that is left ends with the process; to look through it for garbage first would take most of a second.
    gc.freeze()
    sys.exit(code)
