"""One conversation from request to request: what was said comes before what is asked now, and is remembered after.

A session answers one request at a time. What a client got is remembered, also where it left in the middle; of a request
that failed nothing is. Refuses to know: protocols.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from seatrial.errors import BusyError, RequestError
from seatrial.serve.conversation.store import Key, Remembered, SessionStore
from seatrial.serve.conversation.summary import summary_ask, with_summary
from seatrial.serve.conversation.window import fit
from seatrial.serve.generation.ask import Ask, Message, Role

if TYPE_CHECKING:
    from seatrial.serve.generation.model import GeneratingModel

__all__ = ["Conversation", "Sessions"]

LOG = logging.getLogger("seatrial.serve")

CHARS_PER_TOKEN = 6
"""More than any language has on average."""
FEWEST_CHARS = 40


@dataclass(slots=True)
class Conversation:
    """A session while one request is answered.

    Attributes:
        remembered: what it holds; replaced as it grows.
        before: what it held when the request came.
    """

    remembered: Remembered = field(default_factory=Remembered)
    before: Remembered = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.remembered

    def take(self, messages: Sequence[Message]) -> None:
        """Add what is said now. A system message takes the place of the one before.

        Raises:
            RequestError: a system message stands in the middle.
        """
        system = [message.content for message in messages if message.role is Role.SYSTEM]
        rest = tuple(message for message in messages if message.role is not Role.SYSTEM)
        if system and messages[0].role is not Role.SYSTEM:
            raise RequestError(
                "a system message stands after others", hint="with a session, send it first, or leave it out"
            )
        now = self.remembered
        said = "\n\n".join(system) if system else now.system
        self.remembered = replace(now, system=said, messages=(*now.messages, *rest))

    def answered(self, text: str) -> None:
        """Add the answer. Where there is none, nothing was said: a question alone would make the next one odd."""
        if not text:
            self.remembered = self.before
            return
        now = self.remembered
        self.remembered = replace(now, messages=(*now.messages, Message(Role.ASSISTANT, text)))

    def prompt(self, messages: Sequence[Message] | None = None) -> tuple[Message, ...]:
        """The messages that a model is shown; `messages` in the place of those that are remembered."""
        now = self.remembered
        return (*with_summary(now.system, now.summary), *(now.messages if messages is None else messages))

    async def make_fit(self, model: GeneratingModel, *, answer: int, summary: int, deadline: float) -> None:
        """Let the oldest turns fall out where the conversation is too long for the model, and sum them up.

        Args:
            model: that will be shown it, and writes the summary.
            answer: tokens that the answer may have; the conversation has half of the context in any case.
            summary: tokens that a summary may have; 0 makes none.
            deadline: on `time.monotonic`'s clock.
        """

        def count(messages: Sequence[Message]) -> int:
            return len(model.words.of_messages(self.prompt(messages)))

        answer = min(answer, model.context // 2)
        now = self.remembered
        window = await asyncio.to_thread(fit, now.messages, count=count, budget=model.context - answer - summary)
        if not window.fallen:
            return
        told = await _summed_up(model, window.fallen, now.summary, summary, deadline) if summary else ""
        self.remembered = replace(now, summary=told, messages=window.kept)


async def _summed_up(
    model: GeneratingModel, fallen: Sequence[Message], earlier: str, max_tokens: int, deadline: float
) -> str:
    """The model's own summary; the earlier one where it has no time for another."""
    ask = _ask_that_fits(model, fallen, earlier, max_tokens)
    written = []
    try:
        async with aclosing(model.answer(ask, deadline=deadline)) as pieces:
            async for piece in pieces:
                written.append(piece.text)  # noqa: PERF401 - what came before an error counts for nothing
    except (BusyError, RequestError) as error:
        LOG.warning("a conversation goes on without a summary: %s", error.message)
        return earlier
    return "".join(written).strip() or earlier


def _ask_that_fits(model: GeneratingModel, fallen: Sequence[Message], earlier: str, max_tokens: int) -> Ask:
    """The request for a summary, of as much of the end as the model can read."""
    max_chars = CHARS_PER_TOKEN * model.context
    while True:
        ask = summary_ask(fallen, earlier, max_tokens=max_tokens, max_chars=max_chars)
        if max_chars < FEWEST_CHARS or len(model.words.of_messages(ask.messages)) <= model.context - max_tokens:
            return ask
        max_chars = max_chars * 2 // 3


class Sessions:
    """The sessions of a service.

    Args:
        open_store: makes the store, when the first session is used: most services have none.
    """

    def __init__(self, open_store: Callable[[], SessionStore]) -> None:
        self._open_store = open_store
        self._store: SessionStore | None = None
        self._busy: set[Key] = set()

    @property
    def store(self) -> SessionStore:
        """Where they are kept."""
        if self._store is None:
            self._store = self._open_store()
        return self._store

    @asynccontextmanager
    async def opened(self, key: Key) -> AsyncIterator[Conversation]:
        """A session for one request. Who leaves the block without an exception, or because the client has gone, has
        the conversation remembered as it is then.

        Raises:
            RequestError: 409, it answers another request.
        """
        if key in self._busy:
            raise RequestError(
                "this session answers another request", status=409, hint="wait for that answer, or take another name"
            )
        self._busy.add(key)
        try:
            found = await asyncio.to_thread(lambda: self.store.load(key))
            conversation = Conversation(found or Remembered())
            try:
                yield conversation
            except (GeneratorExit, asyncio.CancelledError):  # the client has gone, and will go on from what it saw
                self._keep(key, conversation)
                raise
            await asyncio.to_thread(self._keep, key, conversation)
        finally:
            self._busy.discard(key)

    def _keep(self, key: Key, conversation: Conversation) -> None:
        if conversation.remembered != conversation.before:
            self.store.save(key, conversation.remembered)

    async def recall(self, key: Key) -> Remembered | None:
        """What a session holds; None if there is none."""
        return await asyncio.to_thread(lambda: self.store.load(key))

    async def forget(self, key: Key) -> bool:
        """Forget a session; tells whether there was one."""
        return await asyncio.to_thread(lambda: self.store.forget(key))

    def close(self) -> None:
        """Close the store, if there is one."""
        if self._store is not None:
            self._store.close()
            self._store = None
