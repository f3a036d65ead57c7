"""What the reader of requests refuses beyond what its parser does: too many headers, too much between chunks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seatrial.serve.http.wire.parsing import MAX_HEADERS

from .test_protocol import BODY, CHUNKED, CLOSE, LENGTH, PROBE, Running, answers, in_chunks, post, running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("served")) as service:
        yield service


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 431)])
def test_headers_are_counted(service: Running, more: int, status: int) -> None:
    headers = b"a: b\r\n" * (MAX_HEADERS - 2 + more)  # beside Host and Connection
    assert [found for found, _ in answers(service.talk(PROBE + CLOSE + headers + b"\r\n"))] == [status]


def test_what_stands_between_chunks_has_a_limit(service: Running) -> None:
    flood = in_chunks(1).replace(b"1\r\n", b"1;" + b"a" * 50_000 + b"\r\n")
    assert [status for status, _ in answers(service.talk(post(CHUNKED, flood)))] == [400]
    assert [status for status, _ in answers(service.talk(post(CHUNKED, b"1;" + b"a" * 600_000)))] == [400]


def test_chunks_of_one_byte_are_no_flood(service: Running) -> None:
    body = BODY.replace(b"good day", b"good " * 3000)
    sent = post(CHUNKED + CLOSE, in_chunks(1, body))
    pieces = [sent[start : start + 1000] for start in range(0, len(sent), 1000)]
    assert [status for status, _ in answers(service.talk(*pieces))] == [200]


def test_many_requests_in_one_piece_are_no_flood(service: Running) -> None:
    sent = post(LENGTH) * 500 + post(LENGTH + CLOSE)
    found = answers(service.talk(sent[:-5], sent[-5:]))
    assert {status for status, _ in found} == {200}
    assert len(found) == 501


def test_as_many_offers_as_arrive_at_once_are_read(service: Running) -> None:
    offer = PROBE + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    found = answers(service.talk(offer * 3000 + PROBE + CLOSE + b"\r\n"))
    assert [status for status, _ in found] == [200] * 3001
