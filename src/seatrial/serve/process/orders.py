"""What a supervisor and its serving process say to each other, in lines of JSON over the process's stdin and stdout.

Down: an order, whenever to begin ``serve``, later ``reload`` any number of times; the end of the pipe means stop.
Up: the addresses once they answer, or why there will be none. Refuses to know: processes and sockets.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from seatrial.errors import ArtifactError, SeatrialError, ServiceError
from seatrial.serve.settings import ServeSettings

__all__ = ["Addresses", "Order", "failure_line", "read_report", "report_line", "settings_from"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a service answers.

    Attributes:
        url: its HTTP address.
        grpc_port: its port for gRPC, None if it offers none.
        pid: the process that answers.
        models: names of the models, the default model first.
    """

    url: str
    grpc_port: int | None
    pid: int
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What a serving process shall serve, and how."""

    releases: tuple[Path, ...]
    settings: ServeSettings

    def line(self) -> bytes:
        """As one line."""
        value = {"releases": [str(path) for path in self.releases], "settings": asdict(self.settings)}
        return json.dumps(value, default=str).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """From one line."""
        value = json.loads(line)
        return cls(tuple(map(Path, value["releases"])), settings_from(value["settings"]))


def settings_from(values: dict[str, Any]) -> ServeSettings:
    """Settings from plain JSON, as `dataclasses.asdict` and JSON leave them."""
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    for name in ("keys_file", "sessions_file"):
        if plain.get(name) is not None:
            plain[name] = Path(plain[name])
    return ServeSettings(**plain)


def report_line(addresses: Addresses) -> bytes:
    """The addresses as one line."""
    return json.dumps({"addresses": asdict(addresses)}).encode() + b"\n"


def failure_line(error: SeatrialError) -> bytes:
    """Why the process cannot serve, as one line."""
    return json.dumps({"failed": error.as_dict()}).encode() + b"\n"


def read_report(line: bytes) -> Addresses | SeatrialError:
    """What `report_line` or `failure_line` wrote."""
    value = json.loads(line)
    if "addresses" in value:
        told = value["addresses"]
        return Addresses(told["url"], told["grpc_port"], told["pid"], tuple(told["models"]))
    told = value["failed"]
    kind = ArtifactError if told["error"] == "ArtifactError" else ServiceError
    return kind(told["message"], where=told["where"], expected=told["expected"], hint=told["hint"])
