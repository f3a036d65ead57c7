"""The chat template of a model: messages → the text that the model reads, in parts that say who wrote them.

Templates come with models, so they run in Jinja's sandbox. What people write never goes through the template: each
content is represented by a placeholder of private characters, and the rendered text is cut at them. What a template
does to contents (trimming them, asking what they begin with) works on the text that the placeholder stands for; what
cannot be told apart afterwards is refused. Refuses to know: tokens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self, SupportsIndex

from seatrial.errors import ArtifactError, DataError, MissingExtraError, ResolveError
from seatrial.registry import did_you_mean
from seatrial.tokenize.save import TOKENIZER_CONFIG

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["ChatTemplate", "Message", "Part", "checked_messages"]

Message = Mapping[str, Any]
"""``{"role": "user", "content": "…"}``."""
ROLES = ("system", "user", "assistant", "tool")
TEMPLATE_FILE = "chat_template.jinja"
TOKENS = ("bos_token", "eos_token", "unk_token", "pad_token", "cls_token", "sep_token", "mask_token")
BEGIN, END, ANSWER, ANSWERED = "\ue000", "\ue001", "\ue002", "\ue003"
"""Private characters: around the number of a content, and around what a template marks as generated."""
MARK = re.compile(f"{BEGIN}(\\d+){END}|({ANSWER})|({ANSWERED})")
PRIVATE = re.compile(f"[{BEGIN}-{ANSWERED}]")
MOST_CHARACTERS = 1_000_000
"""Of the text that a template writes around the contents."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a rendered conversation.

    Attributes:
        text: what it says.
        message: the number of the message whose content it is; None where the template wrote it.
        generated: whether the template marked it as what the model shall generate.
    """

    text: str
    message: int | None = None
    generated: bool = False


def checked_messages(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages, if they are such.

    Raises:
        DataError: there are none, a role is not known, or a content is not text.
    """
    if isinstance(messages, str | Mapping) or not messages:
        raise DataError(
            "there are no messages" if not messages else "this is not a list of messages",
            where="messages",
            expected='a list such as [{"role": "user", "content": "Hello"}]',
        )
    for place, message in enumerate(messages):
        where = f"messages[{place}]"
        if not isinstance(message, Mapping) or "role" not in message or "content" not in message:
            raise DataError("is no message", where=where, expected="an object with role and content")
        further = sorted(set(message) - {"role", "content"})
        if further:
            raise DataError(f"has the key {further[0]!r}", where=where, expected="role and content, and no other")
        role, content = message["role"], message["content"]
        if role not in ROLES:
            known = did_you_mean(str(role), ROLES)
            raise DataError(f"unknown role {role!r}", where=f"{where}.role", hint=known)
        if not isinstance(content, str):
            kind = "null" if content is None else type(content).__name__
            raise DataError(f"is {kind}, not text", where=f"{where}.content", expected="a string")
        if any("\ud800" <= character <= "\udfff" for character in content):
            raise DataError("holds half a character (a lone surrogate)", where=f"{where}.content", expected="text")
    return messages


@dataclass(frozen=True)
class ChatTemplate:
    """A template and the special tokens that it may name.

    Attributes:
        source: Jinja, as models bring it.
        tokens: ``"bos_token"`` and so on → token.
        where: the file, for messages.
    """

    source: str
    tokens: Mapping[str, str]
    where: str = "chat_template"

    @classmethod
    def of_folder(cls, folder: Path, name: str = "default") -> Self:
        """The template of a Hub folder: `chat_template.jinja`, or what `tokenizer_config.json` holds.

        Args:
            folder: a model or tokenizer.
            name: which of several templates.

        Raises:
            ResolveError: the folder has no template, or none of this name.
            ArtifactError: its files cannot be read.
        """
        file = folder / TOKENIZER_CONFIG
        try:
            config = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        except ValueError as error:
            raise ArtifactError("this is not JSON", where=str(file)) from error
        found = config.get("chat_template")
        if (folder / TEMPLATE_FILE).is_file():
            file = folder / TEMPLATE_FILE
            found = file.read_text(encoding="utf-8")
        if isinstance(found, list):
            named = {str(entry.get("name")): entry.get("template") for entry in found if isinstance(entry, dict)}
            if name not in named:
                raise ResolveError(
                    f"there is no chat template {name!r}", where=str(file), hint=did_you_mean(name, named)
                )
            found = named[name]
        if not isinstance(found, str) or not found.strip():
            raise ResolveError(
                "the model has no chat template",
                where=str(folder),
                hint="take a model that was trained on messages, or add chat_template to its tokenizer_config.json",
            )
        tokens = {key: token for key in TOKENS if (token := _token(config.get(key)))}
        return cls(found, tokens, str(file))

    def parts(self, messages: Sequence[Message], *, add_generation_prompt: bool = False) -> list[Part]:
        """The conversation in parts, in order; none is empty.

        Args:
            messages: roles and contents.
            add_generation_prompt: whether the beginning of an answer of the assistant comes last.

        Raises:
            DataError: no usable messages, or the template refuses them.
            ArtifactError: the template is no Jinja, or does with contents what cannot be kept apart.
        """
        contents: list[tuple[str, int]] = []
        shown = [
            {"role": message["role"], "content": _Content.held(message["content"], place, contents)}
            for place, message in enumerate(checked_messages(messages))
        ]
        rendered = self._render(shown, add_generation_prompt)
        parts: list[Part] = []
        at, generated = 0, False
        for mark in MARK.finditer(rendered):
            parts.append(Part(rendered[at : mark.start()], None, generated))
            at = mark.end()
            if mark[1]:
                text, message = contents[int(mark[1])]
                parts.append(Part(text, message, generated))
            else:
                generated = mark[0] == ANSWER
        parts.append(Part(rendered[at:], None, generated))
        if any(part.message is None and PRIVATE.search(part.text) for part in parts):
            raise ArtifactError("the template takes contents apart", where=self.where, hint="use another template")
        return [part for part in parts if part.text]

    def _render(self, messages: list[dict[str, str]], add_generation_prompt: bool) -> str:
        from jinja2 import TemplateError

        try:
            pieces: list[str] = []
            length = 0
            for piece in self._compiled.generate(
                messages=messages,
                add_generation_prompt=add_generation_prompt,
                tools=None,
                documents=None,
                **self.tokens,
            ):
                pieces.append(piece)
                length += len(piece)
                if length > MOST_CHARACTERS:
                    raise ArtifactError("the template writes without end", where=self.where)
        except _RefusedError as error:
            raise DataError(f"the chat template refuses these messages: {error}", where="messages") from error
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, OverflowError) as error:
            message = f"the chat template fails: {error}"
            raise ArtifactError(message, where=self.where, hint="use another template") from error
        return "".join(pieces)

    @cached_property
    def _compiled(self) -> Template:
        try:
            from jinja2 import TemplateSyntaxError
        except ImportError as error:
            raise MissingExtraError("a chat template", "lm") from error
        from seatrial.tokenize.chat_sandbox import sandbox

        if PRIVATE.search(self.source):
            raise ArtifactError("the template holds private characters (U+E000 to U+E003)", where=self.where)
        environment = sandbox(answer=(ANSWER, ANSWERED))
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = lambda form: datetime.now(UTC).astimezone().strftime(form)
        environment.filters |= {"tojson": _as_json, "replace": _replaced}
        try:
            return environment.from_string(self.source)
        except TemplateSyntaxError as error:
            where = f"{self.where}, line {error.lineno} of the template"
            raise ArtifactError(f"the chat template is no Jinja: {error.message}", where=where) from error


class _RefusedError(Exception):
    """The template called `raise_exception`."""


def _refuse(message: object = "") -> NoReturn:
    raise _RefusedError(str(message))


def _as_json(value: object, indent: int | None = None) -> str:
    """Plain JSON, not the kind for HTML pages; never with a content in it, which would not be escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if PRIVATE.search(text):
        raise ValueError("it writes a content as JSON")
    return text


class _Content(str):
    """A placeholder that answers questions about the text that it stands for."""

    __slots__ = ("_contents", "_message", "_text")
    _text: str
    _message: int
    _contents: list[tuple[str, int]]

    @classmethod
    def held(cls, text: str, message: int, contents: list[tuple[str, int]]) -> _Content:
        """Put the text among the contents and return what stands for it."""
        placeholder = cls(f"{BEGIN}{len(contents)}{END}")
        placeholder._text, placeholder._message, placeholder._contents = text, message, contents
        contents.append((text, message))
        return placeholder

    def _part(self, text: str) -> _Content:
        return self if text == self._text else self.held(text, self._message, self._contents)

    def strip(self, chars: str | None = None, /) -> _Content:
        return self._part(self._text.strip(chars))

    def lstrip(self, chars: str | None = None, /) -> _Content:
        return self._part(self._text.lstrip(chars))

    def rstrip(self, chars: str | None = None, /) -> _Content:
        return self._part(self._text.rstrip(chars))

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        return [self._part(part) for part in self._text.split(sep, maxsplit)]

    def startswith(self, *args: Any) -> bool:
        return self._text.startswith(*args)

    def endswith(self, *args: Any) -> bool:
        return self._text.endswith(*args)

    def __contains__(self, part: object) -> bool:
        return isinstance(part, str) and part in self._text

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return self._text == (other._text if isinstance(other, _Content) else other)

    def __hash__(self) -> int:
        return hash(self._text)

    def __iter__(self) -> NoReturn:
        raise TypeError(TAKEN_APART)  # of this kind, so that the test `is iterable` says no


TAKEN_APART = "it takes contents apart or writes them otherwise"
OTHERWISE = (
    *("__getitem__", "__mod__", "__mul__", "capitalize", "casefold", "encode", "expandtabs", "format", "format_map"),
    *("join", "lower", "partition", "removeprefix", "removesuffix", "replace", "rpartition", "rsplit", "splitlines"),
    *("swapcase", "title", "translate", "upper", "zfill"),
)


def _refuse_to_change(*_: object, **__: object) -> NoReturn:
    raise ValueError(TAKEN_APART)


for _name in OTHERWISE:
    setattr(_Content, _name, _refuse_to_change)


def _replaced(text: object, old: str, new: str, count: int = -1) -> str:
    """Jinja's own filter makes a plain string first, and would leave a content as it is without a word."""
    return text.replace(old, new, count) if isinstance(text, str) else str(text).replace(old, new, count)


def _token(value: object) -> str | None:
    """A special token as `tokenizer_config.json` has it: a string, or an object with its content."""
    if isinstance(value, Mapping):
        value = value.get("content")
    return value if isinstance(value, str) and value else None
