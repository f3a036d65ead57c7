"""The key-value cache: what a decoder computed about the tokens so far, so that the next token costs one token's work.

Keys and values of a token never change once it is read, for nothing later is seen. The cache holds those of several
texts, each in a slot of its own, in memory that is taken once. Texts may differ in length: a row of a batch is written
at its text's end, and the causal rule hides what lies behind the end of a shorter text. To take tokens back, for
example guesses of a draft model that were wrong, a slot is trimmed: its length shrinks, nothing is moved.

Refuses to know: which text is in which slot, when a slot is free. For inference; no gradient passes through.

Source: Shazeer 2019, "Fast Transformer Decoding", §2.4; trimming as Leviathan et al. 2023, "Fast Inference from
Transformers via Speculative Decoding", §2.

Shapes: B batch, T query positions, S key positions, K key-value heads, D width of a head, N slots, C capacity of a
slot.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from seatrial.errors import SeatrialError
from seatrial.models.networks.config import NetworkConfig
from seatrial.models.networks.multi_head import KeysValues
from seatrial.models.networks.places import Places

__all__ = ["CacheStep", "KeyValueCache", "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """What an encoder-decoder keeps of the text that it read.

    Args:
        keys_values: per block of the decoder, for its cross-attention.
        mask: what hides the padding, [B, 1, 1, S]; None: there is none.
    """

    keys_values: tuple[KeysValues, ...]
    mask: Tensor | None


class KeyValueCache:
    """Keys and values per block and slot.

    Args:
        config: of the network that will use it.
        slots: N, how many texts it holds at once.
        capacity: C, tokens per slot; None: the network's `max_positions`.
        dtype: of keys and values; the network's.
        device: where the network is.

    Attributes:
        lengths: tokens held per slot; shared with every view made by `for_slots`.
        slots: the slot of each row of a batch.
        source: what an encoder-decoder read; filled on its first call with this cache.
    """

    def __init__(
        self,
        config: NetworkConfig,
        *,
        slots: int,
        capacity: int | None = None,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        self.capacity = config.max_positions if capacity is None else capacity
        shape = (slots, config.kv_heads, self.capacity, config.head_size)
        layers = config.decoder_depth if config.kind == "encoder-decoder" else config.layers
        # Zeros, not empty memory: what is hidden gets weight 0, and 0 times a chance NaN would be NaN.
        self._keys_NKCD = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(layers)]
        self._values_NKCD = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(layers)]
        self.lengths = [0] * slots
        self.slots: tuple[int, ...] = tuple(range(slots))
        self.source: Source | None = None

    def for_slots(self, slots: Sequence[int]) -> KeyValueCache:
        """A view for a batch whose rows are the texts in these slots; memory and lengths are shared with this one."""
        view = copy.copy(self)
        view.slots = tuple(slots)
        if len(set(view.slots)) != len(view.slots) or not set(view.slots) <= set(range(len(self.lengths))):
            raise SeatrialError(
                f"slots {list(slots)} are not slots of the cache, each once",
                expected=f"different numbers from 0 to {len(self.lengths) - 1}",
            )
        return view

    def room(self, slot: int) -> int:
        """How many more tokens `slot` can hold."""
        return self.capacity - self.lengths[slot]

    def trim(self, slot: int, length: int) -> None:
        """Forget all but the first `length` tokens of `slot`; 0 empties it for another text."""
        if not 0 <= length <= self.lengths[slot]:
            raise SeatrialError(
                f"slot {slot} of the cache holds {self.lengths[slot]} tokens and cannot be trimmed to {length}",
                expected=f"0 to {self.lengths[slot]}",
            )
        self.lengths[slot] = length

    def copy_slot(self, source: int, target: int) -> None:
        """Let `target` hold what `source` holds, to continue one text in two ways."""
        length = self.lengths[source]
        for tensors in (self._keys_NKCD, self._values_NKCD):
            for x_NKCD in tensors:
                x_NKCD[target, :, :length] = x_NKCD[source, :, :length]
        self.lengths[target] = length

    def begin(self, input_ids_BT: Tensor) -> CacheStep:
        """Make ready for the next tokens of each row's text.

        Raises:
            SeatrialError: not one row per slot, or more tokens than a slot can hold; the cache is as it was.
        """
        batch, length = input_ids_BT.shape
        if batch != len(self.slots):
            raise SeatrialError(
                f"{batch} texts were given to a cache with {len(self.slots)} slots",
                expected="one row per slot",
                hint="choose the slots with cache.for_slots([…])",
            )
        full = [slot for slot in self.slots if self.room(slot) < length]
        if full:
            raise SeatrialError(
                f"slot {full[0]} of the cache holds {self.lengths[full[0]]} tokens and has no room for {length} more",
                expected=f"at most {self.capacity} tokens in a slot",
                hint="make the cache with a larger capacity, or shorten the text",
            )
        places = Places.continuing([self.lengths[slot] for slot in self.slots], length, input_ids_BT.device)
        return CacheStep(self, places)

    def write(self, layer: int, slots_B1: Tensor, places: Places, keys_values: KeysValues) -> KeysValues:
        """Put new keys and values at the ends of their texts; all keys and values up to the longest text's end."""
        S = places.keys_1S.shape[1]
        first, last = self.slots[0], self.slots[-1]
        in_order = self.slots == tuple(range(first, last + 1))
        rows = slice(first, last + 1) if in_order else list(self.slots)  # a slice is a view, a list makes a copy
        held = []
        for x_BKTD, x_NKCD in zip(keys_values, (self._keys_NKCD[layer], self._values_NKCD[layer]), strict=True):
            x_NKCD[slots_B1, :, places.queries_BT] = x_BKTD.detach().transpose(1, 2)
            held.append(x_NKCD[rows, :, :S])
        return held[0], held[1]


class CacheStep:
    """One call of a decoder with a cache: the same places for every block, and lengths that grow when all is done.

    Args:
        cache: that is written to.
        places: of the tokens of this call.
    """

    def __init__(self, cache: KeyValueCache, places: Places) -> None:
        self.cache = cache
        self.places = places
        self._slots_B1 = torch.tensor(cache.slots, device=places.queries_BT.device)[:, None]

    def remember(self, layer: int, key_BKTD: Tensor, value_BKTD: Tensor) -> KeysValues:
        """Write what block `layer` computed; key_BKSD and value_BKSD of all tokens so far."""
        return self.cache.write(layer, self._slots_B1, self.places, (key_BKTD, value_BKTD))

    def finish(self) -> None:
        """Count the tokens in. Not called when a block failed: the texts are then as long as before."""
        for slot in self.cache.slots:
            self.cache.lengths[slot] += self.places.queries_BT.shape[1]
