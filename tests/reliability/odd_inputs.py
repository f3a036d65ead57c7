"""Good inputs that look odd, and good requests that are sent in odd ways: every door must answer them, and alike.

Refuses to know: sending.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Sequence

from .bad_heads import CHUNKED, body_of, chunked, in_chunks
from .doors import Door, request

__all__ = ["ODD_FORMS", "ODD_TEXTS", "TEXT"]

TEXT = "What a lovely day"
"""What a request says that is odd in its form only."""
ODD_TEXTS = {
    "from right to left": "איזה יום יפה 👍",
    "a mark that turns the writing": "\u202eWhat a lovely day\u202c",
    "emoji": "😀👩\u200d👩\u200d👧\u200d👦🏳\ufe0f\u200d🌈 so good",
    "beyond the basic plane": "𝔚𝔥𝔞𝔱 𝔞 𝔡𝔞𝔶",
    "NUL inside": "so\0good",
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f good",
    "C1 controls": "\x80\x85\x9f good",
    "no visible width inside": "so \u200b\u200c\u200d\u2060good",
    "a byte order mark inside": "\ufeffWhat a lovely day",
    "what is no character": "\uffff\ufffe\ufffd good",
    "private use": "\ue000\U0010ffff good",
    "500 combining marks": "e" + "\u0301" * 500,
    "the longest text": "good " * 4000,
    "19,999 marks that turn the writing": "\u202e" * 19_999 + "a",
    "line breaks": "so\r\ngood\n\n\u2028really",
    "what looks like code": "<script>alert(1)</script> '; DROP TABLE texts; -- {{7*7}} ${HOME} %s %n",
    "what looks like JSON": '{"inputs": null, "a": [NaN]}',
    "what looks like null": "null",
    "what looks like a path": "../../../../etc/passwd",
    "a single quote": "'",
    "a backslash": "\\",
    "Chinese": "今天天气真好",
    "Devanagari": "आज का दिन बहुत अच्छा है",
    "spaces around": "  \t so good \n ",
    "special tokens": "[CLS] [SEP] [MASK] [PAD] <s> </s>",
}

Pieces = Callable[[Door], Sequence[bytes]]


def whole(*lines: bytes, **form: bytes | None) -> Pieces:
    """A good request in one piece."""
    return lambda door: [request(door, None, *lines, **form)]


def form_of(first: bytes) -> Pieces:
    """A good request with another first line; %s is the path."""
    return lambda door: [request(door, None, first=first.replace(b"%s", door.path.encode()))]


def coded(pack: Callable[[bytes], bytes], coding: bytes = b"gzip") -> Pieces:
    """A good body, compressed."""
    return lambda door: [request(door, pack(body_of(door)), b"Content-Encoding: " + coding)]


def spelled(change: Callable[[str], str]) -> Pieces:
    """The text's JSON, written in another way."""
    return lambda door: [request(door, change(door.one(json.dumps(TEXT))).encode())]


def small_blocks(body: bytes) -> bytes:
    """A gzip that is flushed behind every byte."""
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(bytes([byte])) + packer.flush(zlib.Z_FULL_FLUSH) for byte in body) + packer.flush()


ODD_FORMS: dict[str, Pieces] = {
    "as anybody would": whole(),
    "byte by byte": lambda door: [bytes([byte]) for byte in request(door)],
    "the head, then the body": lambda door: _parted(request(door)),
    "chunks of six bytes": lambda door: [chunked(door)],
    "chunks of one byte": lambda door: [chunked(door, sent=in_chunks(body_of(door), 1))],
    "chunks with extensions": lambda door: [chunked(door, sent=in_chunks(body_of(door), 6, b';a="b c";d'))],
    "chunks with zeros in front": lambda door: [chunked(door, sent=b"000" + in_chunks(body_of(door), 10**6))],
    "chunks and trailers": lambda door: [chunked(door, sent=in_chunks(body_of(door))[:-2] + b"X-Sum: 1\r\n\r\n")],
    "chunks and gzip": lambda door: [
        chunked(door, CHUNKED, b"Content-Encoding: gzip", sent=in_chunks(gzip.compress(body_of(door)), 5))
    ],
    "gzip": coded(gzip.compress),
    "x-gzip": coded(gzip.compress, b"x-gzip"),
    "gzip in capitals": coded(gzip.compress, b"GZIP"),
    "gzip in two members": coded(lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
    "gzip with a name and a comment": coded(
        lambda body: b"\x1f\x8b\x08\x18" + bytes(6) + b"name\0comment\0" + gzip.compress(body)[10:]
    ),
    "gzip in blocks of a byte": coded(small_blocks),
    "gzip that is stored": coded(lambda body: gzip.compress(body, 0)),
    "identity": whole(b"Content-Encoding: identity"),
    "HTTP/1.0": form_of(b"POST %s HTTP/1.0"),
    "a whole address": form_of(b"POST http://a%s HTTP/1.1"),
    "a question": form_of(b"POST %s?a=b&c HTTP/1.1"),
    "escapes in the path": lambda door: [request(door).replace(b"pre", b"%70re").replace(b"inv", b"%69nv")],
    "a line end before": lambda door: [b"\r\n\r\n" + request(door)],
    "headers in capitals": lambda door: [_named(request(door), bytes.upper)],
    "headers in small letters": lambda door: [_named(request(door), bytes.lower)],
    "headers in mixed case": lambda door: [
        _named(request(door), lambda name: name.lower().swapcase().title().swapcase())
    ],
    "spaces around values": lambda door: [_named(request(door), bytes, b": \t ", b" \t")],
    "no spaces before values": lambda door: [_named(request(door), bytes, b":")],
    "90 further headers": whole(*(b"X-%d: a" % n for n in range(90))),
    "15 kB of cookies": whole(b"Cookie: " + b"a=b; " * 3000),
    "bytes that are no ASCII in a header": whole("X-Name: Ä€".encode()),
    "an empty header": whole(b"X-Empty:"),
    "a charset": whole(kind=b"application/json; charset=UTF-8"),
    "another kind of JSON": whole(kind=b"application/vnd.trial+json"),
    "a media type in capitals": whole(kind=b"APPLICATION/JSON"),
    "a client that asks first": whole(b"Expect: 100-continue"),
    "an offer of HTTP/2": whole(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"),
    "any answer will do": whole(b"Accept: */*;q=0.1", b"Accept-Encoding: br, gzip;q=0"),
    "JSON with escapes": spelled(lambda body: body.replace("W", "\\u0057").replace("inp", "\\u0069np")),
    "JSON with spaces": spelled(lambda body: body.replace("{", "\t\n {\r\n ").replace("}", " }\n\n")),
    "JSON with 1.9 MB of spaces": spelled(lambda body: body + " " * 1_900_000),
    "an id of its own": whole(b"X-Request-Id: ../../\xff"),
    "a long time": whole(b"X-Request-Timeout-Ms: 999999999"),
}
"""Name → the pieces of a request that says `TEXT`."""


def _parted(sent: bytes) -> list[bytes]:
    head, _, body = sent.partition(b"\r\n\r\n")
    return [head + b"\r\n\r\n", body]


def _named(sent: bytes, change: Callable[[bytes], bytes], colon: bytes = b": ", behind: bytes = b"") -> bytes:
    """The request with the names of its headers changed."""
    head, _, body = sent.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    parts = (line.partition(b": ") for line in lines)
    return b"\r\n".join([first, *(change(name) + colon + value + behind for name, _, value in parts), b"", body])
