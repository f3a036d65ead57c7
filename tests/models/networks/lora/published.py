"""Toy models of transformers, one of each kind that adapters must find their way in."""

from __future__ import annotations

from typing import Any

__all__ = ["PUBLISHED", "published"]

PUBLISHED = ("bert", "gpt2", "llama", "t5", "distilbert", "roberta")


def published(kind: str) -> Any:
    """A fresh toy model, in evaluation mode, without dropout."""
    import transformers as hf

    bert: dict[str, Any] = {
        "vocab_size": 37,
        "hidden_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 40,
        "max_position_embeddings": 34,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "initializer_range": 0.3,
    }
    gpt2: dict[str, Any] = {"vocab_size": 37, "n_embd": 24, "n_layer": 2, "n_head": 4, "n_positions": 32}
    gpt2 |= {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0, "initializer_range": 0.3}
    gpt2 |= {"bos_token_id": 0, "eos_token_id": 0}
    llama: dict[str, Any] = {name: bert[name] for name in list(bert)[:6]} | {"num_key_value_heads": 2}
    llama |= {"initializer_range": 0.3}
    t5: dict[str, Any] = {"vocab_size": 37, "d_model": 24, "d_kv": 6, "d_ff": 40, "num_layers": 2, "num_heads": 4}
    t5 |= {"dropout_rate": 0.0, "num_decoder_layers": 3, "decoder_start_token_id": 0}
    distilbert: dict[str, Any] = {"vocab_size": 37, "dim": 24, "n_layers": 2, "n_heads": 4, "hidden_dim": 40}
    made = {
        "bert": lambda: hf.BertModel(hf.BertConfig(**bert)),
        "roberta": lambda: hf.RobertaModel(hf.RobertaConfig(**bert)),
        "gpt2": lambda: hf.GPT2LMHeadModel(hf.GPT2Config(**gpt2)),
        "llama": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**llama)),
        "t5": lambda: hf.T5ForConditionalGeneration(hf.T5Config(**t5)),
        "distilbert": lambda: hf.DistilBertModel(hf.DistilBertConfig(**distilbert)),
    }
    return made[kind]().eval()
