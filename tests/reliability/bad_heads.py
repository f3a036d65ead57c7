"""Bad inputs, the heads and framing of requests: what is no HTTP/1.1, or HTTP that two programs may read in two ways.

Each is refused with a status of Seatrial's own, in its own shape, and its connection ends. Refuses to know: sending.
"""

from __future__ import annotations

from collections.abc import Callable

from .doors import Door, request

__all__ = ["BAD_HEADS", "CHUNKED", "Make", "body_of", "chunked", "in_chunks"]

CHUNKED = b"Transfer-Encoding: chunked"
Make = Callable[[Door], bytes]


def in_chunks(body: bytes, size: int = 6, extension: bytes = b"") -> bytes:
    """A body in chunks of `size` bytes, up to and with the last chunk."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n\r\n"


def body_of(door: Door) -> bytes:
    """A good body."""
    return request(door).partition(b"\r\n\r\n")[2]


def chunked(door: Door, *lines: bytes, sent: bytes | None = None, length: bytes | None = None) -> bytes:
    """A request in chunks; `sent` is what stands in the body's place."""
    sent = in_chunks(body_of(door)) if sent is None else sent
    return request(door, sent, *(lines or (CHUNKED,)), length=length)


def said(length: bytes) -> Make:
    """A request that says this length."""
    return lambda door: request(door, None, length=length)


def line(added: bytes) -> Make:
    """A request with another header line."""
    return lambda door: request(door, None, added)


def first(form: bytes) -> Make:
    """A request with another first line; %s is the path."""
    return lambda door: request(door, None, first=form.replace(b"%s", door.path.encode()))


def coded(*codings: bytes) -> Make:
    """A request in chunks that says so in this way."""
    return lambda door: chunked(door, *(b"Transfer-Encoding:" + coding for coding in codings))


def chunks(sent: bytes) -> Make:
    """A request with these bytes in the place of its chunks."""
    return lambda door: chunked(door, sent=sent)


def changed(old: bytes, new: bytes, count: int = -1) -> Make:
    """A good request with bytes replaced."""
    return lambda door: request(door).replace(old, new, count)


BAD_HEADS: dict[str, tuple[int, Make]] = {
    "two lengths": (400, line(b"Content-Length: 3")),
    "two lengths that agree": (400, lambda door: request(door, None, b"Content-Length: %d" % len(body_of(door)))),
    "two lengths in one line": (400, said(b"20, 20")),
    "a negative length": (400, said(b"-1")),
    "a signed length": (400, said(b"+5")),
    "a length beyond 64 bits": (400, said(b"9" * 30)),
    "a length in hexadecimal": (400, said(b"0x10")),
    "a length with a point": (400, said(b"5.0")),
    "an empty length": (400, said(b" ")),
    "a length with an underscore": (400, said(b"1_0")),
    "length and chunks": (400, lambda door: chunked(door, CHUNKED, length=b"5")),
    "chunks and length": (400, lambda door: chunked(door, CHUNKED, b"Content-Length: 5")),
    "a folded coding": (400, coded(b"\r\n chunked")),
    "an unknown coding": (400, coded(b" xchunked")),
    "two codings": (400, coded(b" gzip, chunked")),
    "chunked before another": (400, coded(b" chunked, identity")),
    "a coding twice": (400, coded(b" chunked", b" chunked")),
    "a coding behind a vertical tab": (400, coded(b" \x0bchunked")),
    "a coding in quotes": (400, coded(b' "chunked"')),
    "chunks in HTTP/1.0": (400, lambda door: chunked(door).replace(b"HTTP/1.1", b"HTTP/1.0")),
    "a chunk beyond 64 bits": (400, chunks(b"F" * 17 + b"\r\nab")),
    "a chunk that is no number": (400, chunks(b"zz\r\nab\r\n0\r\n\r\n")),
    "a chunk of negative size": (400, chunks(b"-6\r\nabcdef\r\n0\r\n\r\n")),
    "a chunk of signed size": (400, chunks(b"+6\r\nabcdef\r\n0\r\n\r\n")),
    "a chunk with 0x": (400, chunks(b"0x6\r\nabcdef\r\n0\r\n\r\n")),
    "a chunk that is longer than it says": (400, chunks(b"2\r\nabcdef\r\n0\r\n\r\n")),
    "chunks whose lines end with LF": (400, chunks(b"6\nabcdef\n0\n\n")),
    "a chunk without a size": (400, chunks(b"\r\nabcdef\r\n0\r\n\r\n")),
    "a flood of chunk extensions": (
        400,
        lambda door: chunked(door, sent=in_chunks(body_of(door), 1, b";a=" + b"b" * 40_000)),
    ),
    "one chunk extension of 1 MB": (400, chunks(b"1;" + b"a" * 1_000_000 + b"\r\nx\r\n0\r\n\r\n")),
    "a flood of trailers": (431, chunks(b"0\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\n")),
    "lines that end with LF": (400, changed(b"\r\n", b"\n")),
    "one line that ends with LF": (400, changed(b"\r\n", b"\n", 1)),
    "lines that end with CR": (400, changed(b"\r\n", b"\r")),
    "CR in a header": (400, line(b"X: a\rb")),
    "NUL in a header": (400, line(b"X: a\0b")),
    "a space before the colon": (400, line(b"X : a")),
    "a folded header": (400, line(b"X: a\r\n b")),
    "a header that begins with a space": (400, line(b" X: a")),
    "a header without a name": (400, line(b": a")),
    "a header without a colon": (400, line(b"X")),
    "a header whose name is no ASCII": (400, line(b"\xc3\xa9: a")),
    "no Host": (400, lambda door: request(door, None, host=None)),
    "two Hosts": (400, line(b"Host: b")),
    "HTTP/0.9": (400, lambda door: b"GET %s\r\n\r\n" % door.path.encode()),
    "HTTP/1.2": (400, first(b"POST %s HTTP/1.2")),
    "HTTP/2 in a line": (400, first(b"POST %s HTTP/2.0")),
    "another protocol": (400, first(b"POST %s ICY/1.1")),
    "no version": (400, first(b"POST %s HTTP/")),
    "the opening of HTTP/2": (400, lambda _: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "the opening of TLS": (400, lambda _: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)),
    "a body without a head": (400, body_of),
    "random bytes": (400, lambda _: bytes(range(255, 127, -1)) * 8 + b"\r\n\r\n"),
    "an unknown method": (400, first(b"BREW %s HTTP/1.1")),
    "a method in lower case": (400, first(b"post %s HTTP/1.1")),
    "CONNECT": (400, first(b"CONNECT a:80 HTTP/1.1")),
    "no path": (400, first(b"POST  HTTP/1.1")),
    "a path without a slash": (400, first(b"POST v1 HTTP/1.1")),
    "a space in the path": (400, first(b"POST %s x HTTP/1.1")),
    "a tab in the path": (400, first(b"POST %s\t HTTP/1.1")),
    "bytes that are no ASCII in the path": (400, first(b"POST %s\xff HTTP/1.1")),
    "NUL in the path": (400, first(b"POST %s\0 HTTP/1.1")),
    "a request line of 64 kB": (431, first(b"POST %s?" + b"a" * 64_000 + b" HTTP/1.1")),
    "1,000 headers": (431, lambda door: request(door, None, *(b"X-%d: a-value" % n for n in range(1000)))),
    "a header of 1 MB": (431, line(b"X: " + b"a" * 1_000_000)),
    "a header name of 100 kB": (431, line(b"X" * 100_000 + b": a")),
    "a head without end": (431, lambda door: request(door).partition(b"\r\n\r\n")[0] + b"\r\nX: a" * 20_000),
    "a body of 3 GB that is announced": (413, said(b"3000000000")),
    "a body of 3 MB": (413, lambda door: request(door, b" " * 3_000_000)),
    "a body of 3 MB in chunks": (413, lambda door: chunked(door, sent=in_chunks(b" " * 3_000_000, 50_000))),
}
"""Name → Seatrial's own status, and the request to a door."""
