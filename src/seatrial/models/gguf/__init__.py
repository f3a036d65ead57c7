"""GGUF: one file with weights, settings and tokenizer, as llama.cpp reads it → our network's parts, or a Hub folder.

    read        the file: settings, tensors in fp32 under the names of Llama's layout, the tokenizer's data
    tokenizer   that data → `tokenizer.json` and `tokenizer_config.json`
    convert     file → folder, which everything else in Seatrial takes as a model

Of the architectures that GGUF can hold, Llama is read. Weights stay as exact as the file has them: a file in 4 bits
gives an fp32 model of those 4 bits. Needs the extra `lm`; loads no torch.
"""

from __future__ import annotations

from seatrial.models.gguf.convert import gguf_to_hub
from seatrial.models.gguf.read import GgufModel, GgufTokenizer, read_gguf

__all__ = ["GgufModel", "GgufTokenizer", "gguf_to_hub", "read_gguf"]
