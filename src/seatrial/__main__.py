"""`python -m seatrial`: the command line, for launchers that start modules, as torchrun does."""

from __future__ import annotations

from seatrial.cli.app import main

if __name__ == "__main__":
    main()
