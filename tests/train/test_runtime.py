"""Device, precision and threads are picked, and torch's settings come back."""

from __future__ import annotations

import pytest
import torch

from seatrial.errors import SpecError
from seatrial.train import runtime
from seatrial.train.runtime import compute, pick_device, pick_precision

from .toy import toy_spec


def test_a_device_that_is_not_there_is_refused() -> None:
    missing = "cuda" if not torch.cuda.is_available() else "mps"
    with pytest.raises(SpecError, match=missing):
        pick_device(missing)
    assert pick_device("cpu") == "cpu"


@pytest.mark.parametrize(
    ("flags", "expected"), [(["avx2"], "fp32"), (["avx2", "avx512_bf16"], "bf16"), (["amx_bf16"], "bf16"), ([], "fp32")]
)
def test_bf16_only_where_the_cpu_multiplies_it(
    flags: list[str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "machine", lambda: {"cpu_flags": flags})
    assert pick_precision("auto", "cpu") == expected
    assert pick_precision("fp32", "cpu") == "fp32"
    assert pick_precision("bf16", "cpu") == "bf16"


def test_settings_hold_in_the_block_only_and_precision_may_change_between_blocks() -> None:
    threads = torch.get_num_threads()
    tiny = torch.tensor([1e-40])
    for precision, name in (("bf16", "bf16"), ("fp32", "no")):
        with compute(toy_spec(precision=precision, threads=threads + 1)) as accelerator:
            assert accelerator.mixed_precision == name
            assert torch.get_num_threads() == threads + 1
            assert float((tiny * 0.5)[0]) == 0.0
        assert torch.get_num_threads() == threads
        assert float((tiny * 0.5)[0]) > 0.0
