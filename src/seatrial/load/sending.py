"""How requests are sent, whatever their schedule, and the requests themselves as bytes. Refuses to know: time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.errors import ServiceError
from seatrial.load.protocols import PROTOCOLS, Protocol, bodies
from seatrial.load.target import Target

__all__ = ["Sending", "requests_of"]


@dataclass(frozen=True, slots=True)
class Sending:
    """The settings that an open and a closed loop share.

    Attributes:
        batch: texts per request.
        protocol: a name of `load.protocols.PROTOCOLS`, or a protocol that is not among them.
        model: the model's name, for protocols that send one.
        api_key: sent as a bearer token, or None.
        timeout_s: longest time from a request's due moment to its answer's last byte.
        connections: connections at most; an open loop opens as many as it needs.
        idle_s: a connection that was idle for longer is not used again; services close them after 5 s and more.
        allow_remote: whether another machine may be loaded.
        headers: further headers of every request, name and value, such as a deadline.
    """

    batch: int = 1
    protocol: str | Protocol = "predict"
    model: str = "default"
    api_key: str | None = None
    timeout_s: float = 10.0
    connections: int = 900
    idle_s: float = 2.0
    allow_remote: bool = False
    headers: tuple[tuple[str, str], ...] = ()


def requests_of(target: Target, texts: Sequence[str], sending: Sending) -> list[bytes]:
    """Whole requests, one per body, made before the clock runs.

    Raises:
        ServiceError: there are no texts, the protocol is unknown, or a value cannot stand in a header.
    """
    if not texts:
        raise ServiceError("there are no texts to send")
    if sending.batch < 1 or sending.connections < 1 or min(sending.timeout_s, sending.idle_s) <= 0:
        raise ServiceError("batch, connections, the timeout and the idle time must be above 0")
    protocol = sending.protocol if isinstance(sending.protocol, Protocol) else PROTOCOLS.get(sending.protocol)
    if protocol is None:
        raise ServiceError(f"there is no protocol {sending.protocol!r}", expected=", ".join(PROTOCOLS))
    path = protocol.path.format(model=sending.model)
    words = f"{path}{sending.api_key or ''}{''.join(name for name, _ in sending.headers)}"
    values = "".join(value for _, value in sending.headers)
    if not words.isascii() or any(c.isspace() for c in words) or not (values.isascii() and values.isprintable()):
        raise ServiceError("the model's name, the API key or a header holds what no header can")
    headers = [("Host", target.host), ("Content-Type", "application/json"), *sending.headers]
    if sending.api_key:
        headers.append(("Authorization", f"Bearer {sending.api_key}"))
    head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "Content-Length: "
    return [
        head.encode() + str(len(body)).encode() + b"\r\n\r\n" + body
        for body in bodies(protocol, sending.model, texts, sending.batch)
    ]
