"""The network behind one door: whatever is done with it happens inside one forward call.

DDP and FSDP act when the module that they wrap is called. An objective calls a network in its own way: by its parts,
more than once, with settings of its own, and looks at its configuration. So the call of an objective as a whole is what
they wrap, and the objective sees the network itself.

This module imports torch when it is imported; import it where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

__all__ = ["Inner"]


class Inner(torch.nn.Module):
    """Calls a function with the network.

    Args:
        network: as objectives call it.
    """

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, use: Callable[[torch.nn.Module], Any]) -> Any:
        """What `use` gives; a loss must be the tensor itself, so that its gradient is found."""
        return use(self.network)
