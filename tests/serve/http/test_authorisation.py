"""Every route has a decision about who may use it, and the application keeps to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.serve.access import Access, Gatekeeper, Scope
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.keys import KeyStore
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

from ..conftest import Client, FakeEngine

PUBLIC = {
    ("GET", "/"): "the playground's page holds nothing; what it calls asks for a key",
    ("GET", "/chat"): "the page holds nothing; what it calls asks for a key",
    ("GET", "/docs"): "lists the routes of an open source program",
    ("GET", "/openapi.json"): "describes the routes of an open source program",
    ("GET", "/health/live"): "a probe has no key",
    ("GET", "/health/ready"): "a probe has no key",
    ("GET", "/ping"): "SageMaker's probe has no key",
    ("GET", "/v2/health/live"): "the same probe in the words of the Open Inference Protocol",
    ("GET", "/v2/health/ready"): "the same probe in the words of the Open Inference Protocol",
}
"""Routes that ask nobody for a key, each with its reason. One that is gone, or asks by now, must leave this list."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeyStore, dict[str, str]]:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    made = {scope.value: KeyStore(path, create=True).add(scope.value, [scope])[1] for scope in Scope}
    return KeyStore(path), made


@pytest.fixture
def locked(tmp_path: Path, keys: tuple[KeyStore, dict[str, str]]) -> Client:
    settings = ServeSettings()
    engine = FakeEngine(tmp_path)
    client = Client(engine, settings)
    client.handlers = build_handlers([ServedModel(engine, settings)], settings, gatekeeper=Gatekeeper(keys[0], None))
    client.app = create_app(settings, client.handlers)
    return client


def mounted(app) -> set[tuple[str, str]]:
    """What the framework would answer, whether it came from the table or not."""
    return {(method, route.path) for route in app.routes for method in (route.methods or ()) if method != "HEAD"}


def path_of(route) -> str:
    """A path with something in the place of each parameter."""
    import re

    return re.sub(r"\{[^}]*\}", "toy", route.path)


def test_no_route_is_mounted_beside_the_table(client) -> None:
    table = {(route.method, route.path) for route in client.app.state.routes}
    assert len(table) == len(client.app.state.routes), "a route is there twice"
    assert mounted(client.app) == table
    assert len(table) > 8


def test_the_public_routes_are_exactly_those_with_a_reason(client) -> None:
    public = {(route.method, route.path) for route in client.app.state.routes if route.access is Access.PUBLIC}
    assert public == set(PUBLIC)


def test_without_a_key_nothing_else_answers(locked) -> None:
    for route in locked.app.state.routes:
        response = locked.request(route.method, path_of(route))
        if (route.method, route.path) in PUBLIC:
            assert response.status_code not in {401, 403}, route.path
        else:
            assert response.status_code == 401, route.path
            assert response.headers["www-authenticate"] == "Bearer"
            assert "error" in response.json()


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key"])
def test_two_keys_are_refused_whichever_is_valid(locked, keys, name) -> None:
    valid = ("Bearer " if name == "Authorization" else "") + keys[1]["predict"]
    assert locked.request("GET", "/v1/models", headers=[(name, valid)]).status_code == 200
    for pair in ((valid, "Bearer x"), ("Bearer x", valid), (valid, valid)):
        refused = locked.request("GET", "/v1/models", headers=[(name, value) for value in pair])
        assert refused.status_code == 401
        assert "twice" in refused.json()["error"]["message"]


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_opens_what_its_scope_says_and_nothing_else(locked, keys, scope) -> None:
    header = {"Authorization": f"Bearer {keys[1][scope.value]}"}
    opened = refused = 0
    for route in locked.app.state.routes:
        if route.access is Access.PUBLIC:
            continue
        response = locked.request(route.method, path_of(route), headers=header)
        if route.access.value == scope.value:
            opened += 1
            assert response.status_code not in {401, 403}, route.path
        else:
            refused += 1
            assert response.status_code == 403, route.path
    assert refused
    assert opened or scope is Scope.ADMIN


def test_the_head_of_a_route_is_behind_the_same_door(locked) -> None:
    for route in locked.app.state.routes:
        if route.method == "GET" and route.access is not Access.PUBLIC:
            assert locked.request("HEAD", path_of(route)).status_code == 401, route.path


def test_a_key_in_the_address_is_no_key(locked, keys) -> None:
    assert locked.get(f"/v1/model?api_key={keys[1]['predict']}").status_code == 401


@pytest.mark.parametrize(
    "value", ["Basic abc", "Bearer", "Bearer a b", "bearer st_x_y", "\x00", "Bearer " + "x" * 5000]
)
def test_a_header_that_is_no_key_is_a_401(locked, value) -> None:
    assert locked.request("GET", "/v1/model", headers={"Authorization": value}).status_code == 401
