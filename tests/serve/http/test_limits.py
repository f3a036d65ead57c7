"""Compressed bodies: any gzip that another program writes is read, and a bomb is not inflated."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import tracemalloc
import zlib

import pytest
from starlette.requests import Request

from seatrial.errors import RequestError
from seatrial.serve.http.limits import parse_json, read_body
from seatrial.serve.settings import ServeSettings

BODY = json.dumps({"inputs": "x" * 500}).encode()
SEED = 20260917


def read(chunks: list[bytes], coding: str | None = "gzip", **settings: int) -> bytes:
    """`read_body` of a request whose body arrives in these chunks."""
    waiting = iter(chunks)

    async def receive() -> dict[str, object]:
        chunk = next(waiting, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    headers = [] if coding is None else [(b"content-encoding", coding.encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)  # type: ignore[arg-type]
    return asyncio.run(read_body(request, ServeSettings(**settings)))  # type: ignore[arg-type]


def refused(chunks: list[bytes], coding: str | None = "gzip", **settings: int) -> int:
    with pytest.raises(RequestError) as error:
        read(chunks, coding, **settings)
    return error.value.status


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", " gzip "])
def test_gzip_is_read(coding: str) -> None:
    assert read([gzip.compress(BODY)], coding) == BODY


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_however_it_arrives(size: int) -> None:
    packed = gzip.compress(BODY)
    assert read([packed[i : i + size] for i in range(0, len(packed), size)]) == BODY


def test_members_follow_each_other() -> None:
    assert read([gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])]) == BODY
    assert read([gzip.compress(BODY[:100]), gzip.compress(b""), gzip.compress(BODY[100:])]) == BODY


def test_nothing_is_nothing() -> None:
    assert read([b""]) == b""
    assert read([gzip.compress(b"")]) == b""


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "compress"])
def test_other_codings_are_refused(coding: str) -> None:
    assert refused([zlib.compress(BODY)], coding) == 415


@pytest.mark.parametrize(
    "packed",
    [
        BODY,
        gzip.compress(BODY)[:-1],
        gzip.compress(BODY)[:20],
        gzip.compress(BODY) + b"rubbish",
        gzip.compress(BODY)[:-8] + b"\0" * 8,
        zlib.compress(BODY),
    ],
    ids=["plain", "cut", "cut early", "rubbish behind", "wrong sum", "zlib"],
)
def test_what_is_no_gzip_is_refused(packed: bytes) -> None:
    assert refused([packed]) == 400


def test_the_limit_counts_what_comes_out() -> None:
    assert len(read([gzip.compress(b"x" * 2000)], max_body_bytes=2000)) == 2000
    assert refused([gzip.compress(b"x" * 2001)], max_body_bytes=2000) == 413
    assert refused([b"x" * 2001], None, max_body_bytes=2000) == 413


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 9)
    limit = 100_000
    assert len(bomb) > limit / 2
    chunks = [bomb[i : i + 16_384] for i in range(0, len(bomb), 16_384)]
    tracemalloc.start()
    try:
        assert refused(chunks, max_body_bytes=limit) == 413
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * limit


def test_bytes_at_random_are_refused_and_nothing_else() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    packed = gzip.compress(BODY)
    statuses = []
    for _ in range(300):
        place = chance.randrange(len(packed))
        changed = packed[:place] + bytes([chance.randrange(256)]) + packed[place + 1 :]
        try:
            assert read([changed]) == BODY  # the time in gzip's head may be anything
        except RequestError as error:
            statuses.append(error.status)
    assert len(statuses) > 200
    assert set(statuses) <= {400, 413}


def test_a_client_that_compresses_is_answered(client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = client.request("POST", "/v1/predict", content=gzip.compress(b'{"inputs": "hello"}'), headers=headers)
    assert (response.status_code, response.json()["predictions"][0]["n"]) == (200, 5)


def unreadable(body: bytes) -> str:
    with pytest.raises(RequestError) as error:
        parse_json(body, 64)
    assert error.value.status == 400
    return error.value.message


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 2}', b'{"a": 1, "\\u0061": 1}', b'[{"b": {"a": {}, "a": {}}}]'])
def test_a_field_is_named_once(body: bytes) -> None:
    assert unreadable(body) == "the JSON names a field twice"


def test_objects_may_share_the_names_of_their_fields() -> None:
    assert parse_json(b'{"a": {"a": [{"a": 1}, {"a": 2}]}}', 64) == {"a": {"a": [{"a": 1}, {"a": 2}]}}


def test_a_mark_in_front_is_named() -> None:
    assert unreadable(b"\xef\xbb\xbf{}") == "the JSON begins with a byte order mark"


def test_the_depth_is_counted_outside_strings() -> None:
    assert parse_json(b"[" * 64 + b"]" * 64, 64)
    assert "deeper than 64" in unreadable(b"[" * 65 + b"]" * 65)
    assert "deeper than 64" in unreadable(b'{"a":[' * 33 + b"]}" * 33)
    assert parse_json(json.dumps(["[{" * 1000, '\\"[' * 1000]).encode(), 64)
    assert "deeper than 64" in unreadable(b'["\\\\",' + b"[" * 65 + b"]" * 65 + b"]")
    assert len(str(parse_json(b"[" + b"[]," * 20_000 + b"[]]", 64))) > 20_000


@pytest.mark.parametrize("value", [b"[]", b"{}", b"1", b'""', b'{"a":1,"b":2}'])
def test_a_request_holds_no_more_values_than_can_be_read_without_holding_others_up(value: bytes) -> None:
    assert "more than 50000 values" in unreadable(b"[" + (value + b",") * 60_000 + value + b"]")
    text = json.dumps('[{"a", "b\\"}],' * 60_000)
    assert parse_json(b"[%s,%s]" % (text.encode(), value), 64) == [json.loads(text), json.loads(value)]


def test_what_stands_in_strings_is_never_counted() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    for _ in range(500):
        texts = ["".join(chance.choices('\\\\\\"[{,}]x', k=chance.randrange(200))) for _ in range(chance.randrange(9))]
        assert parse_json(json.dumps([[texts]]).encode(), 3) == [[texts]]
        with pytest.raises(RequestError, match="deeper than 3"):
            parse_json(json.dumps([texts, "[" * 9, [[[]]]]).encode(), 3)


def test_two_codings_in_two_headers_are_two() -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": gzip.compress(gzip.compress(BODY)), "more_body": False}

    headers = [(b"content-encoding", b"gzip"), (b"content-encoding", b"gzip")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)  # type: ignore[arg-type]
    with pytest.raises(RequestError) as error:
        asyncio.run(read_body(request, ServeSettings()))
    assert error.value.status == 415
