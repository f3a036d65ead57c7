"""A model that generates without a network: its engine counts, its tokens are characters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from seatrial.errors import RequestError
from seatrial.generate.events import Choice, Finished, Token
from seatrial.generate.request import GenerateRequest
from seatrial.records import Release
from seatrial.serve.generation.ask import Message
from seatrial.serve.generation.model import GeneratingModel
from seatrial.serve.settings import ServeSettings
from seatrial.tokenize.stream import StopStrings

END = 0
CONTROL = "<|end|>"


class Letters:
    """Words whose tokens are characters; token 0 ends an answer. A message is its role's first letter and its text."""

    stop_ids = frozenset({END})
    control = (CONTROL,)
    chats = True
    fills = False

    def of_messages(self, messages: Sequence[Message]) -> list[int]:
        if messages[0].content == "refused by the template":
            raise RequestError("the chat template refuses these messages")
        return self.of_text("".join(f"{m.role.value[0]}:{m.content}\n" for m in messages))

    def of_text(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def of_gap(self, before: str, behind: str) -> list[int]:
        return self.of_text(f"{before}[gap]{behind}")

    def reader(self, stop: Sequence[str]) -> LetterReader:
        return LetterReader(stop)

    def bytes_of(self, token_id: int) -> bytes:
        return chr(token_id).encode()


class LetterReader:
    def __init__(self, stop: Sequence[str]) -> None:
        self._stops = StopStrings(stop)

    @property
    def stopped(self) -> str | None:
        return self._stops.found

    def push(self, token_id: int) -> str:
        return self._stops.push(chr(token_id))

    def finish(self) -> str:
        return self._stops.finish()


class Script:
    """An engine that says what a test has it say, a letter per step; after the text comes the end.

    Attributes:
        says: the answer to every request.
        go: cleared by a test that wants to see an answer under way: the rest waits for it.
        pause_at: after so many letters an answer waits for `go`.
        failure: raised there instead.
        cancelled: requests that nobody waited for any more.
        asked: every request.
    """

    context, vocabulary, slots = 200, 0x110000, 2

    def __init__(self, says: str = "Yes, captain.") -> None:
        self.says = says
        self.go = asyncio.Event()
        self.go.set()
        self.pause_at = 0
        self.failure: Exception | None = None
        self.cancelled = 0
        self.closed = False
        self.asked: list[GenerateRequest] = []

    def submit(self, request: GenerateRequest) -> ScriptStream:
        self.asked.append(request)
        return ScriptStream(self, request)

    def close(self) -> None:
        self.closed = True


class ScriptStream:
    def __init__(self, script: Script, request: GenerateRequest) -> None:
        self._script, self._request = script, request
        self._events = self._run()
        self._wanted = asyncio.Event()

    def __aiter__(self) -> AsyncIterator[Token | Finished]:
        return self._events

    def cancel(self) -> None:
        if not self._wanted.is_set():
            self._wanted.set()
            self._script.cancelled += 1

    async def _run(self) -> AsyncIterator[Token | Finished]:
        script, request = self._script, self._request
        told = request.sampling.log_probabilities
        for place, letter in enumerate(script.says):
            if place == script.pause_at:
                if script.failure:
                    raise script.failure
                go, end = asyncio.ensure_future(script.go.wait()), asyncio.ensure_future(self._wanted.wait())
                await asyncio.wait((go, end), return_when=asyncio.FIRST_COMPLETED)
                go.cancel()
                end.cancel()
            for index in range(request.n):
                if self._wanted.is_set():
                    yield Finished(index, "cancelled", place)
                    return
                top = ((ord(letter), -0.5), (ord("?"), -2.0))[:told] if told else ()
                yield Token(index, Choice(ord(letter), None if told is None else -0.5, top))
                if place + 1 == request.max_tokens:
                    yield Finished(index, "length", place + 1)
            if place + 1 == request.max_tokens:
                return
        for index in range(request.n):
            yield Token(index, Choice(END))
            yield Finished(index, "stop", len(script.says) + 1)


def writer(
    folder: Path, script: Script, settings: ServeSettings | None = None, *, name: str = "writer", version: str = "w1"
) -> GeneratingModel:
    """A model in service on a script."""
    release = Release(
        path=folder,
        name=name,
        version=version,
        task="causal-lm",
        labels=(),
        model_file=folder / "onnx" / "model.onnx",
        tokenizer_file=folder / "tokenizer.json",
        temperature=1.0,
        max_length=script.context,
        generates=True,
    )
    return GeneratingModel(release, Letters(), script, settings or ServeSettings())
