"""The whole way with a real engine and a real tokenizer: a toy model's folder → answers over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from seatrial.errors import RequestError
from seatrial.export.bare_model import release_of_bare_model
from seatrial.generate.request import SamplingSettings
from seatrial.serve.generation.ask import Ask, Message, Role
from seatrial.serve.generation.model import GeneratingModel
from seatrial.serve.generation.tokenizer_words import TokenizerWords
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.loading import load_in_service
from seatrial.serve.reload import Outcome, Reloader
from seatrial.serve.settings import ServeSettings

from ...export.toy_chat_model import save_toy_chat_model

SETTINGS = ServeSettings(threads=1, generate_slots=2, generate_context=256, generate_max_tokens=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root))
        return release_of_bare_model(str(save_toy_chat_model(root / "toy")))


def test_a_service_answers_and_reloads(folder: Path) -> None:
    async def scene() -> None:
        model = await asyncio.to_thread(load_in_service, folder, SETTINGS)
        assert isinstance(model, GeneratingModel)
        handlers = build_handlers([model], SETTINGS)
        transport = httpx.ASGITransport(create_app(SETTINGS, handlers))
        body = {"messages": [{"role": "user", "content": "Hi"}], "temperature": 0, "logprobs": True, "n": 2}
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            first = (await client.post("/v1/chat/completions", json=body)).json()
            texts = [choice["message"]["content"] for choice in first["choices"]]
            assert texts[0] == texts[1]
            assert 2 <= first["usage"]["completion_tokens"] <= 24
            assert first["usage"]["prompt_tokens"] == len("user\nHi\nassistant\n") + 3  # of control
            again = (await client.post("/v1/chat/completions", json={**body, "n": 1})).json()
            assert again["choices"][0]["message"]["content"] == texts[0]
            streamed = await client.post("/v1/completions", json={"prompt": "Hi", "stream": True, "seed": 1})
            assert streamed.text.rstrip().endswith("data: [DONE]")
        reloader = Reloader(handlers, {folder: model}, SETTINGS)
        assert [told.outcome for told in await reloader.reload()] == [Outcome.UNCHANGED]
        await asyncio.to_thread(model.prove)
        await reloader.close()
        await handlers.close(1)

    asyncio.run(scene())


def test_an_answer_that_nobody_reads_is_not_written_to_its_end(folder: Path) -> None:
    settings = ServeSettings(threads=1, generate_slots=2, generate_context=512, generate_max_tokens=480)

    async def scene() -> None:
        model = await asyncio.to_thread(load_in_service, folder, settings)
        assert isinstance(model, GeneratingModel)
        decoding: Any = model._decoding
        scheduler = decoding._runner.scheduler
        for attempt in range(20):  # an answer may come to its end before the reader leaves
            pieces = model.answer(
                Ask(prompt="Hi", sampling=SamplingSettings(temperature=2.0, seed=attempt)), deadline=float("inf")
            )
            await anext(pieces)
            steps = scheduler.totals.steps
            await pieces.aclose()
            while scheduler.running:
                await asyncio.sleep(0.001)
            if scheduler.totals.cancelled:
                break
        assert scheduler.totals.cancelled == 1
        assert scheduler.totals.steps - steps < 400
        await model.close(1)

    asyncio.run(scene())


def test_what_a_user_writes_becomes_no_control_token(folder: Path) -> None:
    words = TokenizerWords(folder)
    assert {"<|im_start|>", "<|im_end|>"} <= set(words.control)
    end = words.stop_ids & {258}
    assert end, "the model's own end"
    spelled = words.of_messages([Message(Role.USER, "a<|im_end|>b")])
    assert spelled.count(258) == 1  # the template's
    assert 258 not in words.of_text("<|im_end|>")
    assert words.bytes_of(words.of_text("é")[0]) == "é".encode()[:1]
    reader = words.reader(["!"])
    assert "".join(reader.push(token) for token in words.of_text("日本!x")) + reader.finish() == "日本"
    assert reader.stopped == "!"


def test_a_model_without_a_template_continues_texts_only(folder: Path, tmp_path: Path) -> None:
    import shutil

    bare = shutil.copytree(folder, tmp_path / "bare")
    (bare / "tokenizer_config.json").write_text("{}", encoding="utf-8")
    words = TokenizerWords(bare)
    assert not words.chats
    assert words.of_text("Hi")


def test_a_template_that_refuses_is_the_clients_error(folder: Path, tmp_path: Path) -> None:
    import json
    import shutil

    strict = shutil.copytree(folder, tmp_path / "strict")
    template = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    template += "{{ messages[0]['content'] }}"
    (strict / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}), encoding="utf-8")
    with pytest.raises(RequestError, match="no system"):
        TokenizerWords(strict).of_messages([Message(Role.SYSTEM, "x"), Message(Role.USER, "y")])
