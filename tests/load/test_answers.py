from __future__ import annotations

import pytest

from seatrial.load.answers import MalformedAnswer, ReplyReader

PLAIN = b"HTTP/1.1 200 OK\r\nX-Model-Version: v7\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"


@pytest.mark.parametrize(("raw", "body"), [(PLAIN, b"hello"), (CHUNKED, b"hello world")], ids=["length", "chunked"])
def test_an_answer_is_read_however_it_is_cut(raw: bytes, body: bytes) -> None:
    for size in (1, 2, 7, len(raw)):
        reader = ReplyReader()
        replies = [reader.feed(raw[i : i + size]) for i in range(0, len(raw), size)]
        assert [reply is not None for reply in replies] == [False] * (len(replies) - 1) + [True]
        assert replies[-1] is not None
        assert (replies[-1].status, replies[-1].body) == (200, body)
        assert not reader.partial


def test_one_reader_reads_answer_after_answer() -> None:
    reader = ReplyReader()
    for raw in (PLAIN, CHUNKED, PLAIN):
        assert reader.feed(raw) is not None


def test_headers_are_found_by_name_whatever_their_case() -> None:
    reply = ReplyReader().feed(PLAIN)
    assert reply is not None
    assert reply.header("X-MODEL-version") == "v7"
    assert reply.header("content-length") == "5"
    assert reply.header("length") is None
    assert not reply.closes


def test_a_closing_answer_says_so() -> None:
    reply = ReplyReader().feed(b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    assert reply is not None
    assert reply.closes
    assert reply.status == 503


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"x" * 70_000,
    ],
)
def test_what_is_no_answer_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        ReplyReader().feed(raw)
