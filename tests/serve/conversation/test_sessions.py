"""A conversation over several requests: what the model is shown, what is remembered, and whose it is."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from seatrial.errors import BusyError
from seatrial.serve.access import Gatekeeper, Scope
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.keys import KeyStore
from seatrial.serve.settings import ServeSettings

from ..writer import Script, writer

SETTINGS = ServeSettings(generate_max_tokens=40, summary_tokens=20)


class Service:
    """A service with one model on a script; every request of a test runs in one event loop."""

    def __init__(self, folder: Path, script: Script, gatekeeper: Gatekeeper | None = None) -> None:
        self.script = script
        self.handlers = build_handlers([writer(folder, script, SETTINGS)], SETTINGS, gatekeeper=gatekeeper)
        self.app = create_app(SETTINGS, self.handlers)

    @property
    def shown(self) -> list[str]:
        """Every prompt that the model was shown."""
        return ["".join(map(chr, request.prompt)) for request in self.script.asked]

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, json=body, headers=headers)

    async def say(self, text: str, session: str = "s", system: str = "", **headers: str) -> httpx.Response:
        first = [{"role": "system", "content": system}] if system else []
        body = {"session": session, "messages": [*first, {"role": "user", "content": text}]}
        return await self.ask("POST", "/v1/chat/completions", body, **headers)


def run(scene: Callable[[], Any]) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(30):
            await scene()

    asyncio.run(within_time())


def test_only_what_is_new_is_sent_and_the_model_is_shown_all(tmp_path: Path) -> None:
    service = Service(tmp_path, Script("Aye."))

    async def scene() -> None:
        first = await service.say("One?", system="Be brief.")
        assert first.headers["x-session"] == "s"
        await service.say("Two?")
        await service.say("Three?", session="t")
        assert service.shown == [
            "s:Be brief.\nu:One?\n",
            "s:Be brief.\nu:One?\na:Aye.\nu:Two?\n",
            "u:Three?\n",
        ]
        told = (await service.ask("GET", "/v1/sessions/s")).json()
        assert (told["system"], told["summary"], len(told["messages"])) == ("Be brief.", "", 4)
        assert (await service.ask("DELETE", "/v1/sessions/s")).json() == {"session": "s", "forgotten": True}
        assert (await service.ask("GET", "/v1/sessions/s")).status_code == 404
        assert (await service.ask("DELETE", "/v1/sessions/s")).status_code == 404

    run(scene)


def test_the_header_names_a_session_too(tmp_path: Path) -> None:
    service = Service(tmp_path, Script("Aye."))

    async def scene() -> None:
        body = {"messages": [{"role": "user", "content": "One?"}]}
        for _ in range(2):
            assert (await service.ask("POST", "/v1/chat/completions", body, **{"X-Session": "h"})).status_code == 200
        assert service.shown[1] == "u:One?\na:Aye.\nu:One?\n"
        other = await service.ask("POST", "/v1/chat/completions", {**body, "session": "x"}, **{"X-Session": "h"})
        assert other.status_code == 400

    run(scene)


def test_what_falls_out_is_summed_up_by_the_model(tmp_path: Path) -> None:
    script = Script("Aye, " + "a" * 20)
    script.context = 600
    service = Service(tmp_path, script)

    async def scene() -> None:
        for number in range(4):
            assert (await service.say(f"Question {number} {'q' * 100}?", system="Brief.")).status_code == 200
        [asked] = [prompt for prompt in service.shown if "Summarize" in prompt]
        assert "User: Question 0" in asked
        assert "Assistant: Aye" in asked
        last = service.shown[-1]
        assert last.startswith("s:Brief.\n\nEarlier in this conversation: Aye, aaaaaaaaaaaaaaa\n")  # 20 tokens of it
        assert "Question 0" not in last
        assert last.endswith(f"u:Question 3 {'q' * 100}?\n")
        told = (await service.ask("GET", "/v1/sessions/s")).json()
        assert told["summary"] == "Aye, aaaaaaaaaaaaaaa"
        assert told["messages"][0]["content"].startswith("Question")

    run(scene)


def test_without_room_for_a_summary_the_conversation_goes_on(tmp_path: Path) -> None:
    script = Script("Aye, " + "a" * 20)
    script.context = 600
    service = Service(tmp_path, script)

    async def scene() -> None:
        for number in range(3):
            await service.say(f"Question {number} {'q' * 100}?")
        model = service.handlers.generate.models[0]
        real = model.answer

        def busy_once(*arguments: Any, **named: Any) -> Any:
            model.answer = real  # type: ignore[method-assign]
            raise BusyError("the service is busy")

        model.answer = busy_once  # type: ignore[method-assign]
        assert (await service.say(f"Question 3 {'q' * 100}?")).status_code == 200
        assert "Summarize" not in "".join(service.shown)
        assert "Question 0" not in service.shown[-1]

    run(scene)


def test_one_answer_at_a_time(tmp_path: Path) -> None:
    script = Script("Aye.")
    service = Service(tmp_path, script)

    async def scene() -> None:
        script.go.clear()
        first = asyncio.create_task(service.say("One?"))
        while not script.asked:
            await asyncio.sleep(0.001)
        second = await service.say("Two?")
        assert second.status_code == 409
        assert "another request" in second.json()["error"]["message"]
        script.go.set()
        assert (await first).status_code == 200
        assert (await service.say("Two?")).status_code == 200

    run(scene)


def test_a_request_that_failed_is_not_remembered(tmp_path: Path) -> None:
    script = Script("Aye.")
    service = Service(tmp_path, script)

    async def scene() -> None:
        await service.say("One?")
        script.failure, script.pause_at = RuntimeError("broken"), 2
        assert (await service.say("Two?")).status_code == 500
        script.failure = None
        await service.say("Three?")
        assert service.shown[-1] == "u:One?\na:Aye.\nu:Three?\n"

    run(scene)


def test_what_a_client_got_before_it_left_is_remembered(tmp_path: Path) -> None:
    script = Script("Aye, captain.")
    service = Service(tmp_path, script)

    async def scene() -> None:
        from seatrial.serve.access import ANONYMOUS
        from seatrial.serve.call import Call
        from seatrial.serve.generation.ask import Ask, Message, Role
        from seatrial.serve.generation.pieces import Clocks

        generate = service.handlers.generate
        [model] = generate.models
        call = Call(ANONYMOUS, float("inf"), "r", "openai")
        ask = Ask(messages=(Message(Role.USER, "One?"),))
        pieces = generate.answer(call, model, ask, Clocks(model.release), "s")
        got = [(await anext(pieces)).text for _ in range(3)]
        await pieces.aclose()
        assert got == ["A", "y", "e"]
        told = (await service.ask("GET", "/v1/sessions/s")).json()
        assert [message["content"] for message in told["messages"]] == ["One?", "Aye"]
        assert script.cancelled == 1

    run(scene)


def test_another_tenant_finds_nothing(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "keys.json", create=True)
    anna, boris = (keys.add(name, [Scope.PREDICT])[1] for name in ("anna", "boris"))
    service = Service(tmp_path, Script("Aye."), Gatekeeper(KeyStore(tmp_path / "keys.json"), None))

    async def scene() -> None:
        await service.say("My secret?", **{"X-API-Key": anna})
        await service.say("And mine?", **{"X-API-Key": boris})
        assert service.shown[-1] == "u:And mine?\n"
        for method in ("DELETE", "GET"):
            other = await service.ask(method, "/v1/sessions/s?model=writer", **{"X-API-Key": boris})
            assert "secret" not in other.text
        own = await service.ask("GET", "/v1/sessions/s", **{"X-API-Key": anna})
        assert "My secret?" in json.dumps(own.json())
        assert (await service.ask("GET", "/v1/sessions/s", **{"X-API-Key": boris})).status_code == 404
        assert (await service.ask("GET", "/v1/sessions/s")).status_code == 401

    run(scene)


def test_a_store_may_be_used_from_several_threads() -> None:
    from seatrial.serve.conversation.store import Key, Remembered, SessionStore

    kept = SessionStore(None, 60)
    faults: list[Exception] = []

    def work(name: str) -> None:
        try:
            for number in range(50):
                kept.save(Key("t", "m", name), Remembered(system=str(number)))
                assert kept.load(Key("t", "m", name)) == Remembered(system=str(number))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "../etc"])
def test_odd_names_are_refused(tmp_path: Path, name: str) -> None:
    async def scene() -> None:
        assert (await Service(tmp_path, Script()).say("One?", session=name)).status_code == 400

    run(scene)
