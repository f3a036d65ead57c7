"""`seatrial serve`: a release behind HTTP, with a page to try it on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.cli.console import guarded, note, write_json
from seatrial.cli.options import Debug, Json

__all__ = ["serve"]


@guarded
def serve(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="Release folder, or a project that has one.")],
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: the release's, 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.  [default: the release's, 8000]")] = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Serve a release over HTTP until Ctrl-C, with a page to try it at /.

    Routes: POST /v1/predict; GET /v1/model, /health/live, /health/ready, /metrics, /docs.
    """
    from dataclasses import replace

    from pydantic import ValidationError

    from seatrial.artifact.manifest import MANIFEST, verify
    from seatrial.cli.find_release import find_release
    from seatrial.errors import ArtifactError
    from seatrial.serve.server import run
    from seatrial.serve.settings import ServeSettings
    from seatrial.spec.stages import ServingSpec

    folder = find_release(release)
    try:
        wanted = ServingSpec.model_validate(verify(folder)["spec"].get("serving", {}))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ArtifactError(
            f"spec.serving.{'.'.join(map(str, first['loc']))}: {first['msg']}",
            where=str(folder / MANIFEST),
            hint="make the release again with `seatrial run`, or serve it with the Seatrial that made it",
        ) from error
    settings = ServeSettings.from_spec(wanted)
    settings = replace(
        settings, host=settings.host if host is None else host, port=settings.port if port is None else port
    )

    def started(url: str) -> None:
        if json_output:
            write_json({"url": url, "release": str(folder)})
        else:
            note(f"serving {folder} at {url} (Ctrl-C stops it)")

    run(folder, settings, started=started)
