"""A damaged checkpoint is never used; the one before it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from seatrial.errors import ArtifactError
from seatrial.train.checkpoint import Checkpoints
from seatrial.train.position import Position


def toy() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 2))
    return model, torch.optim.AdamW(model.parameters(), lr=0.1, fused=True)


def step(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    model(torch.randn(8, 4)).square().mean().backward()
    optimizer.step()
    optimizer.zero_grad()


def bits(model: torch.nn.Module) -> list[bytes]:
    return [parameter.detach().numpy().tobytes() for parameter in model.parameters()]


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, dict[int, list[bytes]]]:
    """Checkpoints after steps 1 (the best), 2, 3 and 4, and the weights at each."""
    model, optimizer = toy()
    checkpoints, at = Checkpoints(tmp_path, "print"), {}
    for number in (1, 2, 3, 4):
        step(model, optimizer)
        at[number] = bits(model)
        checkpoints.save(Position(step=number, best_score=0.5, best_step=1), model, optimizer)
    return tmp_path, at


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_two_and_the_best_are_kept(saved: tuple[Path, dict[int, list[bytes]]]) -> None:
    assert names(saved[0]) == ["000000001", "000000003", "000000004"]


def test_a_continued_run_draws_the_same_numbers_and_takes_the_same_step(
    saved: tuple[Path, dict[int, list[bytes]]],
) -> None:
    folder, _ = saved
    results = []
    for _ in range(2):
        model, optimizer = toy()
        position = Checkpoints(folder, "print").resume(model, optimizer)
        assert position.step == 4
        step(model, optimizer)
        results.append(bits(model))
    assert results[0] == results[1]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-20] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("weights.safetensors", truncate),
        ("weights.safetensors", flip),
        ("weights.safetensors", Path.unlink),
        ("training.safetensors", truncate),
        ("training.safetensors", flip),
        ("state.json", truncate),
        ("state.json", Path.unlink),
    ],
)
def test_a_damaged_checkpoint_is_skipped(
    name: str, damage: Callable[[Path], None], saved: tuple[Path, dict[int, list[bytes]]]
) -> None:
    folder, at = saved
    damage(folder / "000000004" / name)
    model, optimizer = toy()
    assert Checkpoints(folder, "print").resume(model, optimizer).step == 3
    assert bits(model) == at[3]


def test_without_its_best_weights_a_checkpoint_is_of_no_use(saved: tuple[Path, dict[int, list[bytes]]]) -> None:
    folder, _ = saved
    truncate(folder / "000000001" / "weights.safetensors")
    model, optimizer = toy()
    before = bits(model)
    assert Checkpoints(folder, "print").resume(model, optimizer) == Position()
    assert bits(model) == before
    assert not folder.exists()


def test_another_run_s_checkpoints_are_removed(saved: tuple[Path, dict[int, list[bytes]]]) -> None:
    folder, _ = saved
    assert Checkpoints(folder, "another").resume(*toy()) == Position()
    assert not folder.exists()


def test_a_half_written_checkpoint_is_invisible(saved: tuple[Path, dict[int, list[bytes]]]) -> None:
    folder, _ = saved
    shutil.copytree(folder / "000000004", folder / ".000000005.x.tmp")
    assert Checkpoints(folder, "print").resume(*toy()).step == 4


def test_the_best_weights_come_back(saved: tuple[Path, dict[int, list[bytes]]]) -> None:
    folder, at = saved
    model, optimizer = toy()
    checkpoints = Checkpoints(folder, "print")
    position = checkpoints.resume(model, optimizer)
    checkpoints.load_best(position, model)
    assert bits(model) == at[1]


def test_a_full_disk_is_an_error_with_a_way_out_and_spoils_nothing(saved: tuple[Path, dict[int, list[bytes]]]) -> None:
    resource = pytest.importorskip("resource")
    folder, at = saved
    model, optimizer = toy()
    checkpoints = Checkpoints(folder, "print")
    position = checkpoints.resume(model, optimizer)
    position.step = 5
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(ArtifactError, match="cannot write a checkpoint") as caught:
            checkpoints.save(position, model, optimizer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "free some space" in str(caught.value.hint)
    assert names(folder) == ["000000001", "000000003", "000000004"]
    assert checkpoints.resume(model, optimizer).step == 4
    assert bits(model) == at[4]


def test_frozen_weights_are_not_stored(tmp_path: Path) -> None:
    from safetensors import safe_open

    model, optimizer = toy()
    model[0].requires_grad_(False)  # type: ignore[index]
    step(model, optimizer)
    Checkpoints(tmp_path, "print").save(Position(step=1, best_step=1), model, optimizer)
    with safe_open(tmp_path / "000000001" / "weights.safetensors", "pt") as file:
        assert set(file.keys()) == {"2.weight", "2.bias"}
