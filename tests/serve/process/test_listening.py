"""The listening socket: errors that name the setting, and newcomers turned away gently."""

from __future__ import annotations

import socket
import sys

import pytest

from seatrial.errors import ServiceError
from seatrial.serve.process.listening import (
    adopt,
    listen,
    refuse_newcomers,
    unaccepted,
    url_of,
)


def test_a_taken_port_is_a_clear_error() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=rf"127\.0\.0\.1:{port}: address already in use") as refused:
            listen("127.0.0.1", port)
    assert (refused.value.where, "--port" in (refused.value.hint or "")) == ("serving.port", True)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "300.1.1.1", "192.0.2.1"])
def test_a_foreign_address_is_not_blamed_on_the_port(host: str) -> None:
    with pytest.raises(ServiceError, match="cannot listen") as refused:
        listen(host, 0)
    assert (refused.value.where, "--host" in (refused.value.hint or "")) == ("serving.host", True)


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ServiceError, match=f"there is no port {port}"):
        listen("127.0.0.1", port)


def test_a_socket_is_taken_over_with_its_queue() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as client:
        with adopt(listener.detach()) as same:
            accepted, _ = same.accept()
            assert url_of(same).startswith("http://127.0.0.1:")
        client.sendall(b"there")
        assert accepted.recv(5) == b"there"
        accepted.close()


@pytest.mark.skipif(sys.platform != "linux", reason="packet filters on sockets are Linux's")
def test_newcomers_wait_while_the_queue_is_emptied() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as waiting:
        assert refuse_newcomers(listener)
        with socket.socket() as late:
            late.settimeout(0.2)
            with pytest.raises(TimeoutError):
                late.connect(listener.getsockname())
        waiting.sendall(b"I was here before")
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.recv(100) == b"I was here before"
            accepted.sendall(b"so you are served")
        assert waiting.recv(100) == b"so you are served"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell")
def test_who_waits_to_be_accepted_is_counted() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert unaccepted(listener) == 0
        clients = [socket.create_connection(listener.getsockname()) for _ in range(3)]
        assert unaccepted(listener) == 3
        listener.accept()[0].close()
        assert unaccepted(listener) == 2
        for client in clients:
            client.close()
