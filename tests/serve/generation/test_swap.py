"""A new release takes over while an answer is written: the answer is finished by the model that began it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

from seatrial.artifact.manifest import manifest_digest, verify, write_manifest
from seatrial.serve.generation.ask import Ask, Message, Role
from seatrial.serve.generation.model import GeneratingModel
from seatrial.serve.handlers import build_handlers
from seatrial.serve.reload import Outcome, Reloader
from seatrial.serve.settings import ServeSettings

from ..writer import Script, writer

SETTINGS = ServeSettings()
ASK = Ask(messages=(Message(Role.USER, "Ready?"),))


def version_of(folder: Path) -> str:
    return manifest_digest(verify(folder))[:12]


def test_a_running_answer_stays_with_the_old_version(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# First\n", encoding="utf-8")
    write_manifest(tmp_path, kind="release")
    old_script, new_script = Script("old answer"), Script("new answer")
    old = writer(tmp_path, old_script, version=version_of(tmp_path))

    def load(folder: Path) -> GeneratingModel:
        return writer(folder, new_script, version=version_of(folder))

    async def said(model: GeneratingModel) -> str:
        async with aclosing(model.answer(ASK, deadline=float("inf"))) as pieces:
            return "".join([piece.text async for piece in pieces])

    async def scene() -> None:
        handlers = build_handlers([old], SETTINGS)
        reloader = Reloader(handlers, {tmp_path: old}, SETTINGS, load)
        old_script.pause_at = 3
        old_script.go.clear()
        running = asyncio.create_task(said(old))
        while not old_script.asked:
            await asyncio.sleep(0.001)
        (tmp_path / "README.md").write_text("# Second\n", encoding="utf-8")
        write_manifest(tmp_path, kind="release")
        assert [told.outcome for told in await reloader.reload()] == [Outcome.SWAPPED]
        new = handlers.generate.find(None, None)
        assert new.release.version == version_of(tmp_path)
        assert await said(new) == "new answer"
        assert not old_script.closed
        old_script.go.set()
        assert await running == "old answer"
        while not old_script.closed:  # it goes with its last answer
            await asyncio.sleep(0.001)
        await reloader.close()
        await handlers.close(0)

    async def within_time() -> None:
        async with asyncio.timeout(30):
            await scene()

    asyncio.run(within_time())
