"""A ledger of what became of every request, kept outside the service: who was answered, by which version, and rightly.

Refuses to know: what is done to the service meanwhile.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seatrial.load import Answer, Sending

from .releases import LABELS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EAGER", "End", "Ledger"]

TOLERANCE = 2e-5
"""Company in a batch moves a probability by up to 1e-5, and it is rounded to 6 digits."""

EAGER = Sending(idle_s=0.05)
"""Uses no connection that has been idle for longer. A service that closes idle connections (after 250 ms when it stops)
then never does so while a request is on its way, and each request that is lost was lost by the service."""


@dataclass(frozen=True, slots=True)
class End:
    """How a request ended; times in seconds of `time.monotonic`, `sent_s` None if it never left."""

    sent_s: float | None
    done_s: float
    status: int
    error: str | None
    version: str | None


@dataclass
class Ledger:
    """Takes every answer as it comes.

    Args:
        texts: what is sent, one text per request, in the order in which the load sends them.
        golden: version → what it says of the texts, [texts, labels].
    """

    texts: Sequence[str]
    golden: Mapping[str, NDArray[np.float32]]
    ends: list[End] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def hear(self, answer: Answer) -> None:
        """For `on_answer`."""
        version = None
        if answer.status == 200:
            assert answer.reply is not None
            body = json.loads(answer.reply.body)
            version = body["version"]
            self._judge(body, answer.body)
        elif answer.status and (answer.reply is None or answer.reply.header("retry-after") is None):
            self.wrong.append(f"{answer.status} without Retry-After")
        self.ends.append(End(answer.sent_s, answer.done_s, answer.status, answer.error, version))

    def _judge(self, body: dict[str, object], text: int) -> None:
        """Write down what is not the golden answer of the version that the answer names."""
        golden = self.golden.get(str(body["version"]))
        if golden is None:
            self.wrong.append(f"an answer of the version {body['version']}")
            return
        predictions = body["predictions"]
        assert isinstance(predictions, list)
        scores = predictions[0]["scores"]
        far = max(abs(scores[label] - float(p)) for label, p in zip(LABELS, golden[text], strict=True))
        if len(predictions) != 1 or far > TOLERANCE:
            self.wrong.append(f"text {text}: {scores} of {body['version']} instead of {golden[text]}")

    @property
    def good(self) -> list[End]:
        """Answered with 200."""
        return [end for end in self.ends if end.status == 200]

    @property
    def failed(self) -> list[End]:
        """Not answered with 200; what the generator itself ended before it was sent does not count."""
        return [end for end in self.ends if end.status != 200 and (end.error != "stopped" or end.sent_s is not None)]

    @property
    def lost(self) -> list[End]:
        """Sent over a connection and not answered."""
        return [end for end in self.ends if end.sent_s is not None and end.status == 0]

    def kinds(self) -> dict[str, int]:
        """How many ended in which way."""
        return dict(Counter(end.error or str(end.status) for end in self.ends))
