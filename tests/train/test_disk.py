"""What a user reads when weights cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors import SafetensorError

from seatrial.errors import ArtifactError
from seatrial.train.disk import weights_written

FULL = "No space left on device"


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, FULL, "/p/.seatrial/artifacts/.train.az_7p.tmp/model.safetensors"),
        SafetensorError(f"Error while serializing: I/O error: {FULL} (os error 28)"),
    ],
)
def test_the_message_says_why_and_where_without_inner_names(error: Exception) -> None:
    with pytest.raises(ArtifactError) as caught, weights_written("the model", Path("/p/.seatrial/artifacts")):
        raise error
    assert FULL in caught.value.message
    assert ".tmp" not in str(caught.value)
    assert "serializing" not in str(caught.value)
    assert caught.value.where == "/p/.seatrial/artifacts"
