"""Run as a program: fit the toy model and die by SIGKILL at the Nth word of progress. Arguments: base, folder, N."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from toy import toy_fit, toy_spec


def main(base: str, folder: str, words: int) -> None:
    heard = 0

    def progress(what: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None) -> None:
        nonlocal heard
        heard += 1
        if heard == words:
            os.kill(os.getpid(), signal.SIGKILL)

    toy_fit(Path(base), Path(folder), toy_spec(checkpoint_seconds=0), progress)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
