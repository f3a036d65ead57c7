"""The file of keys: nothing secret at rest, no key lost, every change followed."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seatrial.errors import ArtifactError, ServiceError
from seatrial.serve.keys import KEY_PATTERN, KeyStore, Scope

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.day = NOW

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.day


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "keys.json"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def editing(path: Path) -> KeyStore:
    return KeyStore(path, create=True)


def serving(path: Path, clock: Clock) -> KeyStore:
    return KeyStore(path, clock=clock, now=clock.now)


def test_a_key_is_found_by_itself_and_by_nothing_near_it(path: Path, clock: Clock) -> None:
    key, presented = editing(path).add("shop", [Scope.PREDICT], requests_per_minute=600)
    store = serving(path, clock)
    assert store.find(presented) == key
    assert (key.name, key.scopes, key.requests_per_minute) == ("shop", (Scope.PREDICT,), 600)
    wrong = presented[:-1] + ("a" if presented[-1] != "a" else "b")
    for near in (
        wrong,
        presented[:-1],
        presented + "a",
        presented.upper(),
        f" {presented}",
        "",
        "st_",
        key.id,
        "\ud800",
    ):
        assert store.find(near) is None


def test_the_key_is_long_random_and_easy_to_scan_for(path: Path) -> None:
    store = editing(path)
    made = [store.add("shop", [Scope.PREDICT]) for _ in range(20)]
    assert len({presented for _, presented in made}) == len({key.id for key, _ in made}) == 20
    for key, presented in made:
        assert re.fullmatch(KEY_PATTERN, presented)
        assert presented.startswith(f"st_{key.id}_")
    assert 62**43 >= 2**256
    assert len(set("".join(presented[12:] for _, presented in made))) > 50, "the whole alphabet is used"


def test_only_the_hash_is_at_rest(path: Path) -> None:
    key, presented = editing(path).add("shop", [Scope.PREDICT])
    text = path.read_text()
    assert presented[12:] not in text
    assert hashlib.sha256(presented.encode()).hexdigest() in text
    assert presented[12:] not in repr(key)


def test_nobody_else_may_read_the_file(path: Path) -> None:
    store = editing(path)
    key, _ = store.add("shop", [Scope.PREDICT])
    store.revoke(key.id)
    assert [stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()] == [0o600, 0o600]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_link_to_the_file_stays_one(path: Path, tmp_path: Path) -> None:
    editing(path).add("one", [Scope.PREDICT])
    link = tmp_path / "link.json"
    link.symlink_to(path)
    editing(link).add("two", [Scope.PREDICT])
    assert link.is_symlink()
    assert [key.name for key in KeyStore(path).keys] == ["one", "two"]


def test_two_processes_that_add_lose_no_key(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from seatrial.serve.keys import KeyStore, Scope\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for number in range(25): KeyStore(Path(sys.argv[1]), create=True).add(f'{number}', [Scope.PREDICT])"
    )
    command = [sys.executable, "-c", code, str(path)]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    names = [key.name for key in KeyStore(path).keys]
    assert sorted(names) == sorted([str(number) for number in range(25)] * 2)
    assert names != names[:25] * 2, "they did write at the same time"
    assert [file.name for file in sorted(path.parent.iterdir())] == [".keys.json.lock", "keys.json"]


def test_unknown_ids_do_the_same_work(path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    _, presented = editing(path).add("shop", [Scope.PREDICT])
    store = serving(path, clock)
    compared: list[tuple[str, str]] = []
    hashed: list[bytes] = []
    compare, sha256 = hmac.compare_digest, hashlib.sha256

    def spy_compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return compare(one, other)

    def spy_hash(raw: bytes) -> object:
        hashed.append(raw)
        return sha256(raw)

    monkeypatch.setattr(hmac, "compare_digest", spy_compare)
    monkeypatch.setattr(hashlib, "sha256", spy_hash)
    unknown = f"st_00000000_{presented[12:]}"
    for attempt in (presented, unknown, "garbage"):
        store.find(attempt)
    assert hashed == [attempt.encode() for attempt in (presented, unknown, "garbage")]
    assert len(compared) == 3
    assert {len(side) for pair in compared for side in pair} == {len("sha256:") + 64}


def test_a_key_expires(path: Path, clock: Clock) -> None:
    key, presented = editing(path).add("shop", [Scope.PREDICT], expires=NOW + timedelta(days=1))
    store = serving(path, clock)
    clock.day = NOW + timedelta(hours=23)
    assert store.find(presented) == key
    assert key.state(clock.day) == "active"
    clock.day = NOW + timedelta(days=1)
    assert store.find(presented) is None
    assert key.state(clock.day) == "expired"


def test_changes_are_seen_with_one_look_a_second(path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    key, presented = editing(path).add("shop", [Scope.PREDICT])
    store = serving(path, clock)
    looks: list[Path] = []
    real = Path.stat

    def counted(self: Path, *, follow_symlinks: bool = True) -> object:
        looks.append(self)
        return real(self, follow_symlinks=follow_symlinks)

    editing(path).revoke(key.id)
    _, second = editing(path).add("other", [Scope.METRICS])
    monkeypatch.setattr(Path, "stat", counted)
    clock.seconds = 0.9
    for _ in range(50):
        assert store.find(presented) is not None
    assert looks == []
    clock.seconds = 1.0
    for _ in range(50):
        assert store.find(presented) is None
    assert looks == [path]
    found = store.find(second)
    assert found is not None
    assert found.name == "other"
    clock.seconds = 2.0
    store.find(second)
    assert looks == [path, path]


BROKEN = {
    "half a file": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "another file": lambda text: "[1, 2]",
    "another version": lambda text: text.replace('"version": 1', '"version": 2'),
    "unknown field": lambda text: text.replace('"name"', '"nmae"'),
    "unknown scope": lambda text: text.replace('"predict"', '"everything"'),
    "no scope": lambda text: re.sub(r'"scopes": \[[^]]*\]', '"scopes": []', text),
    "a time without zone": lambda text: text.replace('Z"', '"'),
    "deep": lambda text: "[" * 100_000,
    "a control character": lambda text: text.replace('"shop"', r'"a\u001b[2J"'),
    "one id twice": lambda text: json.dumps({"version": 1, "keys": json.loads(text)["keys"] * 2}),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file_is_refused_at_the_start_and_ignored_later(
    how: str, path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    _, presented = editing(path).add("shop", [Scope.PREDICT])
    good = path.read_text()
    store = serving(path, clock)
    bad = BROKEN[how](good)
    assert bad != good
    path.write_text(bad)
    with pytest.raises(ServiceError, match="not a file of keys") as caught:
        KeyStore(path)
    assert caught.value.where == str(path)
    digest = hashlib.sha256(presented.encode()).hexdigest()
    assert digest not in str(caught.value)
    with pytest.raises(ServiceError):
        editing(path).add("more", [Scope.PREDICT])
    assert path.read_text() == bad, "what cannot be read is not overwritten"
    with caplog.at_level(logging.INFO):
        for second in range(1, 4):
            clock.seconds = float(second)
            assert store.find(presented) is not None
    assert [record.levelname for record in caplog.records] == ["WARNING"], "once, not once a second"
    assert "last good keys stay" in caplog.text
    assert digest not in caplog.text
    path.write_text(good.replace("shop", "mended"))
    clock.seconds = 4.0
    found = store.find(presented)
    assert found is not None
    assert found.name == "mended"


def test_a_file_that_goes_away_and_comes_back(path: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    key, presented = editing(path).add("shop", [Scope.PREDICT])
    store = serving(path, clock)
    away = path.with_suffix(".away")
    path.rename(away)
    for second in (1.0, 2.0):
        clock.seconds = second
        assert store.find(presented) is not None
    assert caplog.text.count("there is no file of keys") == 1
    away.rename(path)
    editing(path).revoke(key.id)
    clock.seconds = 3.0
    assert store.find(presented) is None


def test_a_missing_file_says_how_to_make_one(path: Path) -> None:
    with pytest.raises(ServiceError, match="there is no file of keys") as caught:
        KeyStore(path)
    assert "seatrial keys add" in str(caught.value.hint)
    path.parent.mkdir()
    path.mkdir()
    with pytest.raises(ServiceError, match="cannot be read"):
        KeyStore(path)


def test_revoking_is_for_good_and_keeps_its_time(path: Path, clock: Clock) -> None:
    store = KeyStore(path, create=True, now=clock.now)
    key, _ = store.add("shop", [Scope.PREDICT])
    assert store.revoke(key.id).revoked == NOW
    clock.day += timedelta(days=1)
    assert store.revoke(key.id).revoked == NOW
    assert [kept.state(NOW) for kept in KeyStore(path).keys] == ["revoked"]
    with pytest.raises(ServiceError, match="no key with the id 'nothing'"):
        store.revoke("nothing")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[2J", "a" * 65, "\ud800", "a\u202eb"])
def test_a_name_fits_on_a_line(name: str, path: Path) -> None:
    with pytest.raises(ServiceError, match="1 to 64 printable characters"):
        editing(path).add(name, [Scope.PREDICT])
    assert not path.exists()


def test_a_failed_write_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = editing(path)
    key, _ = store.add("shop", [Scope.PREDICT])
    before = path.read_text()

    def full(*_: object, **__: object) -> None:
        raise ArtifactError("cannot write keys.json: no space left on device")

    monkeypatch.setattr("seatrial.serve.keys.write_text", full)
    with pytest.raises(ArtifactError):
        store.add("more", [Scope.PREDICT])
    with pytest.raises(ArtifactError):
        store.revoke(key.id)
    assert path.read_text() == before
    assert [(kept.name, kept.state(NOW)) for kept in store.keys] == [("shop", "active")]
