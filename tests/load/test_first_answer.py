from __future__ import annotations

import asyncio
import json
from typing import Any

from seatrial import load
from seatrial.load.first_answer import first_answer


def test_one_request_is_sent_with_the_last_texts(service: Any, reaction: Any) -> None:
    service.react = lambda number, since_s: reaction(status=401, body=b'{"error": "no"}')
    sending = load.Sending(batch=2)
    answer = asyncio.run(first_answer(service.url, ["a", "b", "c"], sending=sending))
    assert (answer.status, answer.error) == (401, None)
    assert answer.reply is not None
    assert json.loads(answer.reply.body) == {"error": "no"}
    assert [json.loads(body) for body in service.received] == [{"inputs": ["b", "c"]}]


def test_a_service_that_is_away_is_an_error(service: Any) -> None:
    answer = asyncio.run(first_answer("http://127.0.0.1:1", ["a"], sending=load.Sending()))
    assert (answer.status, answer.error) == (0, "refused")


def test_a_stop_ends_it(service: Any, reaction: Any) -> None:
    service.react = lambda number, since_s: reaction(delay_s=5)

    async def stopped() -> load.Answer:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.1, stop.set)
        return await first_answer(service.url, ["a"], sending=load.Sending(), stop=stop)

    assert asyncio.run(stopped()).error == "stopped"
