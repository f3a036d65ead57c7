"""What a user names leads to a release folder, or to the command that makes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.cli.find_release import find_release
from seatrial.errors import ArtifactError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "masked.yaml").write_text("name: masked\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("named", ["masked.yaml", "masked", "masked/release"])
def test_a_project_file_its_folder_and_the_release_itself(named: str, project: Path) -> None:
    release = project / "masked" / "release"
    release.mkdir(parents=True)
    (release / "manifest.json").write_text("{}", encoding="utf-8")
    assert find_release(project / named) == release


@pytest.mark.parametrize(("named", "hint"), [("masked.yaml", "seatrial run"), ("nowhere", "check the path")])
def test_no_release(named: str, hint: str, project: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no release") as caught:
        find_release(project / named)
    assert hint in str(caught.value.hint)
