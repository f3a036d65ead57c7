"""Progress on a terminal: one bar per piece of work with rate, figures and time left; plain lines when piped."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["ProgressBars"]

LINE_SECONDS = 10.0
"""How often a piped log gets a line."""


class ProgressBars:
    """A `seatrial.progress.Progress` that draws on stderr. Use as a context manager.

    Args:
        redraws_per_s: how often a bar is drawn; less where drawing would disturb what is measured.
    """

    def __init__(self, *, redraws_per_s: float = 10.0) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._bars = Progress(
            TextColumn("  {task.description:<14}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]}"),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            refresh_per_second=redraws_per_s,
            disable=not self.console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._last_line: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def __call__(
        self, what: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None
    ) -> None:
        text = "  ".join(f"{name} {value:.4g}" for name, value in (figures or {}).items())
        count = f"{done:,}/{total:,}" if total else f"{done:,}"
        if not self.console.is_terminal:
            self._line(what, count, text)
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total, count=count, figures=text)
        self._bars.update(self._tasks[what], completed=done, total=total, count=count, figures=text)
        if total is not None and done >= total:
            self._bars.remove_task(self._tasks.pop(what))

    def line(self, text: str) -> None:
        """A line above the bars."""
        self.console.print(text, markup=False, soft_wrap=True)  # a path in it stays whole

    def _line(self, what: str, count: str, text: str) -> None:
        now = time.monotonic()
        if now - self._last_line.get(what, now - LINE_SECONDS) >= LINE_SECONDS:
            self._last_line[what] = now
            self.line(f"  {what} {count} {text}".rstrip())
