"""What a supervisor and its process say to each other arrives as it was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import ArtifactError, SeatrialError, ServiceError
from seatrial.serve.process.orders import Addresses, Order, failure_line, read_report, report_line
from seatrial.serve.settings import ServeSettings


def test_an_order_arrives_whole() -> None:
    settings = ServeSettings(
        port=0,
        grpc_port=9000,
        keys_file=Path("/keys.json"),
        cors_origins=("https://a.example",),
        examples=("a\nb", "ü"),
    )
    order = Order((Path("/one"), Path("/two words")), settings)
    line = order.line()
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert Order.read(line) == order


def test_addresses_arrive() -> None:
    addresses = Addresses("http://127.0.0.1:8000", 8001, 42, ("one", "two"))
    assert read_report(report_line(addresses)) == addresses


@pytest.mark.parametrize("kind", [ArtifactError, ServiceError])
def test_a_failure_arrives_as_what_it_was(kind: type[SeatrialError]) -> None:
    told = kind("no\nway", where="here", expected="there", hint="go")
    line = failure_line(told)
    assert line.count(b"\n") == 1
    heard = read_report(line)
    assert isinstance(heard, kind)
    assert heard.as_dict() == told.as_dict()
