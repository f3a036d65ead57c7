from __future__ import annotations

import socket

import pytest

from seatrial.errors import ServiceError
from seatrial.load.target import target_of


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://127.9.9.9:8000", "http://localhost:8000/v1/predict"])
def test_loopback_may_be_loaded(url: str) -> None:
    assert target_of(url).port == 8000


def test_ipv6_loopback_may_be_loaded() -> None:
    assert target_of("http://[::1]:8000").address == "::1"


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "0.0.0.0", "10.0.0.1", "128.0.0.1", "[2001:db8::1]", "169.254.169.254"]
)
def test_no_other_machine_is_loaded_by_accident(address: str) -> None:
    with pytest.raises(ServiceError, match="not on this machine") as caught:
        target_of(f"http://{address}:8000")
    assert "--allow-remote" in (caught.value.hint or "")
    assert target_of(f"http://{address}:8000", allow_remote=True).port == 8000


def test_a_name_is_judged_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolves(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", resolves)
    with pytest.raises(ServiceError, match="not on this machine"):
        target_of("http://localhost.example:80")


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "https://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://a b:1", "http://x@[::1"]
)
def test_what_is_no_http_url_is_named(url: str) -> None:
    with pytest.raises(ServiceError) as caught:
        target_of(url)
    assert caught.value.where == url
