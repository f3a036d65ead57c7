"""One run of accept for decoder graphs: judged token by token, and measured through the service that writes.

Candidates take turns in being measured: what else the machine does meets all of them alike.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seatrial.pipeline.acceptance import TRIED, Acceptance, candidate_names
from seatrial.pipeline.beside_base import beside_base
from seatrial.pipeline.contenders import Contender
from seatrial.pipeline.decoder_candidates import GRAPH, decoder_rows
from seatrial.pipeline.training_figures import training_figures
from seatrial.records import Measurement
from seatrial.spec.contract import OPERATIONAL_SPLITS
from seatrial.tasks import Generates

if TYPE_CHECKING:
    from seatrial.export.golden_tokens import Written
    from seatrial.serve.generation.tokenizer_words import TokenizerWords
    from seatrial.serve.process.generation_latency import AnswerTimes
    from seatrial.tasks import Prompt

__all__ = ["DecoderAcceptance"]

ROUNDS = 3
GOLDEN_PROMPT_TOKENS = 24
NUDGED_COPIES = 2


class DecoderAcceptance(Acceptance):
    """The steps of `Acceptance` with decoder graphs in the place of ONNX files that answer texts with numbers."""

    def contenders(self) -> list[Contender]:
        for name in candidate_names(self.context):
            self._write_release(name)
        self.times = self._measured()
        return super().contenders()

    def _contender(self, name: str, logits: NDArray[np.float32]) -> Contender:
        from seatrial.export.network_release import network_size_mb

        folder, latency = self._folder(name), self.times[name].figures
        size_mb = network_size_mb(folder)
        operational = {
            metric: Measurement(metric, value, int(latency["requests"]), "service", system=name)
            for metric, value in {**latency, "size_mb": size_mb}.items()
            if metric in OPERATIONAL_SPLITS
        }
        operational |= training_figures(self.context.inputs["train"], name)
        figures = self._figures(name, operational, logits)
        return Contender(name, self._graph(name), 1.0, figures, folder, size_mb, latency, logits)

    def _write_release(self, name: str) -> None:
        from seatrial.export.network_release import write_network_release

        folder = self._folder(name)
        folder.mkdir(parents=True)
        write_network_release(
            folder,
            model_folder=self.context.inputs["train"].path,
            name=self.spec.name,
            task=self.spec.task,
            max_length=self.spec.model.max_length,
            graph=self._graph(name).parent,
        )

    def _measured(self) -> dict[str, AnswerTimes]:
        """Every candidate through its service, in turns."""
        from seatrial.artifact.manifest import write_manifest
        from seatrial.serve.process.generation_latency import AnswerTimes, time_answers

        serving, names = self.spec.serving, candidate_names(self.context)
        words = self._words(names[0])
        context = self._context
        answer = min(serving.latency_answer_tokens, context // 2)
        asked = min(serving.latency_prompt_tokens, context // 2)
        prompts = self._prompts(words, tokens=asked, room=context - answer, count=serving.latency_answers)
        times = {name: AnswerTimes() for name in names}
        for turn in range(ROUNDS):
            for place, name in enumerate(names):
                self.context.progress("latency", turn * len(names) + place, ROUNDS * len(names))
                folder = self._folder(name)
                write_manifest(folder, kind="release")
                time_answers(
                    folder,
                    prompts,
                    times[name],
                    answers=-(-serving.latency_answers // ROUNDS),
                    tokens=answer,
                    ends=sorted(words.stop_ids),
                    threads=serving.threads,
                )
                (folder / "manifest.json").unlink()
        return times

    def _model_digest(self, contender: Contender) -> str:
        """Of all files of the graph."""
        from seatrial.artifact.digest import json_digest

        files = self.context.inputs["compress"].manifest["files"]
        return json_digest({file: files[file] for file in files if file.startswith(f"{contender.name}/")})

    def _test_logits(self, contender: Contender) -> NDArray[np.float32]:
        examples, reading = self.splits["test"].examples, self.readings["test"]
        rows = decoder_rows(
            contender.model_file, self.context, self.task, self.tokenizer, examples=examples, reading=reading
        )
        return beside_base(self.task, rows, self.said, "test")

    def finish(self, winner: Contender) -> None:
        """Write the golden answers: what the graph writes for the beginnings of validation examples, and how far copies
        that stand for other processors are from it."""
        from seatrial.export.golden_tokens import (
            ANSWERS,
            LENGTH,
            GoldenTokens,
            clearest_answers,
            moved,
            tolerance_for,
            write_golden_tokens,
        )
        from seatrial.export.nudge import nudged_copy

        words = self._words(winner.name)
        tokens = min(GOLDEN_PROMPT_TOKENS, self._context // 2)
        prompts = self._prompts(words, tokens=tokens, room=self._context - LENGTH, count=4 * ANSWERS)
        written = self._written(winner.model_file, words, prompts)
        largest = 0.0
        for seed in range(NUDGED_COPIES):
            copy = nudged_copy(winner.model_file, self.context.out / TRIED / f"nudged-{seed}", seed)
            largest = max(largest, moved(written, self._written(copy, words, prompts)))
            shutil.rmtree(copy.parent)
        tolerance = tolerance_for(largest)
        chosen = clearest_answers(written, tolerance)
        golden = GoldenTokens([prompts[n] for n in chosen], [written[n] for n in chosen], tolerance)
        write_golden_tokens(winner.folder, golden)

    def _written(self, graph: Path, words: TokenizerWords, prompts: Sequence[Prompt]) -> list[Written]:
        """What a graph writes for each prompt, as a service would."""
        from seatrial.generate.engines.onnx import OnnxEngine
        from seatrial.serve.generation.load import EngineDecoding
        from seatrial.serve.generation.rehearsal import rehearse

        engine = OnnxEngine(graph, slots=1, context=self._context, threads=self.spec.serving.threads)
        decoding = EngineDecoding(engine, max_waiting=1)
        try:
            return asyncio.run(rehearse(words, decoding, prompts))
        finally:
            decoding.close()

    def _writer(self, name: str) -> Path:
        return self._graph(name)

    def file_of(self, contender: Contender) -> str:
        return f"{contender.name}/{GRAPH}"

    def _prompts(self, words: TokenizerWords, *, tokens: int, room: int, count: int) -> list[Prompt]:
        from seatrial.pipeline.decoder_prompts import held_out_prompts

        assert isinstance(self.task, Generates), "nothing else has such candidates"
        examples = self.splits["validation"].examples
        return held_out_prompts(self.task, words, examples, tokens=tokens, room=room, count=count)

    def _words(self, name: str) -> TokenizerWords:
        from seatrial.serve.generation.tokenizer_words import TokenizerWords

        return TokenizerWords(self._folder(name))

    @property
    def _context(self) -> int:
        """Tokens of a prompt and its answer together, in a service as it is started without settings."""
        from seatrial.serve.settings import ServeSettings

        config = json.loads((self.context.inputs["train"].path / "config.json").read_text(encoding="utf-8"))
        return min(ServeSettings().generate_context, int(config["max_position_embeddings"]))

    def _graph(self, name: str) -> Path:
        return self.context.inputs["compress"].path / name / GRAPH

    def _folder(self, name: str) -> Path:
        return self.context.out / TRIED / name
