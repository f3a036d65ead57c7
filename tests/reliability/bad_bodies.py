"""Bad inputs, bodies: what is no JSON, no gzip, no text, too deep, too large or of another shape.

The HTTP around them is good, so that the connection goes on after the refusal. Refuses to know: sending.
"""

from __future__ import annotations

import functools
import gzip
import json
import zlib
from collections.abc import Callable, Sequence

from .doors import Door, request

__all__ = ["BAD_BODIES", "BAD_ROUTES", "BAD_TEXTS"]

Make = Callable[[Door], bytes]

DEEP = 250_000
DIGITS = "7" * 10_000
GOOD = '"so good"'


def sent(body: bytes, *lines: bytes) -> Make:
    """This body, whatever the door."""
    return lambda door: request(door, body, *lines)


def text(value: str) -> Make:
    """This JSON, as it is, in the place of a text."""
    return lambda door: request(door, door.one(value).encode("utf-8", "surrogatepass"))


def texts(values: Sequence[str]) -> Make:
    """These, as they are, in the place of a list of texts."""
    return lambda door: request(door, door.several(values).encode())


def spelled(change: Callable[[bytes], bytes]) -> Make:
    """A good body, changed."""
    return lambda door: request(door, change(door.one(GOOD).encode()))


def coded(coding: bytes, change: Callable[[bytes], bytes]) -> Make:
    """A good body, changed and said to be compressed."""
    return lambda door: request(door, change(door.one(GOOD).encode()), b"Content-Encoding: " + coding)


@functools.cache
def bomb(layers: int = 1, size: int = 200_000_000) -> bytes:
    """Spaces, compressed so many times."""
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * 1_000_000
    packed = b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()
    return packed if layers == 1 else gzip.compress(packed)


def longer(text: str, count: int) -> str:
    """A text repeated, in JSON."""
    return json.dumps(text * count)


BAD_BODIES: dict[str, tuple[int, Make]] = {
    "an empty body": (400, sent(b"")),
    "spaces": (400, sent(b" " * 1000)),
    "250,000 brackets": (400, sent(b"[" * DEEP)),
    "250,000 pairs of brackets": (400, sent(b"[" * DEEP + b"]" * DEEP)),
    "250,000 objects in each other": (400, sent(b'{"inputs":' * (DEEP // 2) + b"1" + b"}" * (DEEP // 2))),
    "250,000 brackets in the place of a text": (400, text("[" * DEEP + "]" * DEEP)),
    "2,000,000 brackets": (400, sent(b"[" * 2_000_000)),
    "1,000,000 pairs of brackets in each other": (400, sent(b"[" * 10**6 + b"]" * 10**6)),
    "2,000,000 brackets that do not pair": (400, sent(b"]" * 10**6 + b"[}" * 500_000)),
    "65 levels": (400, sent(b"[" * 65 + b"]" * 65)),
    "brackets behind a string that hides nothing": (400, sent(b'["\\\\",' + b"[" * 1000 + b"]" * 1001)),
    "a string without end before brackets": (400, sent(b'["' + b"[" * 100_000)),
    "NaN": (400, text("NaN")),
    "Infinity": (400, text("Infinity")),
    "-Infinity": (400, text("-Infinity")),
    "an integer of 10,000 digits": (400, text(DIGITS)),
    "an integer of 10,000 digits in a list": (400, texts([GOOD, DIGITS])),
    "a negative integer of 10,000 digits": (400, text("-" + DIGITS)),
    "a number in hexadecimal": (400, text("0x10")),
    "a number with a zero in front": (400, text("007")),
    "no quotes": (400, text("so good")),
    "single quotes": (400, text("'so good'")),
    "a comma too many": (400, texts([GOOD, GOOD + ","])),
    "a comment": (400, text(f"{GOOD} /* really */")),
    "an escape that there is not": (400, text('"so \\x good"')),
    "half an escape": (400, text('"\\u00"')),
    "a line break in a string": (400, text('"so\ngood"')),
    "NUL in a string, as it is": (400, text('"so\0good"')),
    "NUL behind the JSON": (400, spelled(lambda body: body + b"\0")),
    "two values": (400, spelled(lambda body: body + body)),
    "half the JSON": (400, spelled(lambda body: body[: len(body) // 2])),
    "the same field twice": (400, spelled(lambda body: body[:-1] + b", " + body[1:])),
    "the same field twice, spelled otherwise": (400, lambda door: request(door, _twice(door))),
    "bytes that are no UTF-8": (400, spelled(lambda body: body.replace(b"so", b"\xff\xfe"))),
    "an overlong form": (400, spelled(lambda body: body.replace(b"so", b"\xc0\xaf"))),
    "an overlong form of NUL": (400, spelled(lambda body: body.replace(b"so", b"\xc0\x80"))),
    "a surrogate in UTF-8": (400, text('"\ud800"')),
    "a surrogate pair in UTF-8": (400, text('"\ud83d\ude00"')),
    "beyond the last character": (400, spelled(lambda body: body.replace(b"so", b"\xf4\x90\x80\x80"))),
    "a character cut in half": (400, spelled(lambda body: body.replace(b"so", b"\xf0\x9f\x98"))),
    "Latin-1": (400, spelled(lambda body: body.replace(b"so", b"s\xf6"))),
    "UTF-16 with a mark": (400, spelled(lambda body: body.decode().encode("utf-16"))),
    "UTF-16 without a mark": (400, spelled(lambda body: body.decode().encode("utf-16-le"))),
    "UTF-32": (400, spelled(lambda body: body.decode().encode("utf-32"))),
    "UTF-7": (400, sent(b"+AHsAIgBpAG4AcAB1AHQAcwAiAH0-")),
    "a byte order mark": (400, spelled(lambda body: b"\xef\xbb\xbf" + body)),
    "a form": (400, sent(b"inputs=so+good")),
    "XML": (400, sent(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "http://localhost/a">]><a>&b;</a>')),
    "a pickle": (400, sent(b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93.")),
    "gzip that is not said": (400, spelled(gzip.compress)),
    "no gzip at all": (400, coded(b"gzip", lambda body: body)),
    "a gzip that ends too early": (400, coded(b"gzip", lambda body: gzip.compress(body)[:-9])),
    "a gzip without its last byte": (400, coded(b"gzip", lambda body: gzip.compress(body)[:-1])),
    "a gzip with a wrong check sum": (400, coded(b"gzip", lambda body: gzip.compress(body)[:-8] + bytes(8))),
    "a gzip with a wrong size": (400, coded(b"gzip", lambda body: gzip.compress(body)[:-4] + b"\xff" * 4)),
    "a gzip with something behind it": (400, coded(b"gzip", lambda body: gzip.compress(body) + b"rubbish")),
    "a gzip in a gzip": (400, coded(b"gzip", lambda body: gzip.compress(gzip.compress(body)))),
    "zlib in the place of gzip": (400, coded(b"gzip", zlib.compress)),
    "an empty gzip": (400, coded(b"gzip", lambda _: gzip.compress(b""))),
    "a gzip bomb": (413, coded(b"gzip", lambda _: bomb())),
    "a gzip bomb in a gzip": (400, coded(b"gzip", lambda _: bomb(2))),
    "many small gzips": (413, coded(b"gzip", lambda _: gzip.compress(b" " * 100_000) * 1000)),
    "gzip, gzip": (415, coded(b"gzip, gzip", lambda body: gzip.compress(gzip.compress(body)))),
    "gzip said twice": (415, coded(b"gzip\r\nContent-Encoding: gzip", lambda body: gzip.compress(gzip.compress(body)))),
    "br": (415, coded(b"br", lambda body: body)),
    "deflate": (415, coded(b"deflate", zlib.compress)),
    "zstd": (415, coded(b"zstd", lambda body: b"\x28\xb5\x2f\xfd" + body)),
    "a compression that there is not": (415, coded(b"../gzip", lambda body: body)),
    "a body just beyond 2 MB": (413, spelled(lambda body: body + b" " * 2_000_001)),
    "a list": (422, sent(b'["so good"]')),
    "a text": (422, sent(GOOD.encode())),
    "a number": (422, sent(b"1")),
    "null": (422, sent(b"null")),
    "true": (422, sent(b"true")),
    "an object without fields": (422, sent(b"{}")),
    "100,000 fields": (400, sent(json.dumps({f"{n}": 1 for n in range(100_000)}).encode())),
    "240,000 lists beside each other": (400, texts(["[[]]"] * 240_000)),
    "190,000 objects beside each other": (400, texts(['{"":1}'] * 190_000)),
    "a field with a name of 1 MB": (422, sent(json.dumps({"a" * 1_000_000: 1}).encode())),
}
"""Name → Seatrial's own status, and the request to a door."""


def _twice(door: Door) -> bytes:
    body = door.one(GOOD)
    name = body[2 : body.index('"', 2)]
    return body[:-1].encode() + f', "\\u{ord(name[0]):04x}{name[1:]}": 1}}'.encode()


BAD_TEXTS: dict[str, tuple[int, Make]] = {
    "null in the place of a text": (422, text("null")),
    "true in the place of a text": (422, text("true")),
    "a number in the place of a text": (422, text("1")),
    "a number beyond every double": (422, text("1e999")),
    "an object in the place of a text": (422, text('{"text": "so good"}')),
    "lists in the place of a text": (422, text("[[[]]]")),
    "an empty text": (422, text('""')),
    "a text of spaces": (422, text('"   \\t\\n"')),
    "a text of wide spaces": (422, text('"\\u3000\\u2003\\u00a0"')),
    "a text of NUL alone": (422, text(json.dumps("\0"))),
    "a text of no visible width": (422, text(json.dumps("\u200b\u200c\u200d\u2060"))),
    "the first half of a surrogate pair": (422, text('"\\ud800"')),
    "the second half of a surrogate pair": (422, text('"so \\udc00 good"')),
    "the halves in the wrong order": (422, text('"\\ude00\\ud83d"')),
    "a text that is too long": (422, text(longer("a", 20_001))),
    "100,000 combining marks": (422, text(longer("\u0301", 100_000))),
    "100,000 marks that turn the writing": (422, text(longer("\u202e", 100_000))),
    "30,000 NULs": (422, text(longer("\0", 30_000))),
    "30,000 emoji": (422, text(json.dumps("😀" * 30_000, ensure_ascii=False))),
    "an empty list": (422, texts([])),
    "33 texts": (422, texts([GOOD] * 33)),
    "100,000 texts": (422, texts([GOOD] * 100_000)),
    "a text and null": (422, texts([GOOD, "null"])),
    "a text and a number": (422, texts([GOOD, "7"])),
    "a text and an object": (422, texts([GOOD, "{}"])),
    "a text and an empty one": (422, texts([GOOD, '""'])),
    "a text and one that is too long": (422, texts([GOOD, longer("a", 20_001)])),
    "32 texts and one half of a pair": (422, texts([GOOD] * 31 + ['"\\ud800"'])),
}
"""The same, for what stands in the place of texts."""


def to(path: str, method: str = "POST") -> Make:
    """A good request to another path; {} is the door's."""
    return lambda door: request(door, None, first=f"{method} {path.replace('{}', door.path)} HTTP/1.1".encode())


BAD_ROUTES: dict[str, tuple[int, Make]] = {
    "GET": (405, to("{}", "GET")),
    "PUT": (405, to("{}", "PUT")),
    "DELETE": (405, to("{}", "DELETE")),
    "PATCH": (405, to("{}", "PATCH")),
    "TRACE": (405, to("{}", "TRACE")),
    "OPTIONS": (405, to("{}", "OPTIONS")),
    "a slash too many behind": (404, to("{}/")),
    "a slash too many in front": (404, to("/{}")),
    "../ in front": (404, to("/..{}")),
    "../ with escapes": (404, to("/%2e%2e{}")),
    "../../etc/passwd": (404, to("/../../../../etc/passwd")),
    "a path with NUL": (404, to("{}%00")),
    "a path with bytes that are no UTF-8": (404, to("{}%ff")),
    "a path with half an escape": (404, to("{}%4")),
    "a path in capitals": (
        404,
        lambda door: request(door, None, first=b"POST %s HTTP/1.1" % door.path.upper().encode()),
    ),
    "another media type": (415, lambda door: request(door, None, kind=b"text/plain")),
    "a form's media type": (415, lambda door: request(door, None, kind=b"application/x-www-form-urlencoded")),
    "several parts": (415, lambda door: request(door, None, kind=b"multipart/form-data; boundary=a")),
    "a media type that is none": (415, lambda door: request(door, None, kind=b";;;===")),
    "a media type of 10 kB": (415, lambda door: request(door, None, kind=b"a" * 10_000)),
    "no time": (400, lambda door: request(door, None, b"X-Request-Timeout-Ms: 0")),
    "a negative time": (400, lambda door: request(door, None, b"X-Request-Timeout-Ms: -1")),
    "a time of 5,000 digits": (400, lambda door: request(door, None, b"X-Request-Timeout-Ms: " + b"9" * 5000)),
    "a time in Arabic digits": (400, lambda door: request(door, None, "X-Request-Timeout-Ms: ١".encode())),
}
"""The same, for paths, methods and single headers."""
