"""The state of every random number generator that training draws from: taken, stored as JSON and tensors, put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch

__all__ = ["restore_rng", "rng_state", "seed_all"]


def seed_all(seed: int) -> None:
    """Seed Python's, numpy's and torch's generators, on every device."""
    import random

    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def rng_state() -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Python's and numpy's states as plain JSON, and torch's as byte tensors (``"cpu"``, ``"cuda.0"``, …)."""
    import random

    import numpy as np
    import torch

    kind, numbers, gauss = random.getstate()
    name, key, *rest = cast("tuple[Any, ...]", np.random.get_state(legacy=True))
    plain = {
        "python": [kind, list(numbers), gauss],
        "numpy": [name, key.tolist(), *rest],
    }
    tensors = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors |= {f"cuda.{index}": state for index, state in enumerate(torch.cuda.get_rng_state_all())}
    return plain, tensors


def restore_rng(plain: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
    """Put back what `rng_state` took."""
    import random

    import numpy as np
    import torch

    kind, numbers, gauss = plain["python"]
    random.setstate((kind, tuple(numbers), gauss))
    name, key, *rest = plain["numpy"]
    np.random.set_state((name, np.array(key, dtype=np.uint32), *rest))
    torch.set_rng_state(tensors["cpu"])
    for index in range(len(tensors) - 1):
        torch.cuda.set_rng_state(tensors[f"cuda.{index}"], index)
