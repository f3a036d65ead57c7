"""`seatrial bench`: measure what runs. `bench serve` loads a service and says what it can bear."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seatrial.cli.console import INTERRUPTED, guarded
from seatrial.cli.load_table import Work, show
from seatrial.cli.options import Debug, Json

if TYPE_CHECKING:
    from seatrial.load import Answer, Knee, LoadResult
    from seatrial.load.texts import FileTexts
    from seatrial.progress import Progress

__all__ = ["bench"]

bench = typer.Typer(
    name="bench",
    help="Measure a running service, or a release that is started for it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DEFAULT_RATE = 200.0
ADDRESS = re.compile(r"[^/\s]+:\d{1,5}(/.*)?|localhost")
"""What looks like a URL without its scheme."""
REMEDIES = {
    401: "set SEATRIAL_API_KEY to a key of that service",
    403: "set SEATRIAL_API_KEY to a key that may do this",
    404: "name a model of that service with --model, or another --protocol",
    422: "check --protocol and --model",
}
"""Status → what helps. Where the first request is answered so, all others would be too."""
REDRAWS_PER_S = 2.0
"""Drawing takes time from the generator, which is in the same process."""
Target = Annotated[str, typer.Argument(metavar="URL|RELEASE", help="http://127.0.0.1:8000, or a release to start.")]
Rate = Annotated[
    float | None,
    typer.Option(metavar="N", help="Requests per second; they leave on schedule, answered or not.  [default: 200]"),
]
Clients = Annotated[int | None, typer.Option(metavar="N", help="Instead of a rate: clients that wait for each answer.")]
Duration = Annotated[float, typer.Option(metavar="S", help="Seconds.")]
Arrivals = Annotated[Literal["poisson", "constant"], typer.Option(help="How requests are spread over time.")]
Lengths = Annotated[Literal["short", "mixed", "long"], typer.Option(help="Lengths of the made-up texts.")]
Texts = Annotated[Path | None, typer.Option(metavar="FILE", help="Texts to send: .txt, .csv, .tsv, .json or .jsonl.")]
Batch = Annotated[int, typer.Option(metavar="N", min=1, help="Texts per request.")]
Protocol = Annotated[str, typer.Option(metavar="NAME", help="predict, v2, openai-embeddings, tei-predict …")]
Model = Annotated[str, typer.Option(metavar="NAME", help="The model's name, for protocols that send one.")]
FindKnee = Annotated[
    bool | None,
    typer.Option(help="Search the highest rate that keeps the p95.  [default: when a p95 is known]"),
]
P95 = Annotated[
    float | None, typer.Option("--p95-ms", metavar="MS", help="The p95 to keep.  [default: the release's contract]")
]
Seed = Annotated[int, typer.Option(help="Of the schedule and the made-up texts.")]
Timeout = Annotated[float, typer.Option(metavar="S", help="Seconds after which a request counts as lost.")]
Connections = Annotated[int, typer.Option(metavar="N", min=1, help="Connections, at most.")]
ApiKey = Annotated[str | None, typer.Option(metavar="KEY", envvar="SEATRIAL_API_KEY", help="Sent as a bearer token.")]
AllowRemote = Annotated[bool, typer.Option("--allow-remote", help="Allow a service that is not on this machine.")]


@bench.callback()
def _group() -> None:
    """Keeps `serve` a command of its own while it is the only one."""


@bench.command()
@guarded
def serve(
    target: Target,
    *,
    rate: Rate = None,
    clients: Clients = None,
    duration: Duration = 10.0,
    arrivals: Arrivals = "poisson",
    lengths: Lengths = "mixed",
    texts: Texts = None,
    batch: Batch = 1,
    find_knee: FindKnee = None,
    p95_ms: P95 = None,
    seed: Seed = 0,
    protocol: Protocol = "predict",
    model: Model = "default",
    api_key: ApiKey = None,
    timeout: Timeout = 10.0,
    connections: Connections = 900,
    allow_remote: AllowRemote = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Load a service and show latency, throughput and refusals.

    Requests leave on a schedule whether or not answers came, and latency counts from the moment a request should have
    left, so that a stalling service cannot hide it. Ctrl-C shows what was measured so far. A release is started for the
    measurement and stopped after it; where its contract bounds the p95, the highest rate that keeps it is searched.
    """
    from seatrial.errors import ServiceError
    from seatrial.load import Sending

    if rate is not None and clients is not None:
        raise ServiceError(
            "there are a rate and clients", where="--rate, --clients", hint="give one: clients wait for each answer"
        )
    rate = DEFAULT_RATE if rate is None and clients is None else rate
    release = None if "://" in target else _release_at(target)
    bound_ms = p95_ms if p95_ms is not None or release is None else _contract_p95_ms(release)
    if find_knee and bound_ms is None:
        raise ServiceError("there is no p95 to keep", hint="say which: --p95-ms 50")
    if bound_ms is not None and not bound_ms > 0:
        raise ServiceError(f"p95 cannot be {bound_ms:g} ms", expected="above 0")
    sending = Sending(
        batch=batch,
        protocol=protocol,
        model=model,
        api_key=api_key,
        timeout_s=timeout,
        connections=connections,
        allow_remote=allow_remote,
    )
    with _running(target, release) as url, _progress() as progress:
        chosen = _texts(texts, lengths, count=math.ceil(max(0.0, (rate or 0.0) * duration) * batch), seed=seed)
        work = Work(url, chosen, sending, rate, clients, duration, arrivals, seed)
        _ask_first(work)
        result = _load(work, progress)
        knee = None
        if bound_ms is not None and find_knee is not False and not result.stopped and result.good:
            knee = _knee(work, bound_ms, progress)
    show(work, result, knee, bound_ms=bound_ms, release=release, json_output=json_output)
    if result.stopped or (knee is not None and knee.why == "stopped"):
        raise typer.Exit(INTERRUPTED)
    if not result.good:
        raise typer.Exit(1)


def _release_at(target: str) -> Path:
    from seatrial.cli.find_release import find_release
    from seatrial.errors import ServiceError

    if ADDRESS.fullmatch(target) and not Path(target).exists():
        raise ServiceError("is neither a URL nor a release", where=target, hint=f"for a service write http://{target}")
    return find_release(Path(target))


def _texts(file: Path | None, lengths: Literal["short", "mixed", "long"], *, count: int, seed: int) -> FileTexts:
    from seatrial.load.texts import FileTexts, made_up_texts, texts_of

    if file is not None:
        return texts_of(file)
    return FileTexts(made_up_texts(lengths, max(1000, count), seed=seed), f"made up, {lengths}")


def _contract_p95_ms(release: Path) -> float | None:
    """The lowest bound of p95_ms in the contract that the release has met."""
    from seatrial.artifact.manifest import verify

    lines = verify(release)["spec"].get("requirements", [])
    bounds = [line["at_most"] for line in lines if line.get("metric") == "p95_ms" and line.get("at_most")]
    return min(bounds, default=None)


@contextmanager
def _running(target: str, release: Path | None) -> Iterator[str]:
    """The URL to load; a release is served by a child process as long as the context lasts."""
    if release is None:
        yield target
        return
    from seatrial.serve.process.latency import running_service

    with running_service(release) as url:
        yield url


@contextmanager
def _progress() -> Iterator[Progress]:
    from seatrial.cli.progress_bars import ProgressBars

    with ProgressBars(redraws_per_s=REDRAWS_PER_S) as bars:
        yield bars


def _ask_first(work: Work) -> None:
    """Stop at a refusal that the whole load would meet."""
    from seatrial.errors import ServiceError
    from seatrial.load.event_loop import in_event_loop
    from seatrial.load.first_answer import first_answer
    from seatrial.load.protocols import refusal_of

    async def ask(stop: asyncio.Event) -> Answer:
        return await first_answer(work.url, work.texts.texts, sending=work.sending, stop=stop)

    answer = in_event_loop(ask)
    if answer.error == "stopped":
        raise KeyboardInterrupt
    if answer.reply is not None and answer.status in REMEDIES:
        told = refusal_of(answer.reply)
        raise ServiceError(
            f"refuses with {answer.status}{f': {told}' if told else ''}",
            where=work.url,
            hint=REMEDIES[answer.status],
        )


def _load(work: Work, progress: Progress) -> LoadResult:
    from seatrial.load import run
    from seatrial.load.protocols import refusal_of

    def hear(answer: Answer) -> None:
        if answer.reply is not None and answer.status >= 300 and answer.status not in work.told:
            work.told[answer.status] = refusal_of(answer.reply)

    return run(
        work.url,
        work.texts.texts,
        duration_s=work.duration_s,
        rate=work.rate,
        clients=work.clients,
        arrivals=work.arrivals,
        seed=work.seed,
        sending=work.sending,
        on_answer=hear,
        progress=progress,
    )


def _knee(work: Work, p95_ms: float, progress: Progress) -> Knee:
    from seatrial.load import find_knee, open_loop
    from seatrial.load.event_loop import in_event_loop
    from seatrial.load.knee import probe_seconds

    async def search(stop: asyncio.Event) -> Knee:
        seeds = iter(range(work.seed + 1, work.seed + 10_000))

        async def measure(rate: float) -> LoadResult:
            return await open_loop(
                work.url,
                work.texts.texts,
                rate=rate,
                duration_s=probe_seconds(rate),
                arrivals=work.arrivals,
                seed=next(seeds),
                sending=work.sending,
                stop=stop,
            )

        return await find_knee(measure, p95_ms=p95_ms, progress=progress)

    return in_event_loop(search)
