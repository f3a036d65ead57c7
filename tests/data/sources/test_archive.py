"""Files inside archives inside archives."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from seatrial.data.sources import archive
from seatrial.data.sources.archive import open_member
from seatrial.errors import DataError


def tar_gz(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    inner = tar_gz({"set/a.txt": b"inner", "../../evil": b"outside"})
    path = tmp_path / "p.tar.gz"
    path.write_bytes(tar_gz({"p-1.0/README": b"read me", "p-1.0/data/set.tar.gz": inner}))
    return path


def test_a_file_of_the_package_and_one_of_the_archive_in_it(package: Path) -> None:
    assert open_member(package, ["README"], "w").read() == b"read me"
    assert open_member(package, ["data/set.tar.gz", "set/a.txt"], "w").read() == b"inner"


def test_names_that_lead_outside_write_nothing(package: Path) -> None:
    before = sorted(package.parent.parent.rglob("*"))
    assert open_member(package, ["data/set.tar.gz", "../../evil"], "w").read() == b"outside"
    assert sorted(package.parent.parent.rglob("*")) == before


def test_a_wrong_name_gets_the_nearest_one(package: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_member(package, ["data/set.tar.gz", "set/b.txt"], "data.sources.0.member")
    assert caught.value.where == "data.sources.0.member.1"
    assert caught.value.hint == "did you mean 'set/a.txt'?"


def test_something_else_than_an_archive(package: Path) -> None:
    with pytest.raises(DataError, match="README is not a readable tar archive"):
        open_member(package, ["README", "x"], "w")


def test_a_cut_archive(package: Path) -> None:
    package.write_bytes(package.read_bytes()[:150])
    with pytest.raises(DataError, match="not a readable tar archive"):
        open_member(package, ["nothing"], "w")


def test_links_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "p.tar"
    with tarfile.open(path, "w") as tar:
        link = tarfile.TarInfo("p/passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(DataError, match="holds no file 'passwd'"):
        open_member(path, ["passwd"], "w")


def test_too_large_a_member(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 6)
    with pytest.raises(DataError, match=r"README in p\.tar\.gz has 7 bytes"):
        open_member(package, ["README"], "w")


def test_a_search_through_too_much(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 10)
    with pytest.raises(DataError, match="too large to be searched"):
        open_member(package, ["data/set.tar.gz"], "w")
