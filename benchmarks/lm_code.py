"""Statements that a model of code completes: how many modules parse again → `results/lm.json`.

    python benchmarks/lm_code.py [PROJECT] [--statements N] [--out FOLDER] [--note TEXT]

PROJECT is `recipes/code-tiny` after `seatrial run`: its release, and its test split, modules that nobody learned from.
Of each drawn statement of one line the rest is taken away, from a random place on, where Python cannot read what is
left. The model writes it anew, always the likeliest token: going on from what is before; or filling the gap between
what is before and what is behind, up to where it ends the gap or, as editors ask for a line, up to the end of the line.
It counts where the definition around the statement parses then. Beside it, five-grams of characters that learned from
the same modules go on in the same way.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from results import RESULTS, figure, write_part

from seatrial.data.dataset import read_split
from seatrial.evaluate.opponents.ngram import END, ORDER, START, CharacterModel
from seatrial.export.decoder_graph import PRECISIONS, write_decoder
from seatrial.export.decoder_weights import read_decoder
from seatrial.generate.engines.onnx import OnnxEngine
from seatrial.generate.events import Token
from seatrial.generate.request import GenerateRequest, SamplingSettings
from seatrial.generate.runner import Runner
from seatrial.serve.generation.tokenizer_words import TokenizerWords

PROJECT = Path(__file__).parent.parent / "recipes" / "code-tiny"
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise, ast.Import, ast.ImportFrom)
LENGTHS = range(16, 100)
"""Characters of a statement."""
ANSWER_TOKENS = 40
SEED = 17
LONGEST = 80


@dataclass(frozen=True)
class Statement:
    """A statement within the outermost definition around it.

    Attributes:
        before: what stands before the place where it is cut.
        rest: what is taken away.
        behind: what stands behind it, from the end of its line on.
    """

    before: str
    rest: str
    behind: str

    def parses(self, completed: str) -> bool:
        """Whether Python reads the definition with this in the place of the rest."""
        try:
            ast.parse(self.before + completed + self.behind)
        except (SyntaxError, ValueError):
            return False
        return True


def statements(text: str, rng: random.Random) -> Iterator[Statement]:
    """Each statement of one line, cut once; those that Python reads without their rest are left out."""
    lines = text.splitlines(keepends=True)
    for outer in ast.parse(text).body:
        first, last = outer.lineno - 1, outer.end_lineno or outer.lineno
        if getattr(outer, "decorator_list", None):
            first = min(decorator.lineno for decorator in outer.decorator_list) - 1  # type: ignore[attr-defined]
        for node in ast.walk(outer):
            if not isinstance(node, SIMPLE) or node.lineno != node.end_lineno:
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a line of prose
            line, start, stop = lines[node.lineno - 1], node.col_offset, node.end_col_offset or 0
            if not line.isascii() or stop - start not in LENGTHS or line[stop:].strip():
                continue  # columns are counted in bytes; what follows on the line would make it another task
            cut = rng.randrange(start + 1, stop)
            head, tail = "".join(lines[first : node.lineno - 1]), "".join(lines[node.lineno : last])
            found = Statement(head + line[:cut], line[cut:stop], line[stop:] + tail)
            if not found.parses(""):
                yield found


class Writer:
    """The release, behind our engine in float32."""

    def __init__(self, release: Path, work: Path) -> None:
        self._words = TokenizerWords(release)
        self._engine = OnnxEngine(write_decoder(read_decoder(release), work, PRECISIONS["fp32"]), slots=1)
        self._runner = Runner(self._engine)

    def goes_on(self, statement: Statement) -> str:
        """Up to the end of the line."""
        room = self._engine.context - ANSWER_TOKENS
        return self._written(self._words.of_text(statement.before)[-room:], ("\n",))

    def fills(self, statement: Statement, stop: tuple[str, ...] = ()) -> str:
        """Up to where the model ends the gap; as much of the surroundings as fits, more of what is before."""
        room, before, behind = self._engine.context - ANSWER_TOKENS, statement.before, statement.behind
        while len(prompt := self._words.of_gap(before, behind)) > room:
            if len(before) > 2 * len(behind):
                before = before[len(before) // 8 + 1 :]
            else:
                behind = behind[: -(len(behind) // 8 + 1)]
        return self._written(prompt, stop)

    def fills_line(self, statement: Statement) -> str:
        """The same, up to the end of the line."""
        return self.fills(statement, ("\n",))

    def close(self) -> None:
        """End the engine's thread."""
        self._runner.close()

    def _written(self, prompt: Sequence[int], stop: tuple[str, ...]) -> str:
        stops, reader, text = self._words.stop_ids, self._words.reader(stop), ""
        settings: dict[str, Any] = {"sampling": SamplingSettings(temperature=0), "max_tokens": ANSWER_TOKENS}
        stream = self._runner.submit(GenerateRequest(prompt=list(prompt), stop_ids=stops, **settings))
        for event in stream:
            if isinstance(event, Token) and event.token_id not in stops:
                text += reader.push(event.token_id)
                if reader.stopped is not None:
                    return text
        return text + reader.finish()


class Grams:
    """Five characters in a row, as in the recipe's contract."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._model = CharacterModel(texts)
        self._letters = sorted(letter for letter in {*"".join(texts), END} if letter.isascii())

    def goes_on(self, statement: Statement) -> str:
        """The likeliest character, up to the end of the line."""
        written = ""
        while len(written) < LONGEST:
            history = (START * ORDER + statement.before + written)[1 - ORDER :]
            letter = max(self._letters, key=lambda letter: self._model.probability(history + letter))
            if letter in {"\n", END}:
                break
            written += letter
        return written


def measured_over_grams(project: Path) -> list[dict[str, Any]]:
    """What the run of the recipe itself measured: bits per byte, ours, the n-grams', and the difference."""
    rows = []
    for file in (project / ".seatrial" / "artifacts").glob("evaluate-*/report.json"):
        for found in json.loads(file.read_text(encoding="utf-8"))["measurements"]:
            if found["metric"] != "bits_per_byte" or found.get("where") or found["split"] != "validation":
                continue
            span, over = found["interval"], found.get("over")
            name = "bits per byte, difference" if over else f"bits per byte, {found['system']}"
            goal: dict[str, Any] = {"goal": "<= 0", "met": found["value"] <= 0, "opponent": "5-grams"} if over else {}
            interval = None if span is None else (span["low"], span["high"])
            rows.append(figure(name, found["value"], "bits/byte", interval=interval, n=found["n"], **goal))
    return rows


def main() -> None:
    """Measure and write the part `code` of `lm.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, nargs="?", default=PROJECT)
    parser.add_argument("--statements", type=int, default=400)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--note", default="greedy, float32", help="what a reader must know")
    options = parser.parse_args()
    data = next((options.project / ".seatrial" / "artifacts").glob("prepare-*"), None)
    if data is None or not (options.project / "release").is_dir():
        raise SystemExit(f"run the recipe first: seatrial run {options.project}")
    rng = random.Random(SEED)
    held_out = [example.inputs["text"] for example in read_split(data, "test")]
    drawn = [statement for text in held_out for statement in statements(text, rng)]
    rng.shuffle(drawn)
    drawn = drawn[: options.statements]
    assert all(statement.parses(statement.rest) for statement in drawn)
    print(f"{len(drawn)} statements of {len(held_out)} modules", flush=True)
    grams = Grams([example.inputs["text"] for example in read_split(data, "train")])
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(options.project / "release", Path(folder))
        ways: dict[str, Callable[[Statement], str]] = {
            "the model, filling the gap": writer.fills,
            "the model, filling the gap up to the end of the line": writer.fills_line,
            "the model, going on": writer.goes_on,
            "5-grams, going on": grams.goes_on,
        }
        rows = measured_over_grams(options.project)
        for name, way in ways.items():
            written = [way(statement) for statement in drawn]
            parse = sum(statement.parses(text) for statement, text in zip(drawn, written, strict=True)) / len(drawn)
            same = sum(statement.rest == text for statement, text in zip(drawn, written, strict=True)) / len(drawn)
            rows.append(figure(f"completed statements that parse: {name}", parse, "share", n=len(drawn)))
            rows.append(figure(f"completed statements as they were: {name}", same, "share", n=len(drawn)))
            print(f"{name}: {parse:.3f} parse, {same:.3f} as they were", flush=True)
        writer.close()
    print(write_part("lm", "code", rows, seed=SEED, folder=options.out, note=options.note))


if __name__ == "__main__":
    main()
