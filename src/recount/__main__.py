"""`python -m recount`."""

from recount.cli import end, main

if __name__ == "__main__":
    end(main())
