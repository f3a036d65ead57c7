"""Serving connects to nothing and looks up no name, whatever is asked of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHILD = """
import asyncio, socket, sys
from pathlib import Path

seen = []
def hear(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "subprocess.Popen"}:
        seen.append((event, repr(arguments[-1])))
sys.addaudithook(hear)

import httpx
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.served import load_model
from seatrial.serve.settings import ServeSettings

async def main():
    settings = ServeSettings(cache_mb=1)
    handlers = build_handlers([load_model(Path(sys.argv[1]), settings)], settings)
    app = create_app(settings, handlers)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answered = 0
        for route in app.state.routes:
            path = route.path.replace("{model}", "toy").replace("{model:path}", "toy")
            body = {"inputs": "good https://example.org/a http://192.0.2.1/"} if route.method == "POST" else None
            await client.request(route.method, path, json=body)
            answered += 1
    await handlers.close(1)
    return answered

print(asyncio.run(main()), seen)
try:
    socket.create_connection(("127.0.0.1", 1), timeout=1)
except OSError:
    pass
print(len(seen) > 0)
"""


def test_a_service_makes_no_connection(toy_release: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(toy_release)], check=True, capture_output=True, text=True, timeout=60
    )
    answered, heard = done.stdout.strip().splitlines()
    count, _, seen = answered.partition(" ")
    assert int(count) > 8
    assert seen == "[]"
    assert heard == "True", "the hook hears a connection when there is one"
