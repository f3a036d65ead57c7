"""Run as a program: fit the toy language model and die by SIGKILL at the Nth word of progress. Arguments: folder, N."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from toy_language import toy_language_fit


def main(folder: str, words: int) -> None:
    heard = 0

    def progress(what: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None) -> None:
        nonlocal heard
        heard += 1
        if heard == words:
            os.kill(os.getpid(), signal.SIGKILL)

    toy_language_fit(Path(folder), progress, checkpoint_seconds=0, epochs=2, fill_in_middle=0.5)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
