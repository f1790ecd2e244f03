"""`python -m recount`."""

import sys

from recount.cli import main

if __name__ == "__main__":
    sys.exit(main())
