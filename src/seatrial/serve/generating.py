"""Generation without a transport: which model, what was said before, what is counted.

Beside `handlers`, as the handler of what generates. Refuses to know: bytes, headers, protocols.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from seatrial.errors import BusyError, RequestError
from seatrial.serve.call import Call, usable_request_id
from seatrial.serve.catalog import Catalog
from seatrial.serve.conversation.sessions import Sessions
from seatrial.serve.conversation.store import Key, Remembered, SessionStore
from seatrial.serve.generation.ask import Ask
from seatrial.serve.generation.model import GeneratingModel
from seatrial.serve.generation.pieces import Clocks, Piece
from seatrial.serve.settings import ServeSettings
from seatrial.serve.watch.metrics import Metrics
from seatrial.serve.watch.trail import current_trail

__all__ = ["GenerateHandler"]


class GenerateHandler:
    """Answers conversations and texts, a piece at a time.

    Args:
        catalog: the models.
        settings: limits on a request.
        metrics: hears of every answer.
    """

    def __init__(self, catalog: Catalog, settings: ServeSettings, metrics: Metrics) -> None:
        self._catalog = catalog
        self._settings = settings
        self._metrics = metrics
        self.sessions = Sessions(lambda: SessionStore(settings.sessions_file, settings.session_s))

    @property
    def models(self) -> Sequence[GeneratingModel]:
        """Every model here that generates, in every version."""
        return [model for model in self._catalog if isinstance(model, GeneratingModel)]

    def check_room(self, call: Call) -> None:
        """Refuse a request before its body is read, where no model has room for any.

        Raises:
            BusyError: no model here that generates has room.
        """
        busy: BusyError | None = None
        for model in self.models:
            try:
                model.check_room(call.deadline)
            except BusyError as error:
                busy = error
            else:
                return
        if busy is not None:
            raise busy

    def find(self, model: str | None, version: str | None) -> GeneratingModel:
        """The model that a request means; without a name, the first that generates.

        Raises:
            RequestError: there is none, or it does not generate.
        """
        return self._catalog.find_kind(GeneratingModel, model, version, "text")

    def check(self, served: GeneratingModel, ask: Ask, session: str | None) -> None:
        """Refuse what can be seen to be wrong before anything is done.

        Raises:
            RequestError: says what to send.
        """
        if not (served.words.chats or ask.messages == ()):
            raise RequestError(
                "this model has no template for conversations", hint="send a text to /v1/completions instead"
            )
        if ask.suffix is not None and not served.words.fills:
            raise RequestError(
                "this model has not learned to fill the gap before a suffix",
                hint="leave suffix out, or serve a model whose tokenizer has tokens such as <|fim_middle|>",
            )
        served.answer_tokens(ask)
        control = () if self._settings.control_text else served.words.control
        ask.check(max_chars=self._settings.max_text_chars, control=control)
        if session is None:
            return
        if usable_request_id(session) is None:
            raise RequestError(
                "this name of a session cannot be used",
                hint="send 1 to 64 letters, digits, dots, dashes or underscores",
            )
        if ask.n != 1 or ask.prompt is not None:
            raise RequestError("a session goes on with one answer to messages", hint="send n as 1, or leave it out")

    async def answer(
        self, call: Call, served: GeneratingModel, ask: Ask, clocks: Clocks, session: str | None = None
    ) -> AsyncGenerator[Piece, None]:
        """Answer, a piece at a time. Closing the iterator ends the work.

        Args:
            call: who asks, and until when the whole answer must be there.
            served: what answers; from `find`.
            ask: what is asked; gone through `check`.
            clocks: filled meanwhile, also where the answer does not come to its end.
            session: name of a conversation to go on with.

        Raises:
            RequestError: the prompt does not fit, or the session answers another request.
            BusyError: no room, or no time.
        """
        try:
            if session is None:
                pieces = served.answer(ask, deadline=call.deadline, client=call.caller.tenant, clocks=clocks)
            else:
                pieces = self._going_on(call, served, ask, clocks, session)
            async with aclosing(pieces):
                async for piece in pieces:
                    yield piece
        finally:
            self._metrics.generated(call.protocol, clocks)
            if trail := current_trail():
                texts = [message.content for message in ask.messages] or [ask.prompt or ""]
                texts += [ask.suffix] if ask.suffix else []
                operation = "chat" if ask.prompt is None else "text_completion"
                trail.generated(clocks, operation, texts if self._settings.log_texts else None)

    async def _going_on(
        self, call: Call, served: GeneratingModel, ask: Ask, clocks: Clocks, session: str
    ) -> AsyncGenerator[Piece, None]:
        key = self._key(call, served, session)
        async with self.sessions.opened(key) as conversation:
            conversation.take(ask.messages)
            await conversation.make_fit(
                served,
                answer=served.answer_tokens(ask),
                summary=self._settings.summary_tokens,
                deadline=call.deadline,
            )
            whole = replace(ask, messages=conversation.prompt())
            written: list[str] = []
            pieces = served.answer(whole, deadline=call.deadline, client=call.caller.tenant, clocks=clocks)
            try:
                async with aclosing(pieces):
                    async for piece in pieces:
                        written.append(piece.text)
                        yield piece
            finally:
                conversation.answered("".join(written))

    async def recall(self, call: Call, served: GeneratingModel, session: str) -> Remembered:
        """What a session of the caller's holds.

        Raises:
            RequestError: 404, there is none; nor is there for a caller whose session it is not.
        """
        found = await self.sessions.recall(self._key(call, served, session))
        if found is None:
            raise no_session()
        return found

    async def forget(self, call: Call, served: GeneratingModel, session: str) -> None:
        """Forget a session of the caller's.

        Raises:
            RequestError: 404, there is none.
        """
        if not await self.sessions.forget(self._key(call, served, session)):
            raise no_session()

    def halt(self) -> None:
        """End what is written: the service has no more time."""
        for model in self.models:
            model.halt()

    @staticmethod
    def _key(call: Call, served: GeneratingModel, session: str) -> Key:
        return Key(call.caller.tenant, served.release.name, session)


def no_session() -> RequestError:
    """In the same words whether there never was one, it has expired, or it is another tenant's."""
    return RequestError("there is no such session", status=404, hint="it is made by its first request")
