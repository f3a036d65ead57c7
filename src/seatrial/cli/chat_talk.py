"""One conversation with a model in this process: asks, remembers, begins anew. Refuses to know: terminals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from seatrial.errors import ArtifactError

if TYPE_CHECKING:
    from seatrial.serve.conversation.store import Remembered
    from seatrial.serve.generation.ask import Ask
    from seatrial.serve.generation.pieces import Clocks

__all__ = ["Style", "Talk"]

SESSION = "terminal"
A_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Style:
    """How answers are written."""

    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 0.9
    seed: int | None = None


class Talk:
    """A conversation; to be used in a `with` block.

    Args:
        folder: a release that generates.
        style: how answers are written.
        system: what the model is told first; empty tells it nothing.
        threads: of the model; None takes all cores.

    Raises:
        ArtifactError: the release does not generate, or cannot be loaded.
    """

    def __init__(self, folder: Path, style: Style, *, system: str = "", threads: int | None = None) -> None:
        from seatrial.serve.generating import GenerateHandler
        from seatrial.serve.generation.model import GeneratingModel
        from seatrial.serve.handlers import build_handlers
        from seatrial.serve.loading import load_in_service
        from seatrial.serve.settings import ServeSettings

        settings = ServeSettings(
            threads=threads,
            generate_slots=1,
            generate_context=4_096,
            generate_max_tokens=style.max_tokens,
            control_text=True,  # who sits at the terminal may ask about such spellings; they are read as text
            session_s=A_DAY_S,
            max_text_chars=1_000_000,
        )
        model = load_in_service(folder, settings)
        if not isinstance(model, GeneratingModel):
            raise ArtifactError(
                f"this release gives {model.output_name} and no text",
                where=str(folder),
                hint="answer texts with it by `seatrial predict`, or name a language model",
            )
        self.model, self.style, self.system = model, style, system
        self._handlers = build_handlers([model], settings)
        self._generate: GenerateHandler = self._handlers.generate
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._runner.run(self._handlers.close(0))
        self._runner.close()

    def answer(self, question: str, write: Callable[[str], None]) -> Clocks:
        """Ask, and write the answer as it comes. Ctrl-C ends the answer; what was written of it is remembered.

        Raises:
            KeyboardInterrupt: after Ctrl-C.
            SeatrialError: there is no answer.
        """
        from seatrial.serve.generation.pieces import Clocks

        clocks = Clocks(self.model.release)
        ask = self._ask(question)
        self._generate.check(self.model, ask, SESSION)
        self._runner.run(self._written(ask, clocks, write))
        return clocks

    def whole(self, question: str) -> dict[str, Any]:
        """Ask, and give the answer with what was counted."""
        written: list[str] = []
        clocks = self.answer(question, written.append)
        usage = clocks.usage
        return {
            "model": self.model.release.name,
            "version": self.model.release.version,
            "question": question,
            "answer": "".join(written),
            "finish_reason": clocks.finishes[0],
            "usage": {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens},
            "first_token_ms": round(1e3 * (clocks.first_token_s or 0.0), 1),
            "total_ms": round(1e3 * (time.monotonic() - clocks.started), 1),
        }

    @property
    def remembered(self) -> Remembered:
        """What was said so far."""
        from seatrial.serve.conversation.store import Remembered

        return self._runner.run(self._generate.sessions.recall(self._key)) or Remembered(system=self.system)

    def reset(self, system: str | None = None) -> None:
        """Begin anew, with another system prompt where one is given."""
        if system is not None:
            self.system = system
        self._runner.run(self._generate.sessions.forget(self._key))

    @property
    def _key(self) -> Any:
        from seatrial.serve.access import ANONYMOUS
        from seatrial.serve.conversation.store import Key

        return Key(ANONYMOUS.tenant, self.model.release.name, SESSION)

    def _ask(self, question: str) -> Ask:
        from seatrial.generate.request import SamplingSettings
        from seatrial.serve.generation.ask import Ask, Message, Role

        sampling = SamplingSettings(temperature=self.style.temperature, top_p=self.style.top_p, seed=self.style.seed)
        system = (Message(Role.SYSTEM, self.system),) if self.system else ()
        return Ask(
            messages=(*system, Message(Role.USER, question)), sampling=sampling, max_tokens=self.style.max_tokens
        )

    async def _written(self, ask: Ask, clocks: Clocks, write: Callable[[str], None]) -> None:
        from seatrial.serve.access import ANONYMOUS
        from seatrial.serve.call import Call

        call = Call(ANONYMOUS, float("inf"), SESSION, "terminal")
        async with aclosing(self._generate.answer(call, self.model, ask, clocks, SESSION)) as pieces:
            async for piece in pieces:
                write(piece.text)
