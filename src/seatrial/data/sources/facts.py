"""What reading a source finds out beside its rows: how its files are written, and a digest of what a query gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.data.sources.encodings import Guess

__all__ = ["SourceFacts"]

FILES_NAMED = 5


@dataclass(slots=True)
class SourceFacts:
    """Filled while `read_rows` is read; complete when that has ended.

    Attributes:
        guesses: file → what `encoding: auto` made of it.
    """

    guesses: dict[str, Guess] = field(default_factory=dict)
    _rows: Any = None

    def row(self, values: Mapping[str, Any]) -> None:
        """Take a row of a query's result into the digest; the order counts."""
        if self._rows is None:
            self._rows = hashlib.sha256()
        self._rows.update(json.dumps(values, sort_keys=True, ensure_ascii=False, default=str).encode(errors="replace"))
        self._rows.update(b"\n")

    def as_dict(self) -> dict[str, Any]:
        """What there is to report: `rows_sha256` of a query, `encoding` of files whose encoding was guessed."""
        found: dict[str, Any] = {}
        if self._rows is not None:
            found["rows_sha256"] = self._rows.hexdigest()
        if self.guesses:
            found["encoding"] = "; ".join(self._lines())
        return found

    def _lines(self) -> list[str]:
        """One line per encoding: which files, and a word that is right only if the guess is."""
        by_encoding: dict[str, list[str]] = {}
        for name, guess in self.guesses.items():
            by_encoding.setdefault(guess.encoding, []).append(name)
        lines = []
        for encoding, names in by_encoding.items():
            unsure = [self.guesses[name] for name in names if not self.guesses[name].sure]
            word = next((guess.sample for guess in unsure if guess.sample), "")
            which = names[0] if len(names) == 1 else f"{len(names)} files"
            doubt = f" (a guess, right if this word is: {word})" if word else " (a guess)" if unsure else ""
            lines.append(f"{which} read as {encoding}{doubt}")
        return lines[:FILES_NAMED]
