"""`seatrial chat`: a conversation with a language model in the terminal, without a service.

Refuses to know: how a conversation is kept and a model is run; `chat_talk` has the conversation.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from seatrial.cli.console import guarded, note, write_json
from seatrial.cli.options import Debug, Json
from seatrial.errors import SeatrialError

__all__ = ["chat"]


@guarded
def chat(
    release: Annotated[
        str | None,
        typer.Argument(
            metavar="RELEASE",
            help="Release folder, project, GGUF file, folder in Hugging Face layout, or package:MODULE/FILE.  "
            "[default: the small chat model that `make install` brings]",
            show_default=False,
        ),
    ] = None,
    *,
    system: Annotated[str, typer.Option("--system", metavar="TEXT", help="What the model is told first.")] = "",
    max_tokens: Annotated[int, typer.Option(min=1, help="Tokens of an answer, at most.")] = 512,
    temperature: Annotated[float, typer.Option(min=0, max=10, help="0 always takes the likeliest token.")] = 0.0,
    top_p: Annotated[float, typer.Option("--top-p", help="Only the likeliest tokens that reach this share.")] = 0.9,
    seed: Annotated[int | None, typer.Option(help="Equal questions with equal seeds get equal answers.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the model.  [default: all cores]")] = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Talk with a language model; or pipe one question in and get the answer.

    In a conversation: /system TEXT, /reset, /save FILE, /help, /quit. Ctrl-C stops the answer, Ctrl-D ends.
    With --json a question is read from stdin to its end, and one object is printed.
    """
    from seatrial.cli.chat_talk import Style, Talk
    from seatrial.cli.find_release import find_served
    from seatrial.export.bare_model import DEFAULT_CHAT_MODEL

    style = Style(max_tokens=max_tokens, temperature=temperature, top_p=top_p, seed=seed)
    typed = sys.stdin.isatty() and not json_output
    question = "" if typed else _piped()
    folder = find_served(release or DEFAULT_CHAT_MODEL)
    with Talk(folder, style, system=system, threads=threads) as talk:
        if typed:
            from seatrial.cli.chat_terminal import converse

            converse(talk)
        elif json_output:
            write_json(talk.whole(question))
        else:
            talk.answer(question, _write)
            _write("\n")


def _piped() -> str:
    if sys.stdin.isatty():
        note("type a question; Ctrl-D ends it")
    try:
        question = sys.stdin.buffer.read().decode().strip()
    except UnicodeDecodeError as error:
        raise SeatrialError(
            f"the question is not UTF-8: byte {error.start + 1} fits no character",
            where="stdin",
            hint="convert it first, for example: iconv -f latin1 -t utf-8",
        ) from error
    if not question:
        raise SeatrialError("there is no question", where="stdin", hint="echo 'a question' | seatrial chat")
    return question


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
