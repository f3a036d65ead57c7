from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from seatrial.errors import ArtifactError
from seatrial.export.decoder_graph import PRECISIONS, decoder_graph, write_decoder
from seatrial.export.decoder_weights import DecoderLayer, DecoderWeights, Projection
from seatrial.export.rotary_tables import rotary_tables
from seatrial.generate.engines.onnx import OnnxEngine, open_engine
from seatrial.generate.request import GenerateRequest, SamplingSettings
from seatrial.generate.scheduler import Scheduler

VOCABULARY, WIDTH, HEADS, KV_HEADS, HEAD_WIDTH, INNER, CONTEXT = 40, 32, 4, 2, 16, 48, 48


def weights(seed: int) -> DecoderWeights:
    rng = np.random.default_rng(seed)

    def wild(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.3, shape).astype(np.float32)

    def layer() -> DecoderLayer:
        return DecoderLayer(
            attention_norm=1 + wild(WIDTH),
            qkv=Projection(wild((HEADS + 2 * KV_HEADS) * HEAD_WIDTH, WIDTH)),
            output=Projection(wild(WIDTH, HEADS * HEAD_WIDTH)),
            feed_forward_norm=1 + wild(WIDTH),
            gate_up=Projection(wild(2 * INNER, WIDTH)),
            down=Projection(wild(WIDTH, INNER)),
        )

    cosines, sines = rotary_tables({}, HEAD_WIDTH, CONTEXT, where="")
    layers = (layer(), layer())
    return DecoderWeights(
        wild(VOCABULARY, WIDTH), layers, 1 + wild(WIDTH), None, HEADS, KV_HEADS, HEAD_WIDTH, 1e-5, cosines, sines
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_decoder(weights(1), tmp_path_factory.mktemp("decoder") / "fp32", PRECISIONS["fp32"]).parent


@pytest.fixture
def alone(folder: Path) -> Callable[[list[int]], np.ndarray]:
    """Logits [T, V] of a sequence in an engine of its own."""
    engine = open_engine(folder, slots=1, threads=1)

    def compute(token_ids: list[int]) -> np.ndarray:
        engine.trim(0, 0)
        return engine.prefill(0, token_ids, last=len(token_ids)).copy()

    return compute


def test_slots_hold_what_they_were_given_whatever_happens_around_them(
    folder: Path, alone: Callable[[list[int]], np.ndarray], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    engine = open_engine(folder, slots=5, threads=1)
    held: list[list[int]] = [[] for _ in range(5)]

    def some(count: int) -> list[int]:
        return rng.integers(0, VOCABULARY, count).tolist()

    for slot in range(5):
        held[slot] = some(1 + 3 * slot)
        engine.prefill(slot, held[slot], last=0)
    for _ in range(40):
        slots = rng.permutation(5)[: rng.integers(1, 6)].tolist()
        token_ids = some(len(slots))
        logits = engine.decode(slots, token_ids).copy()
        for slot, token_id in zip(slots, token_ids, strict=True):
            held[slot].append(token_id)
        place = int(rng.integers(len(slots)))
        np.testing.assert_allclose(logits[place], alone(held[slots[place]])[-1], atol=2e-4)
        source, target = rng.permutation(5)[:2].tolist()
        what = rng.integers(4)
        if what == 0:
            engine.copy(source, target)
            held[target] = list(held[source])
        elif what == 1 or len(held[source]) > CONTEXT - 10:
            length = int(rng.integers(0, len(held[source]) // 2 + 1))
            engine.trim(source, length)
            del held[source][length:]
        elif what == 2:
            more = some(4)
            held[source] += more
            np.testing.assert_allclose(engine.prefill(source, more, last=3), alone(held[source])[-3:], atol=2e-4)
        for slot in range(5):
            if len(held[slot]) > CONTEXT - 8:
                engine.trim(slot, 0)
                held[slot] = []


def test_logits_come_in_the_order_of_the_slots(folder: Path, alone: Callable[[list[int]], np.ndarray]) -> None:
    engine = open_engine(folder, slots=3, threads=1)
    for slot in range(3):
        engine.prefill(slot, [slot + 1])
    found = engine.decode([2, 0, 1], [7, 8, 9])
    for row, token_ids in zip(found, ([3, 7], [1, 8], [2, 9]), strict=True):
        np.testing.assert_allclose(row, alone(token_ids)[-1], atol=1e-4)


def test_the_scheduler_says_what_step_by_step_computing_says(
    folder: Path, alone: Callable[[list[int]], np.ndarray]
) -> None:
    scheduler = Scheduler(open_engine(folder, slots=3, threads=1), prefill_tokens=4)
    prompts = [[1, 2, 3] * 3, [7], [9, 8], [4] * 11, [5, 6, 5, 6, 5]]
    requests = [
        GenerateRequest(prompt=prompt, sampling=SamplingSettings(temperature=0), max_tokens=10, draft_tokens=i % 2 * 4)
        for i, prompt in enumerate(prompts)
    ]
    streams = [scheduler.submit(request) for request in requests]
    while scheduler.has_work:
        scheduler.step()
    for prompt, stream in zip(prompts, streams, strict=True):
        token_ids = list(prompt)
        for _ in range(10):
            token_ids.append(int(alone(token_ids)[-1].argmax()))
        assert list(stream.answers()[0].token_ids) == token_ids[len(prompt) :]


def test_the_context_ends_where_it_was_set(folder: Path) -> None:
    engine = open_engine(folder, slots=1, context=8, threads=1)
    assert engine.context == 8
    assert open_engine(folder, context=10**6).context == CONTEXT
    engine.prefill(0, [1] * 8)
    with pytest.raises(ValueError, match="9 tokens"):
        engine.decode([0], [1])
    engine.trim(0, 7)
    engine.decode([0], [1])


def test_what_is_no_decoder_is_refused(tmp_path: Path) -> None:
    import onnx

    with pytest.raises(ArtifactError, match="cannot load"):
        open_engine(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"nonsense")
    with pytest.raises(ArtifactError, match="cannot load"):
        open_engine(tmp_path)
    model = decoder_graph(weights(1), PRECISIONS["fp32"])
    del model.metadata_props[:]
    onnx.save_model(model, tmp_path / "model.onnx")
    with pytest.raises(ArtifactError, match="not a decoder"):
        OnnxEngine(tmp_path / "model.onnx")
