"""What a model is asked and should have written, where examples are conversations: the last answer, all before it.

Refuses to know: networks, how an answer is written, what is measured of it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from seatrial.errors import DataError
from seatrial.records import Example
from seatrial.spec.data import DataSpec
from seatrial.tasks.conversations import asked_messages, chat_encoder, said_in
from seatrial.tasks.language_tokenizer import LanguageTokenizer

__all__ = ["WrittenAnswers"]


class WrittenAnswers:
    """Methods of a task; see `seatrial.tasks.base.Writes`."""

    def written_kinds(self, data: DataSpec) -> tuple[str, ...]:
        return () if data.columns.messages is None else ("written", "texts")

    def prompts(self, tokenizer: LanguageTokenizer, examples: Sequence[Example]) -> list[list[int]]:
        from seatrial.tokenize.chat import fit_messages, turns

        encoder = chat_encoder(tokenizer)
        count = functools.partial(encoder.count, add_generation_prompt=True)
        found = []
        for example in examples:
            asked = asked_messages(example)
            if not asked:  # the assistant speaks first
                found.append([tokenizer.start_id])
                continue
            try:
                asked = [dict(message) for message in fit_messages(asked, tokenizer.max_length, count)]
            except DataError:
                system, conversation = turns(asked)
                asked = [dict(message) for message in (*system, *(conversation[-1] if conversation else ()))]
            found.append(encoder.encode(asked, add_generation_prompt=True).input_ids[-tokenizer.max_length :])
        return found

    def wanted(self, examples: Sequence[Example]) -> list[str]:
        return [said_in(example)[len(asked_messages(example))]["content"] for example in examples]

    def stop_ids(self, tokenizer: LanguageTokenizer) -> frozenset[int]:
        encoder = chat_encoder(tokenizer)
        turn = encoder.encode([{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}])
        ends = [token for token, answer in zip(turn.input_ids, turn.answers, strict=True) if answer][-1:]
        return frozenset([tokenizer.end_id, *(token for token in ends if token in encoder.control)])
