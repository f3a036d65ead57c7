"""The administration's routes, and pages of other origins."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from seatrial.serve.access import Gatekeeper, Scope
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.keys import KeyStore
from seatrial.serve.reload import Outcome, Reloaded
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

from ..conftest import FakeEngine

ROUTE = "/v1/admin/reload"


class Told:
    """A reloader that says what it is told to."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = outcomes
        self.asked = 0

    async def reload(self) -> list[Reloaded]:
        self.asked += 1
        return [Reloaded(f"m{i}", "b", "a", outcome, "why") for i, outcome in enumerate(self.outcomes)]


def send(app: object, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    async def request() -> httpx.Response:
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(request())


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([], 200),
        ([Outcome.UNCHANGED, Outcome.SWAPPED], 200),
        ([Outcome.SWAPPED, Outcome.REFUSED], 409),
    ],
)
def test_an_administrator_hears_what_became_of_each_model(
    engine: FakeEngine, tmp_path: Path, outcomes: list[Outcome], status: int
) -> None:
    keys = KeyStore(tmp_path / "keys.json", create=True)
    allowed, other = (keys.add("a", [scope])[1] for scope in (Scope.ADMIN, Scope.PREDICT))
    settings, told = ServeSettings(), Told(*outcomes)
    gatekeeper = Gatekeeper(KeyStore(tmp_path / "keys.json"), None)
    handlers = build_handlers([ServedModel(engine, settings)], settings, gatekeeper=gatekeeper)
    app = create_app(settings, handlers, told)  # type: ignore[arg-type]
    assert [send(app, "POST", ROUTE, {"X-API-Key": key}).status_code for key in (other, "st_no")] == [403, 401]
    assert told.asked == 0
    response = send(app, "POST", ROUTE, {"X-API-Key": allowed})
    assert response.status_code == status
    assert [model["outcome"] for model in response.json()["models"]] == [outcome.value for outcome in outcomes]
    assert send(app, "GET", ROUTE, {"X-API-Key": allowed}).status_code == 405


def test_without_keys_nobody_is_an_administrator(client) -> None:
    assert client.request("POST", ROUTE).status_code == 403


def test_pages_of_other_origins_are_let_in_only_where_they_are_named(engine: FakeEngine) -> None:
    def asked(origins: tuple[str, ...], method: str, path: str) -> httpx.Headers:
        settings = ServeSettings(cors_origins=origins)
        app = create_app(settings, build_handlers([ServedModel(engine, settings)], settings))
        headers = {"Origin": "https://ours.example", "Access-Control-Request-Method": "POST"}
        return send(app, method, path, headers).headers

    allowed = "access-control-allow-origin"
    for method, path in (("OPTIONS", "/v1/predict"), ("GET", "/v1/model"), ("GET", "/health/live")):
        assert allowed not in asked((), method, path)
        assert allowed not in asked(("https://another.example",), method, path)
        assert asked(("https://ours.example",), method, path)[allowed] == "https://ours.example"
