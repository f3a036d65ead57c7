"""`seatrial data label`: a page on which people label texts, and their answers as a file."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.data.files import check_outputs, open_table
from seatrial.cli.data.label_options import (
    Adjudicator,
    Guidelines,
    Host,
    How,
    HowOption,
    Item,
    LabelFiles,
    Labels,
    NewLinks,
    OutOption,
    PerItem,
    Port,
    Raters,
    ReleaseOption,
    Seed,
    StoreOption,
    WithKeys,
)
from seatrial.cli.data.options import (
    Delimiter,
    Encoding,
    FileFormat,
    MaxBadRows,
    Overwrite,
    TextColumn,
)
from seatrial.cli.options import Debug, Json
from seatrial.errors import SpecError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seatrial.data.annotate.store import Setup, Store
    from seatrial.data.flow.tables import Table

    Score = Callable[[Sequence[str]], NDArray[np.float32]]

__all__ = ["label"]

YOU = "you"
LONGEST_NAME = 64
MOST_LABELS = 100
MAX_TOKENS = 4096


@guarded
def label(
    files: LabelFiles = None,
    *,
    labels: Labels = None,
    text: TextColumn = None,
    raters: Raters = None,
    per_item: PerItem = None,
    adjudicator: Adjudicator = None,
    store: StoreOption = Path("labels.sqlite"),
    item: Item = None,
    guidelines: Guidelines = None,
    release: ReleaseOption = None,
    uncertainty: HowOption = How.MARGIN,
    seed: Seed = None,
    host: Host = "127.0.0.1",
    port: Port = 8765,
    keys: WithKeys = False,
    new_links: NewLinks = False,
    out: OutOption = None,
    overwrite: Overwrite = False,
    file_format: FileFormat = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_bad_rows: MaxBadRows = 100,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Label texts in the browser, alone or with others, until Ctrl-C; every answer is kept at once.

    FILE and --labels begin a store; later --store alone goes on. With --out, no page: the answers are written to a
    file.
    """
    if out is not None:
        check_outputs([out], [*(files or []), store], overwrite=overwrite)
    score = _scorer(release) if release is not None and out is None else None
    tasks = _tasks_file(files or [])
    table = open_table(files, encoding, delimiter, file_format) if files and tasks is None else None
    column = table.column(text) if table is not None else text
    opened, is_new = _opened(store, _names(labels, "--labels"), column, per_item, seed)
    try:
        new = _fill(opened, tasks, table, item, max_bad_rows)
        _people(opened, _names(raters, "--raters"), _names(adjudicator, "--adjudicator"))
        if guidelines is not None:
            opened.set_guidelines(guidelines.read_text(encoding="utf-8-sig"))
        if is_new or any(new):
            note(f"{store}: {new[0]:,} new items" + (f", {new[1]:,} answers" if new[1] else ""))
        if out is not None:
            _write(opened, out, json_output=json_output)
            return
        _serve(opened, score, uncertainty.value, (host, port), (keys, new_links), json_output=json_output)
    finally:
        opened.close()


def _opened(
    path: Path, labels: list[str], text: str | None, per_item: int | None, seed: int | None
) -> tuple[Store, bool]:
    """The store, begun where there is none; what is not said is as it was."""
    from dataclasses import replace

    from seatrial.data.annotate.store import Setup, Store

    if not path.is_file():
        if len(labels) < 2:
            raise SpecError("a new store needs labels", where="--labels", expected="two or more: --labels yes,no")
        return Store(path, Setup(tuple(labels), text or "text", per_item or 1, seed or 0)), True
    opened = Store(path)
    said: dict[str, Any] = {"labels": tuple(labels) or None, "text": text, "per_item": per_item, "seed": seed}
    asked: Setup = replace(opened.setup, **{name: value for name, value in said.items() if value is not None})
    if asked != opened.setup:
        opened.close()
        Store(path, asked)  # says what differs
    return opened, False


def _tasks_file(files: Sequence[Path]) -> Path | None:
    """The one file of Label Studio."""
    tasks = [file for file in files if file.name.lower().endswith(".json")]
    if tasks and len(files) > 1:
        raise SpecError("a .json of Label Studio is named beside other files", where="FILE", hint="name it alone")
    return tasks[0] if tasks else None


def _fill(
    store: Store, tasks: Path | None, table: Table | None, item: str | None, max_bad_rows: int
) -> tuple[int, int]:
    """New items and answers."""
    from seatrial.label.fill import fill_from_table, fill_from_tasks

    if tasks is not None:
        return fill_from_tasks(store, tasks, text=store.setup.text)
    if table is None:
        return 0, 0
    return fill_from_table(store, table, text=store.setup.text, item=item, max_bad_rows=max_bad_rows), 0


def _people(store: Store, raters: list[str], adjudicators: list[str]) -> None:
    store.add_raters(raters)
    store.add_raters(adjudicators, decide=True)
    if not store.raters():
        store.add_raters([YOU], decide=True)


def _write(store: Store, out: Path, *, json_output: bool) -> None:
    from seatrial.label.export import export_answers

    written = export_answers(store, out)
    if json_output:
        write_json({"out": str(out), "items": written, "answers": sum(1 for _ in store.standing.votes())})
    else:
        say(f"{written:,} items with answers written: {out}")


def _serve(
    store: Store,
    score: Score | None,
    how: Any,
    address: tuple[str, int],
    wish: tuple[bool, bool],
    *,
    json_output: bool,
) -> None:
    from seatrial.label.app import create_app
    from seatrial.label.run import listen, run_page
    from seatrial.label.scoring import Scoring
    from seatrial.label.session import Session
    from seatrial.serve.loopback import is_loopback

    host, local = address[0], is_loopback(address[0])
    keyed = wish[0] or not local
    session = Session(store)
    scoring = Scoring(session, score, how) if score is not None else None
    with listen(*address) as listener:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listener.getsockname()[1]}/"
        links = _links(store, url, keyed=keyed, new_links=wish[1])

        def started() -> None:
            if json_output:
                write_json({"url": url, "store": str(store.path), "items": len(session.order), "links": links})
            else:
                say(f"{len(session.order):,} items to label at {url}  (Ctrl-C ends; every answer is kept)")
                for name, link in links.items():
                    say(f"  {name}: {link}")

        if scoring is not None:
            scoring.start()
        try:
            run_page(create_app(session, keyed=keyed, local=local), listener, started)
        finally:
            if scoring is not None:
                scoring.stop()


def _links(store: Store, url: str, *, keyed: bool, new_links: bool) -> dict[str, str]:
    """Rater → link. A key stands after the #, which browsers send to nobody; it is shown this once and kept nowhere."""
    if not keyed:
        return {name: f"{url}#rater={quote(name)}" for name in store.raters()}
    links = {}
    for name in store.raters() if new_links else store.without_key():
        key = secrets.token_urlsafe(32)
        store.set_key(name, key)
        links[name] = f"{url}#key={key}"
    if len(links) < len(store.raters()):
        note("links that were given out before still work; --new-links makes new ones")
    return links


def _scorer(path: Path) -> Score:
    """A release as a function from texts to probabilities, computed in this process."""
    from seatrial.cli.find_release import find_release
    from seatrial.export.release import load_release
    from seatrial.serve.engine import Engine

    release = load_release(find_release(path))
    if release.task != "text-classification" or len(release.labels) < 2:
        raise SpecError(
            f"{release.name} gives no probabilities of labels",
            where="--release",
            expected="a release of the task text-classification with two labels or more",
        )
    engine = Engine(release, threads=1)  # the page stays quick

    def score(texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        from seatrial.data.batches import token_budget_batches

        reading = engine.read(texts)
        parts: dict[int, NDArray[np.float32]] = {}
        for batch in token_budget_batches(list(map(len, reading.windows)), max_tokens=MAX_TOKENS, max_items=64):
            parts.update(zip(batch, engine.parts([reading.windows[i] for i in batch]), strict=True))
        return np.stack(list(engine.join(reading, [parts[window] for window in range(len(parts))])))

    return score


def _names(given: str | None, where: str) -> list[str]:
    """Names parted by commas, each printable, short and there once."""
    names = [name.strip() for name in given.split(",")] if given is not None else []
    for name in names:
        if not (name and name.isprintable() and len(name) <= LONGEST_NAME):
            hint = "part names by single commas"
            raise SpecError(f"{name[:80]!r} is no name", where=where, expected="1 to 64 characters", hint=hint)
    if len(set(names)) < len(names) or len(names) > MOST_LABELS:
        raise SpecError("a name is there twice, or there are more than 100", where=where)
    return names
