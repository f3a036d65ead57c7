"""Language models, our own and those of transformers, called alike: token ids in, logits out.

Refuses to know: tokenizers, losses.

Shapes: B rows of a batch, T tokens of a row, S tokens of a source, V vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from seatrial.models.networks.config import NetworkConfig

if TYPE_CHECKING:
    import torch

__all__ = ["causal_logits", "masked_logits", "pair_logits", "vocabulary_size"]


def causal_logits(
    model: torch.nn.Module,
    input_ids: torch.Tensor,
    *,
    positions: torch.Tensor | None = None,
    documents: torch.Tensor | None = None,
    wanted: torch.Tensor | None = None,
) -> torch.Tensor:
    """Logits [B, T, V]; those at t are for token t + 1. With `wanted` those of N places alone, [N, V].

    Args:
        model: a `models.networks` decoder, or a causal model of transformers.
        input_ids: [B, T]; padding, if any, is on the right, where no token of a text sees it.
        positions: [B, T] of each token in its document; None counts from the start of the row.
        documents: [B, T] number of each token's document; None: each row is one.
        wanted: [B, T], a mask of places. An output layer over a large vocabulary can cost as much as the network; ours
            computes it for these places only.
    """
    if _is_ours(model):
        return cast("torch.Tensor", model(input_ids, positions=positions, documents=documents, wanted=wanted))
    settings: dict[str, Any] = {"use_cache": False}
    if positions is not None:
        settings["position_ids"] = positions
    if documents is not None:
        settings["attention_mask"] = _own_document(documents, next(model.parameters()).dtype)
    logits = cast("torch.Tensor", model(input_ids=input_ids, **settings).logits)
    return logits if wanted is None else logits[wanted]


def masked_logits(
    model: torch.nn.Module, input_ids: torch.Tensor, mask: torch.Tensor | None, wanted: torch.Tensor
) -> torch.Tensor:
    """Logits [N, V] of the tokens themselves, at the places where they are wanted.

    Args:
        model: a `models.networks` masked language model, or one of transformers.
        input_ids: [B, T].
        mask: [B, T], 1 for text and 0 for padding; None: there is none.
        wanted: [B, T], a mask of N places. An output layer over a large vocabulary can cost as much as the network; it
            is computed for these places only.
    """
    if _is_ours(model):
        return cast("torch.Tensor", model(input_ids, attention_mask=mask, wanted=wanted))
    output: Any = model.get_output_embeddings()  # type: ignore[operator]
    chosen = output.register_forward_pre_hook(lambda _, hidden_BTE: (hidden_BTE[0][wanted],))
    try:
        return cast("torch.Tensor", model(input_ids=input_ids, attention_mask=mask).logits)
    finally:
        chosen.remove()


def pair_logits(
    model: torch.nn.Module, input_ids: torch.Tensor, mask: torch.Tensor | None, written: torch.Tensor
) -> torch.Tensor:
    """Logits [B, T, V]; those at t are for token t + 1 of what is written.

    Args:
        model: a `models.networks` encoder-decoder, or one of transformers.
        input_ids: [B, S], the source.
        mask: [B, S], 1 for text and 0 for padding; None: there is none.
        written: [B, T], what the decoder is given, padded on the right.
    """
    if _is_ours(model):
        return cast("torch.Tensor", model(input_ids, written, attention_mask=mask))
    return cast("torch.Tensor", model(input_ids=input_ids, attention_mask=mask, decoder_input_ids=written).logits)


def _is_ours(model: torch.nn.Module) -> bool:
    return isinstance(getattr(model, "config", None), NetworkConfig)


def vocabulary_size(model: torch.nn.Module) -> int:
    """V."""
    config: Any = model.config
    return int(config.vocab_size)


def _own_document(documents_BT: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """What is added to attention scores, [B, 1, T, T]: 0 for earlier tokens of the same document, else the least
    number. transformers takes a mask of four dimensions as it is."""
    import torch

    length = documents_BT.shape[1]
    same_BTT = documents_BT[:, :, None] == documents_BT[:, None, :]
    seen_BTT = same_BTT & torch.ones(length, length, dtype=torch.bool, device=documents_BT.device).tril()
    mask_BTT = torch.zeros(seen_BTT.shape, dtype=dtype, device=documents_BT.device)
    return mask_BTT.masked_fill_(~seen_BTT, torch.finfo(dtype).min)[:, None]
