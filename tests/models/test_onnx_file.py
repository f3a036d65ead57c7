"""Opening an ONNX file: what cannot be opened is told with its place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import ArtifactError
from seatrial.models.onnx_file import open_onnx


@pytest.mark.parametrize("content", [None, b"", b"no model"])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "model.onnx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ArtifactError, match="cannot load this file") as caught:
        open_onnx(file, 1, sleep_between_calls=True, hint="make it again")
    assert caught.value.where == str(file)
    assert caught.value.hint == "make it again"
