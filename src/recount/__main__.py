"""`python -m recount`."""

from recount.cli import end, hear_interrupts, main

if __name__ == "__main__":
    hear_interrupts()
    end(main())
