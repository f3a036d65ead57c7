"""What decoding is compared with, each in a process of its own that answers one order a line.

    python benchmarks/lm_opponents.py NAME MODEL THREADS

Runs in the opponent's own environment, so nothing of Seatrial is imported. MODEL is a GGUF file, for transformers a Hub
folder. An order is JSON: `{"prompts": [[token ids]…], "tokens": n}`, answered with `{"times": [[seconds]…]}`: for each
prompt when each token was there, from the order on; or for transformers `{"score": [[token ids]…], "out": file.npz}`,
which writes the loss of every token and the logits of the first text.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["OPPONENTS"]

Times = list[list[float]]


def transformers(model: str, threads: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """`generate` in float32, all prompts as one batch; they must be of one length."""
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.generation.streamers import BaseStreamer

    torch.set_num_threads(threads)
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()

    class Clock(BaseStreamer):
        """Notes when tokens come; the first call brings the prompt."""

        def __init__(self) -> None:
            self.times: list[float] = []

        def put(self, value: Any) -> None:  # noqa: ARG002 - the name is the protocol's
            self.times.append(time.perf_counter())

        def end(self) -> None:
            pass

    def generate(prompts: list[list[int]], tokens: int) -> Times:
        clock = Clock()
        started = time.perf_counter()
        with torch.inference_mode():
            network.generate(
                torch.tensor(prompts),
                attention_mask=torch.ones(len(prompts), len(prompts[0]), dtype=torch.long),
                min_new_tokens=tokens,
                max_new_tokens=tokens,
                do_sample=False,
                streamer=clock if len(prompts) == 1 else None,
                pad_token_id=0,
            )
        if len(prompts) > 1:  # a streamer takes no batch: the end alone is known
            return [[time.perf_counter() - started]] * len(prompts)
        return [[at - started for at in clock.times[1:]]]

    def score(texts: list[list[int]], out: str) -> None:
        losses, first = [], None
        with torch.inference_mode():
            for text in texts:
                logits = network(torch.tensor([text])).logits[0]
                first = logits.numpy().copy() if first is None else first
                losses.append(torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(text[1:]), reduction="none"))
        np.savez(out, losses=torch.cat(losses).numpy(), first=first)

    def answer(order: dict[str, Any]) -> dict[str, Any]:
        if "score" in order:
            score(order["score"], order["out"])
            return {}
        return {"times": generate(order["prompts"], order["tokens"])}

    return answer


def llama_cpp(model: str, threads: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """llama.cpp through its Python bindings; one prompt after the other."""
    from llama_cpp import Llama

    network = Llama(model, n_ctx=2048, n_threads=threads, n_threads_batch=threads, n_batch=512, verbose=False)

    def generate(prompt: list[int], tokens: int) -> list[float]:
        network.reset()  # or it would reuse what it has read of the same prompt
        started = time.perf_counter()
        times: list[float] = []
        for _ in network.generate(prompt, temp=0.0, top_k=1, repeat_penalty=1.0):
            times.append(time.perf_counter() - started)
            if len(times) == tokens:
                break
        return times

    def answer(order: dict[str, Any]) -> dict[str, Any]:
        return {"times": [generate(prompt, order["tokens"]) for prompt in order["prompts"]]}

    return answer


def openvino_genai(model: str, threads: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """OpenVINO GenAI, which reads the GGUF file itself; one prompt after the other."""
    import numpy as np
    import openvino
    import openvino_genai

    pipeline = openvino_genai.LLMPipeline(model, "CPU", INFERENCE_NUM_THREADS=threads)

    def generate(prompt: list[int], tokens: int) -> list[float]:
        config = openvino_genai.GenerationConfig(max_new_tokens=tokens, ignore_eos=True, do_sample=False)
        inputs = openvino_genai.TokenizedInputs(
            openvino.Tensor(np.array([prompt], dtype=np.int64)), openvino.Tensor(np.ones((1, len(prompt)), np.int64))
        )
        metrics = pipeline.generate(inputs, config).perf_metrics
        first, each = metrics.get_ttft().mean / 1000, metrics.get_tpot().mean / 1000
        return [first + each * i for i in range(tokens)]

    def answer(order: dict[str, Any]) -> dict[str, Any]:
        return {"times": [generate(prompt, order["tokens"]) for prompt in order["prompts"]]}

    return answer


OPPONENTS = {"transformers": transformers, "llama-cpp": llama_cpp, "openvino-genai": openvino_genai}


def main() -> None:
    """Say that the model is there, then answer orders until there are no more."""
    name, model, threads = sys.argv[1:]
    answer = OPPONENTS[name](model, int(threads))
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
