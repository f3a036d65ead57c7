"""Pieces of generated text → OpenAI's answers, whole or in chunks. Refuses to know: requests, how chunks are sent.

Source: https://platform.openai.com/docs/api-reference/chat/streaming
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

from seatrial.generate.events import Choice
from seatrial.serve.generation.pieces import Clocks, Piece

__all__ = ["ChatShape", "Shape", "Spelling", "TextShape"]

BytesOf = Callable[[int], bytes]


class Shape(Protocol):
    """How one of the two routes spells answers."""

    def whole(self, texts: Sequence[_Text]) -> list[dict[str, Any]]:
        """All answers, one object each."""
        ...

    def opening(self, index: int) -> dict[str, Any] | None:
        """What comes before the first piece of an answer; None where nothing does."""
        ...

    def part(self, piece: Piece) -> dict[str, Any]:
        """One piece."""
        ...


@dataclass(slots=True)
class _Text:
    """One answer as it grows."""

    index: int
    pieces: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    finish: str | None = None

    def add(self, piece: Piece) -> None:
        self.pieces.append(piece.text)
        self.choices += piece.choices
        self.finish = piece.finish or self.finish

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Spelling:
    """One answer to one request.

    Args:
        shape: of the route.
        kind: of the object, "chat.completion" or "text_completion"; chunks of the first have ".chunk" behind it.
        number: of the request; part of the answer's id.
        clocks: of the request, filled while it is answered.
    """

    def __init__(self, shape: Shape, kind: str, number: str, clocks: Clocks) -> None:
        self._shape, self._clocks = shape, clocks
        chat = kind == "chat.completion"
        self._head = {"id": f"{'chatcmpl' if chat else 'cmpl'}-{number}", "object": kind}
        self._chunk_head = {**self._head, "object": f"{kind}.chunk" if chat else kind}
        release = clocks.release
        self._tail = {"created": int(time.time()), "model": release.name, "system_fingerprint": release.version}

    async def whole(self, pieces: AsyncGenerator[Piece, None], n: int) -> dict[str, Any]:
        """The whole answer, when it is there."""
        texts = [_Text(index) for index in range(n)]
        async with aclosing(pieces):
            async for piece in pieces:
                texts[piece.index].add(piece)
        return {**self._head, **self._tail, "choices": self._shape.whole(texts), "usage": self._usage()}

    async def chunks(
        self, pieces: AsyncGenerator[Piece, None], n: int, *, usage: bool
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The answer in chunks. With `usage` each has a field of that name, which is null but in the last one."""
        more: dict[str, Any] = {"usage": None} if usage else {}
        opened: set[int] = set()
        async with aclosing(pieces):
            async for piece in pieces:
                if piece.index not in opened:
                    opened.add(piece.index)
                    opening = self._shape.opening(piece.index)
                    if opening is not None:
                        yield {**self._chunk_head, **self._tail, "choices": [opening], **more}
                yield {**self._chunk_head, **self._tail, "choices": [self._shape.part(piece)], **more}
        assert len(opened) == n, "an answer ends with a piece"
        if usage:
            yield {**self._chunk_head, **self._tail, "choices": [], "usage": self._usage()}

    def _usage(self) -> dict[str, int]:
        usage = self._clocks.usage
        return {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
        }


class ChatShape:
    """Messages. `bytes_of` tells what a token stands for, where log-probabilities are asked for."""

    def __init__(self, bytes_of: BytesOf, *, told: bool) -> None:
        self._bytes_of, self._told = bytes_of, told

    def whole(self, texts: Sequence[_Text]) -> list[dict[str, Any]]:
        """One message each."""
        return [
            {
                "index": text.index,
                "message": {"role": "assistant", "content": text.text, "refusal": None},
                "logprobs": self._log_probabilities(text.choices),
                "finish_reason": text.finish,
            }
            for text in texts
        ]

    def opening(self, index: int) -> dict[str, Any] | None:
        """Who speaks."""
        delta = {"role": "assistant", "content": ""}
        return {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}

    def part(self, piece: Piece) -> dict[str, Any]:
        """What is said."""
        return {
            "index": piece.index,
            "delta": {"content": piece.text} if piece.text else {},
            "logprobs": self._log_probabilities(piece.choices) if piece.choices else None,
            "finish_reason": piece.finish,
        }

    def _log_probabilities(self, choices: Sequence[Choice]) -> dict[str, Any] | None:
        if not self._told:
            return None
        content = [
            {
                **self._token(choice.token_id, choice.log_probability or 0.0),
                "top_logprobs": [self._token(token_id, value) for token_id, value in choice.top],
            }
            for choice in choices
        ]
        return {"content": content, "refusal": None}

    def _token(self, token_id: int, value: float) -> dict[str, Any]:
        raw = self._bytes_of(token_id)
        return {"token": raw.decode(errors="replace"), "logprob": _finite(value), "bytes": list(raw)}


class TextShape:
    """Plain texts."""

    def __init__(self, bytes_of: BytesOf, *, told: bool) -> None:
        self._bytes_of, self._told = bytes_of, told
        self._offsets: dict[int, int] = {}

    def whole(self, texts: Sequence[_Text]) -> list[dict[str, Any]]:
        """One text each."""
        return [
            {
                "index": text.index,
                "text": text.text,
                "logprobs": self._log_probabilities(text.choices, 0)[0],
                "finish_reason": text.finish,
            }
            for text in texts
        ]

    def opening(self, _: int) -> dict[str, Any] | None:
        """Nothing."""
        return None

    def part(self, piece: Piece) -> dict[str, Any]:
        """A part of a text."""
        told, offset = self._log_probabilities(piece.choices, self._offsets.get(piece.index, 0))
        self._offsets[piece.index] = offset
        return {
            "index": piece.index,
            "text": piece.text,
            "logprobs": told if piece.choices else None,
            "finish_reason": piece.finish,
        }

    def _log_probabilities(self, choices: Sequence[Choice], offset: int) -> tuple[dict[str, Any] | None, int]:
        """OpenAI's four lists, and where the next token begins, in characters."""
        if not self._told:
            return None, offset
        tokens, offsets = [self._word(choice.token_id) for choice in choices], []
        for token in tokens:
            offsets.append(offset)
            offset += len(token)
        told = {
            "tokens": tokens,
            "token_logprobs": [_finite(choice.log_probability or 0.0) for choice in choices],
            "top_logprobs": [
                {self._word(token_id): _finite(value) for token_id, value in choice.top} for choice in choices
            ],
            "text_offset": offsets,
        }
        return told, offset

    def _word(self, token_id: int) -> str:
        return self._bytes_of(token_id).decode(errors="replace")


def _finite(value: float) -> float:
    """A log-probability as JSON can hold it; OpenAI too writes -9999 for what is impossible."""
    return max(value, -9999.0)
