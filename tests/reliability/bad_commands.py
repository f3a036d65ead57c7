"""Bad inputs on the command line: arguments, stdin, data files and folders that are no release.

Refuses to know: running.
"""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BAD_PREDICT", "BAD_SERVE", "Command", "Place"]

WRONG_USE, FAILED = 2, 1
DEEP = 250_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command runs: a good release that must not be changed, and an empty folder."""

    release: Path
    folder: Path

    def file(self, name: str, content: bytes) -> str:
        """A new file."""
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def spoiled(self, spoil: Callable[[Path], object]) -> str:
        """A copy of the release, spoiled."""
        copied = self.folder / "release"
        shutil.copytree(self.release, copied)
        spoil(copied)
        return str(copied)


@dataclass(frozen=True, slots=True)
class Command:
    """Arguments behind the command's name, stdin, and the exit code that is right."""

    arguments: Callable[[Place], list[str]]
    stdin: bytes = b""
    code: int = FAILED


def typed(stdin: bytes) -> Command:
    """`predict` with this on stdin."""
    return Command(lambda place: [str(place.release)], stdin)


def said(*texts: str) -> Command:
    """`predict` with these arguments."""
    return Command(lambda place: [str(place.release), *texts])


def data(name: str, content: bytes, *more: str) -> Command:
    """`predict` with a data file."""
    return Command(lambda place: [str(place.release), "--data", place.file(name, content), *more])


def of(make: Callable[[Place], str], *more: str, code: int = FAILED) -> Command:
    """A command on what is no release."""
    return Command(lambda place: [make(place), *more], code=code)


def given(*more: str, code: int = FAILED) -> Command:
    """A command on a good release with these options."""
    return Command(lambda place: [str(place.release), *more], code=code)


def altered(path: Path) -> None:
    """One byte is another."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def manifest(content: bytes) -> Callable[[Path], object]:
    """Another manifest."""
    return lambda release: (release / "manifest.json").write_bytes(content)


def elsewhere(release: Path) -> None:
    """The manifest names a file outside the release."""
    path = release / "manifest.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["files"] = {**told["files"], "../../etc/passwd": "0" * 64} if isinstance(told["files"], dict) else "../.."
    path.write_text(json.dumps(told), encoding="utf-8")


MODEL = "onnx/model_int8_dynamic.onnx"
NO_RELEASE: dict[str, Callable[[Place], str]] = {
    "a folder that there is not": lambda place: str(place.folder / "none"),
    "an empty folder": lambda place: str(place.folder),
    "a file": lambda place: place.file("release.txt", b"so good"),
    "a device": lambda _: "/dev/null",
    "a name with NUL": lambda place: f"{place.folder}/a\0b",
    "a name of 10,000 characters": lambda place: f"{place.folder}/{'a' * 10_000}",
    "a manifest that is no JSON": lambda place: place.spoiled(manifest(b"\xff\xfe\x00")),
    "a manifest that is a list": lambda place: place.spoiled(manifest(b"[]")),
    "a manifest of 250,000 brackets": lambda place: place.spoiled(manifest(b"[" * DEEP)),
    "a manifest of another kind": lambda place: place.spoiled(manifest(b'{"kind": "data"}')),
    "a manifest of files elsewhere": lambda place: place.spoiled(elsewhere),
    "a model with another byte": lambda place: place.spoiled(lambda release: altered(release / MODEL)),
    "a model that is missing": lambda place: place.spoiled(lambda release: (release / MODEL).unlink()),
    "a tokenizer with another byte": lambda place: place.spoiled(lambda release: altered(release / "tokenizer.json")),
    "a file too many": lambda place: place.spoiled(lambda release: (release / "more.bin").write_bytes(b"a")),
}
BAD_PREDICT: dict[str, Command] = {
    **{name: of(make, "so good", code=WRONG_USE if "NUL" in name else FAILED) for name, make in NO_RELEASE.items()},
    "no release": Command(lambda _: [], code=WRONG_USE),
    "an option that there is not": given("--temperature", "1", code=WRONG_USE),
    "binary on stdin": typed(bytes(range(256)) * 40),
    "NULs on stdin that are no text": typed(b"so\0good\n \t\n"),
    "UTF-16 on stdin": typed("so good\n".encode("utf-16")),
    "a surrogate on stdin": typed(b"\xed\xa0\x80\n"),
    "an overlong form on stdin": typed(b"\xc0\xaf\n"),
    "a line of 10 MB": typed(b"a" * 10_000_000),
    "a line of 100,000 combining marks": typed(("\u0301" * 100_000).encode()),
    "an empty line": typed(b"so good\n\nbad\n"),
    "gzip on stdin": typed(b"\x1f\x8b\x08\x00" + bytes(100)),
    "an empty text": said(""),
    "a text of spaces": said(" \t\u3000"),
    "a text that is too long": said("a" * 20_001),
    "a text that is no UTF-8": said("so \udcff good"),
    "a good text and a bad one": said("so good", ""),
    "texts and a file": Command(lambda place: [str(place.release), "so good", "--data", place.file("a.txt", b"a\n")]),
    "a file that there is not": given("--data", "none.csv"),
    "a folder in the place of a file": Command(lambda place: [str(place.release), "--data", str(place.folder)]),
    "a file of unknown kind": data("a.exe", b"MZ"),
    "another column": data("a.csv", b"a,b\n1,2\n"),
    "a table that is binary": data("a.csv", bytes(range(256)) * 40),
    "a table with a quote that does not end": data("a.csv", b'text\n"so good\n' + b"a\n" * 20),
    "a table with a missing text": data("a.csv", b"text,b\na,1\n,2\n"),
    "lines that are no JSON": data("a.jsonl", b'{"text": "a"}\n{"text": \n'),
    "a line of 250,000 brackets": data("a.jsonl", b'{"text": ' + b"[" * DEEP + b"\n"),
    "a line with a number of 10,000 digits": data("a.jsonl", b'{"text": ' + b"7" * 10_000 + b"}\n"),
    "a line with NaN in the place of a text": data("a.jsonl", b'{"text": NaN}\n'),
    "a line with half a pair": data("a.jsonl", b'{"text": "\\ud800"}\n'),
    "a parquet file that is none": data("a.parquet", b"PAR1" + bytes(100) + b"PAR1"),
    "an empty parquet file": data("a.parquet", b""),
}
"""Name → what `seatrial predict` is given."""


def served(*more: str, code: int = FAILED) -> Command:
    """`serve` with these options; where it does start, against all expectation, then at a free port."""
    return Command(lambda place: [str(place.release), "--port", "0", *more], code=code)


def taken(option: str) -> Command:
    """A port where something listens already."""
    listener = socket.create_server(("127.0.0.1", 0))  # as long as the tests run
    TAKEN.append(listener)
    return served(option, str(listener.getsockname()[1]))


TAKEN: list[socket.socket] = []
BAD_SERVE: dict[str, Command] = {
    "no release": Command(lambda _: [], code=WRONG_USE),
    "another negative port": Command(lambda place: [str(place.release), "--port", "-7"]),
    "an option that there is not": served("--turbo", code=WRONG_USE),
    "a port that is no number": served("--port", "http", code=WRONG_USE),
    "a negative port": served("--port", "-1"),
    "a port beyond 16 bits": served("--port", "65536"),
    "a port of 10,000 digits": served("--port", "9" * 10_000, code=WRONG_USE),
    "no threads": served("--threads", "0", code=WRONG_USE),
    "10,000 workers": served("--workers", "10000", code=WRONG_USE),
    "a memory of NaN": served("--cache-mb", "nan", code=WRONG_USE),
    "a negative memory": served("--cache-mb", "-1", code=WRONG_USE),
    "a watch of NaN": served("--watch", "nan", code=WRONG_USE),
    "a watch of infinity": served("--watch", "inf", code=WRONG_USE),
    "an engine that there is not": served("--engine", "../warp"),
    "everybody, without keys": served("--host", "0.0.0.0"),
    "a host that there is not": served("--host", "256.256.256.256", "--insecure"),
    "a setting that there is not": served("--set", "serving.turbo=1"),
    "a setting of something else": served("--set", "train.epochs=1"),
    "a setting without a value": served("--set", "serving.max_texts"),
    "a setting of another type": served("--set", "serving.max_texts=[1]"),
    "a negative setting": served("--set", "serving.max_texts=-1"),
    "a setting of NaN": served("--set", "serving.grace_s=.nan"),
    "a setting of 250,000 brackets": served("--set", "serving.examples=" + "[" * 100_000),
    "a setting that is code": served("--set", "serving.host=!!python/object/apply:os.system ['true']"),
    "keys that there are not": served("--keys", "none.json"),
    "keys that are binary": Command(
        lambda place: [str(place.release), "--port", "0", "--keys", place.file("keys.json", b"\xff\xfe\x00")]
    ),
    "keys of 250,000 brackets": Command(
        lambda place: [str(place.release), "--port", "0", "--keys", place.file("keys.json", b"[" * DEEP)]
    ),
    "keys that are a folder": Command(lambda place: [str(place.release), "--port", "0", "--keys", str(place.folder)]),
    "a port that is taken": taken("--port"),
    "a port for gRPC that is taken": Command(lambda place: [*taken("--grpc-port").arguments(place)]),
    "binary in the place of a release": of(lambda place: place.file("a", bytes(range(256))), "--port", "0"),
    "an empty folder": of(NO_RELEASE["an empty folder"], "--port", "0"),
    "a manifest of 250,000 brackets": of(NO_RELEASE["a manifest of 250,000 brackets"], "--port", "0"),
    "a model with another byte": of(NO_RELEASE["a model with another byte"], "--port", "0"),
    "a model that is missing": of(NO_RELEASE["a model that is missing"], "--port", "0"),
}
"""Name → what `seatrial serve` is given."""
