"""Bounds in seconds on a machine that is shared: one missed twice counts, unless the machine itself was seen to stall.

A test that is marked `timed` is watched: by a process that does nothing but wake up every 10 ms, and by the kernel's
count of processor time that went to others. It checks what must be right with `assert`, and then its times with
`in_time`. Where only times are missed, it waits until the machine is quiet and does everything once more: the quick
form takes percentiles of a few hundred answers, and one pause can be enough. What is missed then, too, fails the test
if the machine was quiet, or if it is missed by far; where the machine was held up, nothing can be said, and the test is
skipped and says so.

The deep form (`make soak`) is strict: nothing is done twice, and nothing is skipped. Refuses to know: what is timed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Machine", "MissedTime", "in_time", "timely", "twice_if_late", "watched"]

FAR = 10.0
"""Times the bound: what no busy machine explains."""
MOST_LATE_MS = 150.0
"""A process that only sleeps is woken within a few ms, beside a loaded service as well."""
MOST_TAKEN = 0.25
"""Share of the machine's processor time that others may take, other virtual machines among them."""
QUIET_S, PATIENCE_S = 1.0, 30.0
TICKER = """
import json, select, time
late_s, every_s = 0.0, 0.01
while not select.select([0], [], [], 0)[0]:
    due_s = time.monotonic() + every_s
    time.sleep(every_s)
    late_s = max(late_s, time.monotonic() - due_s)
print(json.dumps(1e3 * late_s))
"""


class MissedTime(AssertionError):
    """What came was right, and came too late.

    Args:
        told: what was missed, and by how much.
        by_far: whether no busy machine explains it.
    """

    def __init__(self, told: str, *, by_far: bool = False) -> None:
        super().__init__(told)
        self.by_far = by_far


def in_time(took: float, most: float, what: str) -> None:
    """Check a time, in any unit, against its bound.

    Raises:
        MissedTime: it is longer.
    """
    if not took <= most:
        raise MissedTime(f"{what}: {took:.4g} instead of at most {most:.4g}", by_far=not took <= FAR * most)


def timely(holds: bool, what: str) -> None:
    """Check what a busy machine alone can break, such as an answer within a client's patience.

    Raises:
        MissedTime: it does not hold.
    """
    if not holds:
        raise MissedTime(what)


@dataclass
class Machine:
    """What the machine went through; filled in when the watch ends.

    Attributes:
        late_ms: the longest that a sleeper was woken too late.
        taken: share of all processor time that neither idled nor went to this test and its processes.
    """

    late_ms: float = 0.0
    taken: float = 0.0

    @property
    def held_up(self) -> bool:
        """Whether it may be the reason for a missed time."""
        return self.late_ms > MOST_LATE_MS or self.taken > MOST_TAKEN

    def __str__(self) -> str:
        return f"a sleeper was woken up to {self.late_ms:.0f} ms late, others took {100 * self.taken:.0f} % of the time"


@contextmanager
def watched() -> Iterator[Machine]:
    """Watch the machine while the context lasts."""
    machine, command = Machine(), [sys.executable, "-S", "-c", TICKER]
    before = _processor_s()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ticker:
        try:
            yield machine
        finally:
            total_s, idle_s, own_s = (then - now for then, now in zip(_processor_s(), before, strict=True))
            said, _ = ticker.communicate()
            machine.late_ms = float(json.loads(said))
            machine.taken = max(0.0, total_s - idle_s - own_s) / total_s if total_s > 0 else 0.0


def twice_if_late(test: Callable[[], None], skip: Callable[[str], None]) -> None:
    """Run a test's body, and once more if it only missed times.

    Args:
        test: the body.
        skip: called with the reason where the machine was held up the second time.

    Raises:
        MissedTime: times were missed twice, and not because of the machine.
    """
    strict = os.environ.get("SEATRIAL_SOAK") == "1"
    for last in (False, True):
        try:
            with watched() as machine:
                test()
        except MissedTime as missed:
            print(f"missed: {missed}; {machine}")
            if strict or (last and (missed.by_far or not machine.held_up)):
                raise
            if last:
                skip(f"the machine was too busy: {missed}; {machine}")
        else:
            print(machine)
            return
        _wait_until_quiet()


def _wait_until_quiet() -> None:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        with watched() as machine:
            time.sleep(QUIET_S)
        if not machine.held_up:
            return


def _processor_s() -> tuple[float, float, float]:
    """Processor time of the machine so far, of it idle, and of this process and those below it; zeros if unknown."""
    try:
        first, _, _ = Path("/proc/stat").read_text().partition("\n")
    except OSError:
        return 0.0, 0.0, 0.0
    ticks = [int(field) for field in first.split()[1:9]]  # what follows, of guests, is counted among these
    return sum(ticks) / _HERTZ, (ticks[3] + ticks[4]) / _HERTZ, _own_ticks() / _HERTZ


_HERTZ = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def _own_ticks() -> int:
    """Of this process and all below it, those that ended and were waited for among them."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            parents[int(entry.name)], ticks[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))

    def below(pid: int) -> bool:
        while pid and pid != os.getpid():
            pid = parents.get(pid, 0)
        return pid == os.getpid()

    return sum(ticks[pid] for pid in ticks if below(pid))
