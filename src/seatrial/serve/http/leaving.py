"""Word that a client has gone, without a task that waits for it: most requests end before their client leaves.

Refuses to know: connections, and what is done for the client.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["LEAVING", "Leaving"]

LEAVING = "seatrial.leaving"
"""Where an ASGI scope holds it, if the connection is ours."""


class Leaving:
    """Of one request: whether its client has gone, and who wants to hear of it. Belongs to the event loop."""

    __slots__ = ("_heard", "gone")

    def __init__(self) -> None:
        self.gone = False
        self._heard: Callable[[], object] | None = None

    def tell(self) -> None:
        """The client has gone."""
        if not self.gone:
            self.gone = True
            if self._heard is not None:
                self._heard()

    def listen(self, heard: Callable[[], object] | None) -> None:
        """Call `heard` when the client goes; None calls nobody any more."""
        self._heard = heard
