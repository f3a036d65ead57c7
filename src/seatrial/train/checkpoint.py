"""Checkpoints that survive kill -9: written whole or not at all, verified before use, never taken from another run.

A checkpoint is a folder named by its step, with `weights.safetensors` (what learns), `training.safetensors` (optimizer
and torch's random states) and `state.json` (position, other random states, the hashes of both files). Nothing is
pickled. The checkpoint of the best validation is kept beside the newest two.

Several processes write one checkpoint, the first of them, with whole tensors and the random states of all; so it can be
gone on from by another number of them, or by another strategy.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.artifact.atomic import atomic_folder
from seatrial.artifact.digest import file_digest
from seatrial.train.disk import weights_written
from seatrial.train.distributed import Strategy
from seatrial.train.distributed.alone import Alone
from seatrial.train.distributed.tensors import part, whole
from seatrial.train.position import Position
from seatrial.train.rng import restore_rng, rng_state, seed_all

if TYPE_CHECKING:
    import torch

__all__ = ["Checkpoints"]

WEIGHTS, TRAINING, STATE = "weights.safetensors", "training.safetensors", "state.json"
KEPT = 2
NEW_PROCESS = 1_000_003
"""Apart from this times the rank, a process without a random state of its own is seeded by the step alone."""


class Checkpoints:
    """The checkpoints of one run.

    Args:
        folder: holds one folder per checkpoint; created when the first is saved.
        fingerprint: of what decides the result (settings, data, base model); other runs' checkpoints are ignored.
        strategy: how the processes agree; all of them save and resume together.
    """

    def __init__(self, folder: Path, fingerprint: str, strategy: Strategy | None = None) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        self._strategy = strategy or Alone()

    def save(self, position: Position, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Write a checkpoint, then remove those no longer needed.

        Raises:
            ArtifactError: no space or no permission.
        """
        from safetensors.torch import save_file

        learnt = _learnt(model)
        groups, moments = _optimizer_state(optimizer)
        states = self._strategy.gather(rng_state())
        if not self._strategy.processes.first:
            return
        plain_rng = [plain for plain, _ in states]
        with weights_written("a checkpoint", self.folder), atomic_folder(self._path(position.step)) as folder:
            save_file(learnt, folder / WEIGHTS)
            save_file(moments | _named(states), folder / TRAINING)
            state = {
                "fingerprint": self.fingerprint,
                "position": dataclasses.asdict(position),
                "optimizer_groups": groups,
                "rng": plain_rng[0],
                **({"other_rng": plain_rng[1:]} if plain_rng[1:] else {}),
                "files": {name: file_digest(folder / name) for name in (WEIGHTS, TRAINING)},
            }
            (folder / STATE).write_text(json.dumps(state), encoding="utf-8")
        self._prune(position.best_step)

    def resume(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Position:
        """Put model, optimizer and random states back to the newest usable checkpoint.

        With another number of processes than wrote it, those that it has no random state for draw anew.

        Returns:
            Where the run goes on; the start, with nothing changed, if no checkpoint is whole and this run's.
        """
        from safetensors.torch import load_file

        processes = self._strategy.processes
        step, state = self._strategy.agree(self._newest() if processes.first else (0, None))
        if state is None:
            if processes.first:
                shutil.rmtree(self.folder, ignore_errors=True)
            return Position()
        folder = self._path(step)
        _load_learnt(model, folder)
        tensors = load_file(folder / TRAINING)
        rng = {name: tensors.pop(name) for name in list(tensors) if name.startswith("rng")}
        _load_optimizer(optimizer, state["optimizer_groups"], tensors)
        plain = [state["rng"], *state.get("other_rng", ())]
        if processes.rank < len(plain):
            prefix = _prefix(processes.rank)
            own = {name.removeprefix(prefix): value for name, value in rng.items() if name.startswith(prefix)}
            restore_rng(plain[processes.rank], own)
        else:
            seed_all(NEW_PROCESS * processes.rank + step)
        return Position(**state["position"])

    def load_best(self, position: Position, model: torch.nn.Module, *, always: bool = False) -> None:
        """Put the model's weights back to those of the best validation.

        Args:
            position: where the run ended.
            model: with the weights of its last step.
            always: it has other weights.
        """
        if always or position.best_step != position.step:
            _load_learnt(model, self._path(position.best_step))

    def _newest(self) -> tuple[int, dict[str, Any] | None]:
        """Step and state of the newest checkpoint that can be gone on from."""
        for folder in reversed(self._folders()):
            state = self._verified(folder)
            if state is None:
                continue
            position = Position(**state["position"])
            if position.best_score is None or self._verified(self._path(position.best_step)) is not None:
                return position.step, state  # otherwise the best weights so far would be lost
        return 0, None

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


def _prefix(rank: int) -> str:
    """Of the names of a process's random states."""
    return f"rng{rank or ''}."


def _named(states: Sequence[tuple[Any, Mapping[str, torch.Tensor]]]) -> dict[str, torch.Tensor]:
    """torch's random states of all processes by name."""
    return {f"{_prefix(rank)}{name}": value for rank, (_, own) in enumerate(states) for name, value in own.items()}


def _learnt(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """What training changes: weights with a gradient and stored buffers. Frozen weights come from the base model."""
    learning = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    stored = model.state_dict()
    names = learning | {name for name, _ in model.named_buffers() if name in stored}
    return {name: whole(stored[name]).contiguous() for name in sorted(names)}


def _load_learnt(model: torch.nn.Module, folder: Path) -> None:
    from safetensors.torch import load_file

    stored = model.state_dict()
    found = {name: part(value, stored[name]) for name, value in load_file(folder / WEIGHTS).items() if name in stored}
    model.load_state_dict(found, strict=False)


def _optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[list[dict[str, Any]], dict[str, torch.Tensor]]:
    """Settings of the groups as plain JSON, and per-weight tensors as ``"INDEX.NAME"``."""
    state = optimizer.state_dict()
    tensors = {f"{index}.{name}": whole(value) for index, own in state["state"].items() for name, value in own.items()}
    return state["param_groups"], tensors


def _load_optimizer(
    optimizer: torch.optim.Optimizer, groups: list[dict[str, Any]], tensors: Mapping[str, torch.Tensor]
) -> None:
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        like = weights[int(index)]
        state.setdefault(int(index), {})[name] = value if name == "step" else part(value, like)
    optimizer.load_state_dict({"state": state, "param_groups": groups})
