"""A model in service that generates: its words, an engine that many requests share, and the room in front of it.

Refuses to know: clients, protocols, other models, what was said before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field

from seatrial.errors import ArtifactError, BusyError, DeadlineError, RequestError, SeatrialError
from seatrial.export.golden_tokens import read_golden_tokens
from seatrial.generate.events import Choice, Finished, Token
from seatrial.generate.request import GenerateRequest, SamplingSettings
from seatrial.records import Release
from seatrial.serve.generation.ask import Ask
from seatrial.serve.generation.decoding import Decoding, TokenStream
from seatrial.serve.generation.pieces import Clocks, Piece
from seatrial.serve.generation.rehearsal import differs
from seatrial.serve.generation.room import STOPPING, Place, Room
from seatrial.serve.generation.words import Reader, Words
from seatrial.serve.in_service import InService, Load, card_of
from seatrial.serve.queue.priority import step_back
from seatrial.serve.settings import ServeSettings

__all__ = ["GeneratingModel"]

INLINE_CHARS = 1_000  # tokenizing this much takes about 0.2 ms; a hop to a thread and back would cost as much
CLOSE_POLL_S = 0.02
PROBE_TOKENS = 2


@dataclass(slots=True, eq=False)
class _Writing:
    """One answer while it is written."""

    reader: Reader
    choices: list[Choice] = field(default_factory=list)
    ended: bool = False


class GeneratingModel(InService):
    """Answers conversations and texts with texts.

    Args:
        release: what answers.
        words: its tokenizer and template.
        decoding: an engine that runs it; closed with the model.
        settings: how much may run and wait, and how long answers may be.
    """

    def __init__(self, release: Release, words: Words, decoding: Decoding, settings: ServeSettings) -> None:
        self.release, self.card, self.callers = release, card_of(release.path), 0
        self.words = words
        self._decoding = decoding
        self._longest_answer = settings.generate_max_tokens
        self.room = Room(
            slots=decoding.slots,
            context=decoding.context,
            max_waiting=settings.max_waiting,
            max_waiting_tokens=settings.max_waiting_tokens,
            max_wait_s=settings.generate_wait_ms / 1e3,
        )
        self._streams: set[TokenStream] = set()
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="seatrial-tokenize", initializer=step_back)

    @property
    def output_name(self) -> str:
        """What it gives."""
        return "text"

    @property
    def context(self) -> int:
        """Tokens of a prompt and its answer together, at most."""
        return self._decoding.context

    @property
    def max_tokens(self) -> int:
        """The same: a prompt that leaves no room for an answer is refused."""
        return self.context

    def check_room(self, deadline: float) -> None:
        """Refuse where not even an answer of one token would be let in."""
        self.room.check(1, 1, deadline)

    def load(self) -> Load:
        """What is written, and what waits."""
        room = self.room
        return Load(room.waiting, room.tokens, room.running, room.expected_wait_s)

    def answer_tokens(self, ask: Ask) -> int:
        """How long an answer to `ask` may become, in tokens.

        Raises:
            RequestError: more is asked for than is allowed.
        """
        if ask.max_tokens is None:
            return self._longest_answer
        if not 1 <= ask.max_tokens <= self._longest_answer:
            raise RequestError(
                f"max_tokens is {ask.max_tokens}", hint=f"send 1 to {self._longest_answer}, or leave it out"
            )
        return ask.max_tokens

    async def answer(
        self, ask: Ask, *, deadline: float, client: str = "", clocks: Clocks | None = None
    ) -> AsyncGenerator[Piece, None]:
        """Answer, a piece at a time. Closing the iterator ends the work at the engine's next step.

        Args:
            ask: what is asked; checked.
            deadline: on `time.monotonic`'s clock, for the whole answer.
            client: whose turn it is is decided client by client.
            clocks: hear of every token.

        Raises:
            RequestError: the prompt does not fit, or a setting cannot be meant.
            BusyError: no room, or the service is stopping; `DeadlineError` when the time ran out.
        """
        clocks = clocks or Clocks(self.release)
        self.callers += 1
        try:
            wanted = self.answer_tokens(ask)
            self.check_room(deadline)  # tokenizing costs more than refusing
            prompt = await self._prompt(ask, deadline)
            request = self._request(ask, prompt, wanted, deadline, client)
            place = self.room.take(ask.n, len(prompt) + ask.n * (request.max_tokens or 1), deadline)
            clocks.prompt_tokens = len(prompt)
            try:
                async with aclosing(self._pieces(ask, request, place, clocks)) as pieces:
                    async for piece in pieces:
                        yield piece
            finally:
                self.room.leave(place)
        finally:
            self.callers -= 1

    def halt(self) -> None:
        """End what is written; those who wait for it are told that the service is stopping."""
        self.room.closed = True
        for stream in tuple(self._streams):
            stream.cancel()

    def prove(self) -> None:
        """Write the golden answers of the release, or a token or two where it has none.

        Raises:
            ArtifactError: it cannot, or it writes something else than when the release was accepted.
        """
        golden = read_golden_tokens(self.release.path)
        try:
            difference = asyncio.run(self._probe() if golden is None else differs(golden, self.words, self._decoding))
        except SeatrialError as error:
            raise ArtifactError(f"the model does not write: {error.message}") from error
        if difference is not None:
            raise ArtifactError(f"the model does not give its golden answers: {difference}")

    def abandon(self) -> None:
        """End the engine of a model that nobody was served by."""
        self._aside.shutdown(wait=False)
        self._decoding.close()

    async def close(self, grace_s: float) -> None:
        """Take no more; end what is still written after `grace_s` seconds."""
        self.room.closed = True
        end = time.monotonic() + grace_s
        while self.callers and time.monotonic() < end:
            await asyncio.sleep(CLOSE_POLL_S)
        self.halt()
        self._aside.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._decoding.close)

    async def _probe(self) -> str | None:
        tokens = min(PROBE_TOKENS, self._longest_answer)
        ask = Ask(prompt="A", sampling=SamplingSettings(temperature=0.0), max_tokens=tokens)
        async with aclosing(self.answer(ask, deadline=float("inf"))) as pieces:
            async for _ in pieces:
                pass
        return None

    async def _prompt(self, ask: Ask, deadline: float) -> list[int]:
        """The prompt's token ids; long ones are made in a thread, one request after the other."""

        def encoded() -> list[int]:
            if ask.prompt is None:
                return self.words.of_messages(ask.messages)
            return self.words.of_text(ask.prompt) if ask.suffix is None else self.words.of_gap(ask.prompt, ask.suffix)

        chars = len(ask.prompt or "") + len(ask.suffix or "") + sum(len(message.content) for message in ask.messages)
        if chars <= INLINE_CHARS:
            return encoded()
        try:
            async with asyncio.timeout(None if deadline == float("inf") else max(0.0, deadline - time.monotonic())):
                return await asyncio.get_running_loop().run_in_executor(self._aside, encoded)
        except TimeoutError as error:
            raise DeadlineError("the answer would have come too late") from error

    def _request(self, ask: Ask, prompt: list[int], wanted: int, deadline: float, client: str) -> GenerateRequest:
        """What the engine is asked.

        Raises:
            RequestError: the prompt is longer than the context, or more answers are wanted than run together.
        """
        context = self._decoding.context
        if len(prompt) >= context:
            raise RequestError(
                f"the prompt has {len(prompt)} tokens, and the model's context holds {context} with the answer",
                hint="send less text or fewer messages",
            )
        request = GenerateRequest(
            prompt=prompt,
            sampling=ask.sampling,
            max_tokens=min(wanted, context - len(prompt)),
            n=ask.n,
            stop_ids=self.words.stop_ids,
            watch=self._watch(ask.stop) if ask.stop else None,
            deadline=deadline,
            client=client,
        )
        request.check_fits(vocabulary=self._decoding.vocabulary, context=context, slots=self._decoding.slots)
        return request

    def _watch(self, stop: tuple[str, ...]) -> Callable[[], Callable[[int], bool]]:
        """Ends an answer in the engine itself, at the token that completes one of the texts."""

        def begin() -> Callable[[int], bool]:
            reader = self.words.reader(stop)

            def heard(token_id: int) -> bool:
                reader.push(token_id)
                return reader.stopped is not None

            return heard

        return begin

    async def _pieces(
        self, ask: Ask, request: GenerateRequest, place: Place, clocks: Clocks
    ) -> AsyncGenerator[Piece, None]:
        stream = self._decoding.submit(request)
        self._streams.add(stream)
        answers = [_Writing(self.words.reader(ask.stop)) for _ in range(ask.n)]
        left = ask.n
        try:
            async for event in stream:
                if isinstance(event, Token):
                    clocks.token(event.index)
                    self.room.wrote(place)
                answer = answers[event.index]
                piece = None if answer.ended else self._heard(answer, event, ask)
                if piece is None:
                    continue
                if piece.finish is not None:
                    answer.ended = True
                    left -= 1
                    clocks.finishes.append(piece.finish)
                yield piece
                if not left:
                    return
        finally:
            stream.cancel()
            self._streams.discard(stream)
        raise BusyError(STOPPING)  # the engine let go of it

    def _heard(self, answer: _Writing, event: Token | Finished, ask: Ask) -> Piece | None:
        """What an event adds to an answer; None where nothing is certain yet."""
        if isinstance(event, Finished):
            if event.reason == "deadline":
                raise DeadlineError("the time ran out while the answer was written")
            if event.reason == "cancelled":
                raise BusyError(STOPPING)
            return Piece(event.index, answer.reader.finish(), self._told(answer), event.reason)
        if event.token_id in self.words.stop_ids:
            return None  # its end follows
        if ask.sampling.log_probabilities is not None:
            answer.choices.append(event.choice)
        text = answer.reader.push(event.token_id)
        if answer.reader.stopped is not None:
            return Piece(event.index, text, self._told(answer), "stop")
        return Piece(event.index, text, self._told(answer)) if text else None

    @staticmethod
    def _told(answer: _Writing) -> tuple[Choice, ...]:
        choices = tuple(answer.choices)
        answer.choices.clear()
        return choices
