"""The conversation of `seatrial chat` at a terminal: a prompt, answers as they come, a few commands.

Refuses to know: models; `chat_talk` has the conversation.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import SeatrialError

if TYPE_CHECKING:
    from rich.console import Console

    from seatrial.cli.chat_talk import Talk
    from seatrial.serve.conversation.store import Remembered
    from seatrial.serve.generation.pieces import Clocks

__all__ = ["as_markdown", "converse", "printable"]

COMMANDS = (
    ("/system TEXT", "tell the model something first, and begin anew; without TEXT show what it is told"),
    ("/reset", "begin anew"),
    ("/save FILE", "write the conversation: .json as messages, anything else as Markdown"),
    ("/help", "this list"),
    ("/quit", "leave; so does Ctrl-D"),
)
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What would move the cursor, or turn lines around: a model may write anything."""


def converse(talk: Talk) -> None:
    """Ask and answer until the user leaves."""
    from rich.console import Console

    with suppress(ImportError):
        import readline  # noqa: F401 - gives `input` its history and its keys
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    release = talk.model.release
    console.print(f"{release.name} {release.version} · /help lists the commands, Ctrl-C stops an answer", style="dim")
    while True:
        try:
            said = input("\n› ").strip()
        except EOFError:
            console.print()
            return
        except KeyboardInterrupt:
            console.print("\n/quit or Ctrl-D leaves", style="dim")
            continue
        if not said:
            continue
        if not said.startswith("/"):
            _answer(talk, said, console)
        elif not _obey(talk, said, console):
            return


def _answer(talk: Talk, said: str, console: Console) -> None:
    """The answer as it comes; what goes wrong is told, and the conversation goes on."""
    try:
        clocks = talk.answer(said, lambda text: console.print(printable(text), end=""))
    except KeyboardInterrupt:
        console.print("\nstopped", style="dim")
    except SeatrialError as error:
        console.print(f"{error}", style="red")
    else:
        console.print()
        console.print(_timing(clocks), style="dim")


def _timing(clocks: Clocks) -> str:
    """How long, how fast, and whether it was cut."""
    first = clocks.first_token_s or 0.0
    rest = time.monotonic() - clocks.started - first
    speed = f", {(clocks.completion_tokens - 1) / rest:.0f} a second" if clocks.completion_tokens > 1 and rest else ""
    cut = ", cut at the longest answer" if clocks.finishes == ["length"] else ""
    return f"{clocks.completion_tokens} tokens, the first after {first:.1f} s{speed}{cut}"


def _obey(talk: Talk, said: str, console: Console) -> bool:
    """Follow a command; tells whether the conversation goes on."""
    word, _, rest = said.partition(" ")
    rest = rest.strip()
    match word:
        case "/quit" | "/exit":
            return False
        case "/reset":
            talk.reset()
            console.print("a new conversation", style="dim")
        case "/system" if rest:
            talk.reset(rest)
            console.print("a new conversation, with this told first", style="dim")
        case "/system":
            console.print(printable(talk.system) or "nothing is told first", style="dim")
        case "/save" if rest:
            _save(talk, Path(rest).expanduser(), console)
        case "/save":
            console.print("name a file: /save talk.md", style="red")
        case _:
            if word != "/help":
                console.print(f"there is no command {printable(word)}", style="red")
            for name, meaning in COMMANDS:
                console.print(f"{name:13} {meaning}", style="dim")
    return True


def _save(talk: Talk, file: Path, console: Console) -> None:
    remembered = talk.remembered
    release = talk.model.release
    if file.suffix.lower() == ".json":
        system = [{"role": "system", "content": remembered.system}] if remembered.system else []
        said = [{"role": message.role.value, "content": message.content} for message in remembered.messages]
        value = {"model": release.name, "version": release.version, "messages": [*system, *said]}
        if remembered.summary:
            value["summary"] = remembered.summary
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    else:
        text = as_markdown(f"{release.name} {release.version}", remembered)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        console.print(f"{file}: {error.strerror}", style="red")
        return
    console.print(f"written to {file}", style="dim")


def as_markdown(title: str, remembered: Remembered) -> str:
    """A conversation for people to read."""
    parts = [f"# {title}"]
    if remembered.system:
        parts.append(f"**system**\n\n{remembered.system}")
    if remembered.summary:
        parts.append(f"**earlier, in short**\n\n{remembered.summary}")
    parts += [f"**{message.role.value}**\n\n{message.content}" for message in remembered.messages]
    return "\n\n".join(parts) + "\n"


def printable(text: str) -> str:
    """A text without what a terminal would obey."""
    return UNPRINTABLE.sub("", text)
