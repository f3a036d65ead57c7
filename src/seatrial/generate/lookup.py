"""Guesses what comes next by looking for the end of a text in what came before it ("prompt lookup").

Answers repeat their prompt: names, code, quotations. A guess costs nothing to make, and an engine that is bound by
reading its weights checks several tokens in little more time than it computes one. A guess is followed only as far as
the sampler chooses the same, so that what comes out does not change; for draws this is the acceptance rule of
speculative sampling (arXiv 2302.01318) for a draft that is certain of itself.

An engine that rounds activations rounds several positions at once a little otherwise than one at a time, so that with
it an answer may change where two tokens are nearly equal, as it may with other company in a batch of any engine.

Refuses to know: engines, sampling.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["PromptLookup"]

LONGEST = 4
SHORTEST = 2


class PromptLookup:
    """The n-grams of one sequence, each with where it last ended; constant time per token.

    Args:
        prompt: token ids.
        draft_tokens: of a guess, at most. After a guess that failed it is shorter, after one that held longer.
    """

    def __init__(self, prompt: Sequence[int], draft_tokens: int) -> None:
        self._tokens: list[int] = []
        self._ends: dict[tuple[int, ...], int] = {}
        self._earlier: dict[int, int] = {}
        self._most = self._length = draft_tokens
        for token_id in prompt:
            self.hear(token_id)

    def hear(self, token_id: int) -> None:
        """Take the next token of the sequence into account."""
        self._tokens.append(token_id)
        end = len(self._tokens)
        self._earlier.clear()
        for length in range(SHORTEST, LONGEST + 1):
            if length > end:
                break
            gram = tuple(self._tokens[end - length :])
            if gram in self._ends:
                self._earlier[length] = self._ends[gram]
            self._ends[gram] = end

    def draft(self, most: int) -> list[int]:
        """What followed the longest ending that occurred before; empty where there is none.

        Args:
            most: tokens, at most; the context may end soon.
        """
        if not self._earlier:
            return []
        start = self._earlier[max(self._earlier)]
        return self._tokens[start : start + min(most, self._length)]

    def learn(self, drafted: int, accepted: int) -> None:
        """Hear how much of a guess held."""
        if accepted == drafted:
            self._length = min(self._most, self._length * 2)
        else:
            self._length = max(1, accepted + 1)
