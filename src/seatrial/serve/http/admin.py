"""Routes for those who administer a running service. They need a key with the scope `admin`, wherever the service runs.

Keys are made and revoked on the command line only. Refuses to know: how a release is loaded.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from seatrial.serve.access import Access
from seatrial.serve.call import Call
from seatrial.serve.http.answers import json_response
from seatrial.serve.http.routes import Route
from seatrial.serve.http.schema import ErrorBody, ReloadList

if TYPE_CHECKING:
    from seatrial.serve.reload import Reloader

__all__ = ["admin_routes"]


def admin_routes(reloader: Reloader | None) -> list[Route]:
    """The administration's routes; without a reloader there is nothing that could be new."""

    async def reload(_: Request, __: Call) -> Response:
        done = await reloader.reload() if reloader is not None else []
        refused = any(model.outcome == "refused" for model in done)
        return json_response({"models": [asdict(model) for model in done]}, status=409 if refused else 200)

    responses: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "What became of each model",
            "model": ReloadList,
        },
        409: {"description": "The same, where at least one release was refused", "model": ReloadList},
        401: {"description": "No key", "model": ErrorBody},
        403: {"description": "Not this key, or a service without keys", "model": ErrorBody},
    }
    return [
        Route(
            "POST",
            "/v1/admin/reload",
            reload,
            Access.ADMIN,
            summary="Look for new releases and serve them",
            responses=responses,
        )
    ]
