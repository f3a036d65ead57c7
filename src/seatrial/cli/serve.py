"""`seatrial serve`: releases behind HTTP and gRPC, with a page to try them on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.console import guarded, note, write_json
from seatrial.cli.options import Debug, Json

__all__ = ["serve"]

COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""OpenTelemetry's variable; it belongs to the place where the service runs, so no project file can name a collector."""

LONGEST_WATCH_S = 86_400
"""A day; who waits longer means no watch, which is what leaving it out is for."""

Releases = Annotated[
    list[str],
    typer.Argument(
        metavar="RELEASE",
        help="Release folder, or a project that has one, or a language model as it is: a GGUF file, a folder in "
        "Hugging Face layout, package:MODULE/FILE; may be repeated.",
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="Threads of one model run.  [default: all cores if alone, else one each]"),
]
Workers = Annotated[int | None, typer.Option(min=1, max=64, help="Batches computed at the same time.")]
Keys = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="File of the API keys that callers need.  [default: that of `seatrial keys`, if there is one]",
    ),
]
Watch = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", min=0, max=LONGEST_WATCH_S, help="Look so often for a new release, and serve it."),
]
SetServing = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="serving.B=C", help="Another limit of the service; may be repeated."),
]


@guarded
def serve(
    releases: Releases,
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: the release's, 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.  [default: the release's, 8000]")] = None,
    grpc_port: Annotated[
        int | None, typer.Option(help="Port for gRPC; 0 takes a free one.  [default: no gRPC]")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="What runs the model: onnxruntime or torch.")] = None,
    threads: Threads = None,
    workers: Workers = None,
    keys: Keys = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Ask nobody for a key, other machines neither.")] = False,
    watch: Watch = None,
    cache_mb: Annotated[float | None, typer.Option(min=0, help="Memory for answers given before, in MB.")] = None,
    overrides: SetServing = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Serve releases over HTTP until Ctrl-C, with a page to try them at /.

    The first release answers who names no model. A process that dies is replaced at once. SIGTERM stops the service
    when everything accepted is answered; SIGHUP looks for new releases.

    Routes: POST /v1/predict; GET /v1/model, /health/live, /health/ready, /metrics; /docs lists all of them.
    """
    from seatrial.cli.find_release import find_served
    from seatrial.cli.keys import default_keys_file
    from seatrial.cli.serve_settings import serve_settings
    from seatrial.cli.serve_started import log_started, started_object, started_words
    from seatrial.serve.process.orders import Addresses
    from seatrial.serve.process.supervisor import supervise
    from seatrial.serve.watch.logs import configure_logs

    folders = [find_served(release) for release in releases]
    given = {
        "host": host,
        "port": port,
        "grpc_port": grpc_port,
        "engine": engine,
        "threads": threads,
        "workers": workers,
        "keys_file": keys,
        "insecure": insecure or None,
        "watch_s": watch,
        "cache_mb": cache_mb,
        "tracing_endpoint": os.environ.get(COLLECTOR) or None,
    }
    for_people = {"log_json": not sys.stderr.isatty()}
    settings = serve_settings(folders[0], overrides or [], given, for_people)
    if settings.keys_file is None and not settings.insecure and default_keys_file().is_file():
        from dataclasses import replace

        settings = replace(settings, keys_file=default_keys_file())

    def started(addresses: Addresses) -> None:
        if json_output:
            write_json(started_object(addresses, folders))
        if settings.log_json:
            log_started(addresses, folders, settings)
        else:
            note(started_words(addresses, folders, settings))

    with configure_logs(settings.log_level, settings.log_json, texts=settings.log_texts):
        supervise(folders, settings, started=started)
