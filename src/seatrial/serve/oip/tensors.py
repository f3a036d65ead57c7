"""Tensors as the Open Inference Protocol has them: a name, a datatype, a shape, and elements in JSON or in bytes.

Sources: KServe's "Open Inference Protocol (V2)" and, for elements in bytes, Triton's "Binary Tensor Data Extension".
Refuses to know: models, requests, transports.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seatrial.errors import RequestError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BYTES",
    "FP32",
    "INPUT",
    "InputTensor",
    "OutputTensor",
    "TensorSpec",
    "check_counts",
    "check_parameters",
    "join_bytes",
    "shown",
    "split_bytes",
    "texts_of",
]

BYTES, FP32 = "BYTES", "FP32"
LENGTH = struct.Struct("<I")  # in front of each element of a BYTES tensor in binary form
MAX_SHOWN_CHARS = 60
MAX_OUTPUTS = 8
"""More than any model here gives."""
HINT = "send one input tensor: name 'text', datatype 'BYTES', shape [1] or [1, 1], and one text in it"
HOW_BYTES = "write each text as its length in bytes, 4 bytes little-endian, and the text in UTF-8"
NOT_OFFERED = {
    "shared_memory_region": "shared memory is not offered",
    "classification": "the classification extension is not offered",
}
"""Parameters that ask for something else than an answer in the response; all others that are unknown do no harm."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """What a model takes or gives; -1 in the shape is any number."""

    name: str
    datatype: str
    shape: tuple[int, ...]


INPUT = TensorSpec("text", BYTES, (-1,))


@dataclass(frozen=True, slots=True)
class InputTensor:
    """A tensor as a client sent it, nothing of it checked.

    Attributes:
        elements: its elements, row by row; None where `raw` has them.
        raw: the same in binary form: each element's length as 4 bytes, little-endian, and the element.
        parameters: what the client said about the tensor.
    """

    name: object
    datatype: object
    shape: Sequence[object]
    elements: Sequence[object] | None = None
    raw: bytes | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutputTensor:
    """A tensor of an answer: float32 of any shape, or strings in one dimension."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: NDArray[np.float32] | list[str]
    parameters: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        """The elements in binary form, little-endian, row by row."""
        if isinstance(self.values, list):
            return join_bytes([value.encode() for value in self.values])
        return self.values.astype("<f4", copy=False).tobytes()

    def data(self) -> list[str] | list[float]:
        """The elements as JSON knows them, row by row."""
        flat: list[str] | list[float] = self.values if isinstance(self.values, list) else self.values.ravel().tolist()
        return flat


def join_bytes(elements: Sequence[bytes]) -> bytes:
    """Elements of a BYTES tensor in binary form."""
    return b"".join(part for element in elements for part in (LENGTH.pack(len(element)), element))


def split_bytes(raw: bytes, count: int) -> list[bytes]:
    """The elements of a BYTES tensor in binary form.

    Args:
        raw: what `join_bytes` gives.
        count: how many there must be; no more than this are ever made.

    Raises:
        RequestError: there are more or fewer, or a length does not fit.
    """
    elements, position = [], 0
    for index in range(count):
        if len(raw) - position < LENGTH.size:
            raise RequestError(f"the bytes of the tensor 'text' end before its element {index}", hint=HOW_BYTES)
        (length,) = LENGTH.unpack_from(raw, position)
        position += LENGTH.size
        if length > len(raw) - position:
            raise RequestError(
                f"element {index} of the tensor 'text' says that it has {length} bytes, {len(raw) - position} are left",
                hint=HOW_BYTES,
            )
        elements.append(raw[position : position + length])
        position += length
    if position < len(raw):
        raise RequestError(f"the tensor 'text' has {len(raw) - position} bytes beyond its shape", hint=HOW_BYTES)
    return elements


def check_counts(inputs: int, outputs: int) -> None:
    """Refuse what no model takes or gives, before anything is made of it: an empty tensor is 2 bytes of a message.

    Args:
        inputs: tensors in a request.
        outputs: tensors that it asks for.

    Raises:
        RequestError: there are others than one, or more than `MAX_OUTPUTS`.
    """
    if inputs != 1:
        raise RequestError(f"there are {inputs} input tensors" if inputs else "there is no input tensor", hint=HINT)
    if outputs > MAX_OUTPUTS:
        raise RequestError(f"{outputs} outputs are asked for", hint="name each output of the model once, or none")


def texts_of(inputs: Sequence[InputTensor], max_texts: int) -> list[str]:
    """The texts in the one tensor that a model takes.

    Args:
        inputs: the tensors of a request.
        max_texts: texts in one request, at most.

    Raises:
        RequestError: there are other tensors, or it is not what it says it is.
    """
    check_counts(len(inputs), 0)
    tensor = inputs[0]
    if tensor.name != INPUT.name:
        raise RequestError(f"this model has no input {shown(tensor.name)}", hint=HINT)
    check_parameters(tensor.parameters)
    if tensor.datatype != BYTES:
        raise RequestError(f"the tensor 'text' has the datatype {shown(tensor.datatype)}", hint=HINT)
    count = _count(tensor.shape, max_texts)
    elements = tensor.elements if tensor.raw is None else split_bytes(tensor.raw, count)
    if elements is None:
        raise RequestError("the tensor 'text' holds no data", hint=HINT)
    if len(elements) != count:
        raise RequestError(
            f"the tensor 'text' holds {len(elements)} elements, its shape says {count}", hint="make the two agree"
        )
    return [_text(element, index) for index, element in enumerate(elements)]


def _count(shape: Sequence[object], max_texts: int) -> int:
    few = shape[:3]  # a client may send a million
    sizes = [size for size in few if isinstance(size, int) and not isinstance(size, bool) and size >= 0]
    if len(sizes) != len(few) or len(sizes) not in (1, 2) or sizes[1:] not in ([], [1]):
        raise RequestError("the tensor 'text' has another shape", hint="give it the shape [n] or [n, 1] for n texts")
    if not 1 <= sizes[0] <= max_texts:
        shown = sizes[0] if sizes[0] < 10**9 else "too many"
        raise RequestError(f"the tensor 'text' holds {shown} texts", hint=f"send 1 to {max_texts} texts in one request")
    return sizes[0]


def _text(element: object, index: int) -> str:
    if isinstance(element, str):
        return element
    if not isinstance(element, bytes):
        raise RequestError(f"text[{index}] is not a string", hint="send texts; the datatype BYTES holds strings")
    try:
        return element.decode()
    except UnicodeDecodeError as error:
        raise RequestError(
            f"text[{index}] is not UTF-8 (byte {error.start})", hint="encode the texts as UTF-8"
        ) from error


def check_parameters(parameters: Mapping[str, object]) -> None:
    """Refuse what asks for another kind of transport.

    Raises:
        RequestError: such a parameter is there.
    """
    for name, why in NOT_OFFERED.items():
        if name in parameters:
            raise RequestError(why, hint=f"send the request without the parameter {name!r}")


def shown(value: object) -> str:
    """Something from a request as a message may hold it."""
    if isinstance(value, str):
        return repr(value[:MAX_SHOWN_CHARS])[:MAX_SHOWN_CHARS]  # an escape is longer than what it stands for
    return "null" if value is None else "of another type"
