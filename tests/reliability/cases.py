"""What was sent and how it ended, written down by who sent it. Refuses to know: the service."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..timeliness import timely
from .figures import Figures
from .judging import MOST_MS

__all__ = ["Cases"]


@dataclass
class Cases:
    """How each case ended, how long it took in ms, and what was wrong with it.

    Attributes:
        most_ms: how long a case may take.
        ends: status → how many cases.
        faults: name → what was wrong; empty if nothing was.
        late: name → what was right and too late.
    """

    most_ms: float = MOST_MS
    ms: list[float] = field(default_factory=list)
    ends: Counter[object] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    late: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, end: object, ms: float, fault: str | None, *, slow: bool = False) -> None:
        """Write a case down; `slow` says that the fault is one that a busy machine alone can make."""
        self.ms.append(ms)
        self.ends[end] += 1
        if fault and not slow:
            self.faults[name] = fault
        elif fault or ms > self.most_ms:
            self.late[name] = f"after {ms:.0f} ms: {fault or end}"

    def write(self, figures: Figures, what: str) -> None:
        """The figures of these cases, and a line about them."""
        most_ms, cases, faults = self.most_ms, len(self.ms), len(self.faults)
        worst_ms = max(self.ms, default=0.0)
        print(f"{what}: {cases} cases, {dict(self.ends)}, slowest {worst_ms:.0f} ms")
        figures.add(f"{what}: not as they must end", faults, "count", goal="0", met=not faults, n=cases)
        figures.add(f"{what}: slowest", worst_ms, "ms", goal=f"<= {most_ms:g}", met=worst_ms <= most_ms, n=cases)

    def check(self) -> None:
        """Fail on anything that was wrong, then on anything that was late."""
        assert not self.faults, "\n".join(f"{name}: {fault}" for name, fault in self.faults.items())
        timely(not self.late, "\n".join(f"{name}: {fault}" for name, fault in self.late.items()))
