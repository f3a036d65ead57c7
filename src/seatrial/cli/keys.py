"""`seatrial keys`: make, list and revoke the API keys of a service."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.options import Debug, Json

if TYPE_CHECKING:
    from seatrial.serve.keys import Key, Scope

__all__ = ["default_keys_file", "keys"]

keys = typer.Typer(
    name="keys",
    help="Make, list and revoke the API keys of a service.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DEFAULT = "[default: seatrial/keys.json in $XDG_CONFIG_HOME or ~/.config]"
File = Annotated[Path | None, typer.Option("--file", "--keys", metavar="PATH", help=f"File of the keys.  {DEFAULT}")]
SPAN = re.compile(r"(\d{1,9})([hdw])")
HOURS = {"h": 1, "d": 24, "w": 168}
COLUMNS = ("id", "name", "state", "scopes", "rate/min", "created", "expires")


def default_keys_file() -> Path:
    """Where the keys are when nobody says."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    # The XDG specification has relative paths ignored.
    home = Path(configured) if Path(configured).is_absolute() else Path.home() / ".config"
    return home / "seatrial" / "keys.json"


@keys.command()
@guarded
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what the key is for.")],
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="predict, metrics or admin; may be repeated, none includes another.  [default: predict]",
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="After 12h, 90d or 8w, or with the day 2030-01-31.  [default: never]"),
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Requests a minute, at most.  [default: what the service allows]"),
    ] = None,
    file: File = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Make a key and show it, this once; the file keeps only its hash. A running service takes it within a second."""
    from seatrial.serve.keys import KeyStore

    path = file or default_keys_file()
    scopes = [_scope(word) for word in scope or ["predict"]]
    until = None if expires is None else _moment(expires, datetime.now(UTC))
    store = KeyStore(path, create=True)
    key, presented = store.add(name, scopes, expires=until, requests_per_minute=rate)
    alike = [other.id for other in store.keys if other.name == name and other is not key and _is_active(other)]
    if alike:
        note(f"warning: {', '.join(alike)} is called {name!r} too, and stays valid until you revoke it")
    if json_output:
        write_json({"key": presented, **_shown(key), "file": str(path)})
        return
    note(f"key {key.id} for {key.name!r}, scopes: {', '.join(key.scopes)}, in {path}")
    note("The key is the line on stdout. Keep it now; it cannot be shown again.")
    say(presented)


@keys.command("list")
@guarded
def list_keys(file: File = None, json_output: Json = False, debug: Debug = False) -> None:
    """Show every key that was made, without the keys themselves.

    A table on a terminal; elsewhere one key a line, parted by tabs.
    """
    from seatrial.serve.keys import KeyStore

    path = file or default_keys_file()
    found = KeyStore(path).keys if path.exists() else ()
    if json_output:
        write_json({"keys": [_shown(key) for key in found], "file": str(path)})
        return
    if not found:
        note(f"no keys in {path}; `seatrial keys add NAME` makes one")
        return
    rows = [_row(key) for key in found]
    if sys.stdout.isatty():
        say(_table(rows))
        return
    for row in rows:
        say("\t".join(row))


@keys.command()
@guarded
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, as `seatrial keys list` shows it.")],
    file: File = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Make a key useless, for good. A running service refuses it within a second."""
    from seatrial.serve.keys import KEY_PATTERN, KeyStore

    found = re.fullmatch(KEY_PATTERN, key_id)  # who finds a key in a log has the whole of it, and no id
    store = KeyStore(file or default_keys_file())
    key = store.revoke(found[1] if found else key_id)
    if json_output:
        write_json(_shown(key))
    else:
        note(f"key {key.id} of {key.name!r} is revoked since {key.revoked:%Y-%m-%d %H:%M:%S} UTC")


def _scope(word: str) -> Scope:
    from seatrial.errors import ServiceError
    from seatrial.registry import did_you_mean
    from seatrial.serve.keys import Scope

    try:
        return Scope(word)
    except ValueError:
        names = [scope.value for scope in Scope]
        raise ServiceError(f"unknown scope {word!r}", where="--scope", hint=did_you_mean(word, names)) from None


def _moment(words: str, now: datetime) -> datetime:
    """`90d` or `2030-01-31` as a moment after `now`. A day means its end, in UTC."""
    from seatrial.errors import ServiceError

    try:
        if span := SPAN.fullmatch(words):
            until = now + timedelta(hours=int(span[1]) * HOURS[span[2]])
        else:
            until = datetime.strptime(words, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except ValueError:
        raise ServiceError(
            f"{words!r} is neither a time from now nor a day",
            where="--expires",
            expected="12h, 90d, 8w or 2030-01-31",
            hint="or leave it out for a key that does not expire",
        ) from None
    except OverflowError:
        raise ServiceError(f"{words} is too far away", where="--expires", hint="leave it out for no end") from None
    if until <= now:
        raise ServiceError(f"{words} is over", where="--expires", hint="name a later time")
    return until.replace(microsecond=0)


def _shown(key: Key) -> dict[str, Any]:
    """What `--json` tells of a key: everything but its hash."""
    return {**key.model_dump(mode="json", exclude={"hash"}), "state": key.state(datetime.now(UTC))}


def _is_active(key: Key) -> bool:
    return key.state(datetime.now(UTC)) == "active"


def _row(key: Key) -> tuple[str, ...]:
    rate = "" if key.requests_per_minute is None else str(key.requests_per_minute)
    expires = f"{key.expires:%Y-%m-%d}" if key.expires else ""
    state = key.state(datetime.now(UTC))
    return (key.id, key.name, state, " ".join(key.scopes), rate, f"{key.created:%Y-%m-%d}", expires)


def _table(rows: list[tuple[str, ...]]) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=f"{len(rows)} API keys" if len(rows) != 1 else "1 API key", title_justify="left")
    for column in COLUMNS:
        wraps = column in ("name", "scopes")
        table.add_column(column, no_wrap=not wraps, overflow="fold", min_width=7 if wraps else None)
    for row in rows:
        table.add_row(*map(escape, row), style=None if row[2] == "active" else "dim")
    text = StringIO()
    width = Console().width
    console = Console(file=text, width=width, highlight=False, force_terminal="NO_COLOR" not in os.environ)
    console.print(table)
    return text.getvalue().rstrip("\n")
