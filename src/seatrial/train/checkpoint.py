"""Checkpoints that survive kill -9: written whole or not at all, verified before use, never taken from another run.

A checkpoint is a folder named by its step, with `weights.safetensors` (what learns), `training.safetensors` (optimizer
and torch's random states) and `state.json` (position, other random states, the hashes of both files). Nothing is
pickled. The checkpoint of the best validation is kept beside the newest two.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.artifact.atomic import atomic_folder
from seatrial.artifact.digest import file_digest
from seatrial.train.disk import weights_written
from seatrial.train.position import Position
from seatrial.train.rng import restore_rng, rng_state

if TYPE_CHECKING:
    import torch

__all__ = ["Checkpoints"]

WEIGHTS, TRAINING, STATE = "weights.safetensors", "training.safetensors", "state.json"
KEPT = 2


class Checkpoints:
    """The checkpoints of one run.

    Args:
        folder: holds one folder per checkpoint; created when the first is saved.
        fingerprint: of what decides the result (settings, data, base model); other runs' checkpoints are ignored.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.fingerprint = fingerprint

    def save(self, position: Position, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Write a checkpoint, then remove those no longer needed.

        Raises:
            ArtifactError: no space or no permission.
        """
        from safetensors.torch import save_file

        plain_rng, torch_rng = rng_state()
        groups, moments = _optimizer_state(optimizer)
        with weights_written("a checkpoint", self.folder), atomic_folder(self._path(position.step)) as folder:
            save_file(_learnt(model), folder / WEIGHTS)
            save_file(moments | {f"rng.{name}": state for name, state in torch_rng.items()}, folder / TRAINING)
            state = {
                "fingerprint": self.fingerprint,
                "position": dataclasses.asdict(position),
                "optimizer_groups": groups,
                "rng": plain_rng,
                "files": {name: file_digest(folder / name) for name in (WEIGHTS, TRAINING)},
            }
            (folder / STATE).write_text(json.dumps(state), encoding="utf-8")
        self._prune(position.best_step)

    def resume(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Position:
        """Put model, optimizer and random states back to the newest usable checkpoint.

        Returns:
            Where the run goes on; the start, with nothing changed, if no checkpoint is whole and this run's.
        """
        from safetensors.torch import load_file

        for folder in reversed(self._folders()):
            state = self._verified(folder)
            if state is None:
                continue
            position = Position(**state["position"])
            if position.best_score is not None and self._verified(self._path(position.best_step)) is None:
                continue  # the best weights so far would be lost
            _load_learnt(model, folder)
            tensors = load_file(folder / TRAINING)
            rng = {name.removeprefix("rng."): tensors.pop(name) for name in list(tensors) if name.startswith("rng.")}
            _load_optimizer(optimizer, state["optimizer_groups"], tensors)
            restore_rng(state["rng"], rng)
            return position
        shutil.rmtree(self.folder, ignore_errors=True)
        return Position()

    def load_best(self, position: Position, model: torch.nn.Module) -> None:
        """Put the model's weights back to those of the best validation."""
        if position.best_step != position.step:
            _load_learnt(model, self._path(position.best_step))

    def _path(self, step: int) -> Path:
        return self.folder / f"{step:09d}"

    def _folders(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("[0-9]*") if path.is_dir())

    def _verified(self, folder: Path) -> dict[str, Any] | None:
        """The checkpoint's state if every byte is as written and it belongs to this run."""
        try:
            state: dict[str, Any] = json.loads((folder / STATE).read_text(encoding="utf-8"))
            whole = all(file_digest(folder / name) == digest for name, digest in state["files"].items())
            return state if whole and state["fingerprint"] == self.fingerprint else None
        except (OSError, ValueError, KeyError):
            return None

    def _prune(self, best_step: int) -> None:
        for folder in self._folders()[:-KEPT]:
            if folder != self._path(best_step):
                shutil.rmtree(folder, ignore_errors=True)


def _learnt(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """What training changes: weights with a gradient and stored buffers. Frozen weights come from the base model."""
    learning = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    stored = model.state_dict()
    names = learning | {name for name, _ in model.named_buffers() if name in stored}
    return {name: stored[name].contiguous() for name in sorted(names)}


def _load_learnt(model: torch.nn.Module, folder: Path) -> None:
    from safetensors.torch import load_file

    model.load_state_dict(load_file(folder / WEIGHTS), strict=False)


def _optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[list[dict[str, Any]], dict[str, torch.Tensor]]:
    """Settings of the groups as plain JSON, and per-weight tensors as ``"INDEX.NAME"``."""
    state = optimizer.state_dict()
    tensors = {f"{index}.{name}": value for index, part in state["state"].items() for name, value in part.items()}
    return state["param_groups"], tensors


def _load_optimizer(
    optimizer: torch.optim.Optimizer, groups: list[dict[str, Any]], tensors: Mapping[str, torch.Tensor]
) -> None:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": groups})
