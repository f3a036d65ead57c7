"""What a layout promises, and the table by which tensors find their place in a published file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from seatrial.errors import ResolveError
from seatrial.models.networks.config import Activation, NetworkConfig
from seatrial.registry import Registry

__all__ = ["LAYOUTS", "Layout", "Place", "activation", "ids", "listed", "unlike"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one of our tensors is in a published file.

    Args:
        name: of their tensor.
        transposed: theirs is [in, out] where ours is [out, in].
        part: theirs holds several of ours, one after the other along `out`; which one this is.
        parts: how many theirs holds, of one size.
    """

    name: str
    transposed: bool = False
    part: int = 0
    parts: int = 1


class Layout(Protocol):
    """One way in which folders of the Hub keep a kind of network."""

    prefix: str
    """Of the body's tensors; files that hold the body alone leave it out."""

    ignored: str
    """A regular expression for tensors that a file may hold and a network does not need: buffers, other heads."""

    output: tuple[str, str]
    """Of their output layer and of the table that it may be tied to."""

    def read_config(self, settings: Mapping[str, Any], tensors: Collection[str]) -> NetworkConfig:
        """Our configuration from their `config.json` and the names of their tensors.

        A file may say that the output layer is tied and hold another one all the same; as in transformers 5, the tensor
        counts. `tensors` has its name only where it differs from the table.

        Raises:
            ResolveError: a setting that our networks cannot follow.
            SpecError: settings that do not fit each other.
        """

    def write_config(self, config: NetworkConfig) -> dict[str, Any]:
        """Their `config.json`."""

    def misfit(self, config: NetworkConfig) -> str | None:
        """Why this layout cannot hold such a network; None: it can."""

    def places(self, config: NetworkConfig) -> dict[str, Place]:
        """Each of our tensors, tied ones once, and where it is in their file."""


LAYOUTS: Registry[Callable[[], Layout]] = Registry(
    "model layout",
    "seatrial.layouts",
    {
        "bert": "seatrial.models.hub_layout.bert:Bert",
        "gpt2": "seatrial.models.hub_layout.gpt2:Gpt2",
        "llama": "seatrial.models.hub_layout.llama:Llama",
        "mistral": "seatrial.models.hub_layout.llama:Mistral",
        "t5": "seatrial.models.hub_layout.t5:T5",
        "seatrial": "seatrial.models.hub_layout.own:Own",
    },
)
"""`model_type` in `config.json` → layout."""

ACTIVATIONS: Mapping[str, Activation] = {
    "gelu": "gelu",
    "gelu_fast": "gelu-tanh",
    "gelu_new": "gelu-tanh",
    "gelu_pytorch_tanh": "gelu-tanh",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
}


def activation(name: str, key: str) -> Activation:
    """Our name of an activation.

    Args:
        name: theirs.
        key: where it stood in `config.json`.

    Raises:
        ResolveError: one that our networks do not have.
    """
    if name not in ACTIVATIONS:
        raise ResolveError(
            f"the activation {name!r} is not known", where=f"config.json: {key}", expected=", ".join(ACTIVATIONS)
        )
    return ACTIVATIONS[name]


def ids(value: int | list[int] | None) -> int | tuple[int, ...] | None:
    """One id or several, from JSON."""
    return tuple(value) if isinstance(value, list) else value


def listed(value: int | tuple[int, ...] | None) -> int | list[int] | None:
    """One id or several, for JSON."""
    return list(value) if isinstance(value, tuple) else value


def unlike(config: NetworkConfig, required: Mapping[str, object]) -> str | None:
    """The first setting that is not as `required`, as half a sentence; None: all are.

    Args:
        config: of a network.
        required: field or property of it → the value that it must have, or a set of such values.
    """
    for name, wanted in required.items():
        value = getattr(config, name)
        if value not in wanted if isinstance(wanted, frozenset) else value != wanted:
            return f"{name} is {value!r}"
    return None
