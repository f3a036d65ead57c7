"""Hot reload: what is sound takes over at once, what is not changes nothing, and nobody's accepted work is lost."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.artifact.exchange import exchange
from seatrial.artifact.manifest import manifest_digest, verify, write_manifest
from seatrial.errors import ArtifactError
from seatrial.export.golden import write_golden
from seatrial.serve.access import ANONYMOUS
from seatrial.serve.call import Call
from seatrial.serve.handlers import Handlers, build_handlers
from seatrial.serve.reload import Outcome, Reloader, check_golden
from seatrial.serve.served import ServedModel, load_model
from seatrial.serve.settings import ServeSettings

from .conftest import FakeEngine

SETTINGS = ServeSettings(threads=1, workers=1)
GOOD_DAY = ["good day", "bad", "day"]


def remake(folder: Path, *, temperature: float | None = None, card: str = "") -> str:
    """Change a release in place, as a new one that is sound; gives its version."""
    if temperature is not None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config["seatrial"]["temperature"] = temperature
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    if card:
        (folder / "README.md").write_text(card, encoding="utf-8")
    write_manifest(folder, kind="release")
    return version_of(folder)


def version_of(folder: Path) -> str:
    return manifest_digest(verify(folder))[:12]


def call() -> Call:
    return Call(ANONYMOUS, time.monotonic() + 200, "test", "rest")


@pytest.fixture
def folder(toy_release: Path, tmp_path: Path) -> Path:
    return shutil.copytree(toy_release, tmp_path / "release")


def serving(folder: Path, settings: ServeSettings = SETTINGS) -> tuple[Handlers, Reloader]:
    model = load_model(folder, settings)
    handlers = build_handlers([model], settings)
    return handlers, Reloader(handlers, {folder: model}, settings)


def fake_model(folder: Path, engine: FakeEngine | None = None, **changes: Any) -> ServedModel:
    """A model on a fake engine that claims to come from the release in the folder."""
    engine = engine or FakeEngine(folder)
    engine.release = replace(engine.release, path=folder, version=version_of(folder), **changes)
    return ServedModel(engine, SETTINGS)


def fake_serving(
    folder: Path, load: Callable[[Path], ServedModel] = fake_model, **changes: str
) -> tuple[Handlers, Reloader, ServedModel]:
    model = fake_model(folder, **changes)
    handlers = build_handlers([model], SETTINGS)
    return handlers, Reloader(handlers, {folder: model}, SETTINGS, load), model


def test_a_new_release_answers_and_says_so(folder: Path) -> None:
    async def scenario() -> None:
        handlers, reloader = serving(folder, replace(SETTINGS, cache_mb=1))
        old = version_of(folder)
        before = await handlers.predict.predict(call(), GOOD_DAY)
        assert len(handlers.cache) == len(GOOD_DAY)
        assert [told.outcome for told in await reloader.reload()] == [Outcome.UNCHANGED]
        new = remake(folder, temperature=1.0)
        [told] = await reloader.reload()
        assert (told.name, told.version, told.previous, told.outcome) == ("toy", new, old, Outcome.SWAPPED)
        after = await handlers.predict.predict(call(), GOOD_DAY)
        assert (before.release.version, after.release.version) == (old, new)
        assert after.cached == 0
        assert after.outputs[0][1] > before.outputs[0][1] + 0.05, "a lower temperature is surer"
        assert handlers.catalog.versions("toy") == [new]
        await _until(lambda: len(handlers.cache) == len(GOOD_DAY))  # the old version's answers are forgotten
        text = handlers.metrics.text().decode()
        assert 'outcome="swapped"} 1.0' in text
        assert 'outcome="unchanged"} 1.0' in text
        await reloader.close()
        await handlers.close(1)

    asyncio.run(scenario())


def damage(folder: Path) -> str:
    (folder / "onnx" / "model.onnx").write_bytes(b"something else")
    return "onnx/model.onnx was altered"


def damage_soundly(folder: Path) -> str:
    damage(folder)
    write_manifest(folder, kind="release")
    return "onnxruntime cannot load this file"


def lose_the_manifest(folder: Path) -> str:
    (folder / "manifest.json").unlink()
    return "there is no manifest.json"


def lose_everything(folder: Path) -> str:
    shutil.rmtree(folder)
    return "there is no such folder"


def break_the_manifest(folder: Path) -> str:
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    return "manifest.json cannot be read"


def lie_in_golden(folder: Path) -> str:
    write_golden(folder, ["good"], np.array([[0.9, 0.1]], dtype=np.float32), labels=("bad", "good"))
    write_manifest(folder, kind="release")
    return "text 0 differs by"


def become_a_dataset(folder: Path) -> str:
    write_manifest(folder, kind="dataset")
    return "not a release"


FAULTS = [
    damage,
    damage_soundly,
    lose_the_manifest,
    lose_everything,
    break_the_manifest,
    lie_in_golden,
    become_a_dataset,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_what_is_not_sound_changes_nothing(
    folder: Path, toy_release: Path, fault: Callable[[Path], str], caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        handlers, reloader = serving(folder)
        old = handlers.catalog.find()
        expected = fault(folder)
        [told] = await reloader.reload()
        assert told.outcome is Outcome.REFUSED
        assert expected in (told.message or "")
        assert str(folder) not in (told.message or ""), "clients of the route see no path"
        assert "refused the new release" in caplog.text
        assert (told.version, told.previous) == (old.release.version, old.release.version)
        assert handlers.catalog.find() is old
        assert (await handlers.predict.predict(call(), "good")).release is old.release
        assert 'outcome="refused"} 1.0' in handlers.metrics.text().decode()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(toy_release, folder)
        new = remake(folder, card="# repaired\n")
        assert [(told.outcome, told.version) for told in await reloader.reload()] == [(Outcome.SWAPPED, new)]
        await handlers.close(1)

    asyncio.run(scenario())


def test_a_release_that_reproduces_its_golden_answers_is_taken(folder: Path) -> None:
    engine = load_model(folder, SETTINGS).engine
    outputs = np.stack([engine.outputs(engine.tokenize([text]))[0] for text in GOOD_DAY])
    write_golden(folder, GOOD_DAY, outputs, labels=engine.release.labels)
    check_golden(engine)


def test_a_model_that_gives_no_numbers_is_refused(folder: Path) -> None:
    class Broken(FakeEngine):
        def outputs(self, token_ids):
            return np.full((len(token_ids), 2), math.nan, dtype=np.float32)

    with pytest.raises(ArtifactError, match="not a number"):
        check_golden(Broken(folder))


@pytest.mark.parametrize(
    ("output_name", "changes", "why"),
    [
        ("embedding", {}, "is for text-classification (embedding), the old one for text-classification (scores)"),
        ("scores", {"task": "another-task"}, "is for another-task"),
        ("scores", {"name": "another"}, "is called another, the old one toy"),
        ("scores", {"labels": ("bad", "fair", "good")}, "has the labels bad, fair, good, the old one bad, good"),
        ("scores", {"labels": ("good", "bad")}, "has the labels good, bad"),
    ],
)
def test_a_release_of_another_kind_is_refused(
    folder: Path, output_name: str, changes: dict[str, Any], why: str
) -> None:
    def load(folder: Path) -> ServedModel:
        engine = FakeEngine(folder)
        engine.output_name = output_name
        return fake_model(folder, engine, **changes)

    async def scenario() -> None:
        handlers, reloader, old = fake_serving(folder, load)
        remake(folder, card="# new\n")
        [told] = await reloader.reload()
        assert told.outcome is Outcome.REFUSED
        assert why in (told.message or "")
        assert "stop the service and start it again" in (told.message or "")
        assert handlers.catalog.find() is old

    asyncio.run(scenario())


def test_the_name_of_another_model_is_refused(folder: Path, toy_release: Path, tmp_path: Path) -> None:
    other_folder = shutil.copytree(toy_release, tmp_path / "other")
    remake(other_folder, card="# other\n")

    async def scenario() -> None:
        one, other = fake_model(folder), fake_model(other_folder, name="other")
        handlers = build_handlers([one, other], SETTINGS)
        reloader = Reloader(
            handlers, {folder: one, other_folder: other}, SETTINGS, lambda folder: fake_model(folder, name="toy")
        )
        new = remake(other_folder, card="# the same name\n")
        told = await reloader.reload()
        assert [model.outcome for model in told] == [Outcome.UNCHANGED, Outcome.REFUSED]
        assert handlers.catalog.find("other") is other
        assert new not in handlers.catalog.versions("toy")

    asyncio.run(scenario())


def test_accepted_work_is_answered_by_the_version_that_accepted_it(folder: Path) -> None:
    async def scenario() -> None:
        handlers, reloader, old = fake_serving(folder)
        first = version_of(folder)
        assert isinstance(old.engine, FakeEngine)
        old.engine.go.clear()
        waiting = [asyncio.create_task(handlers.predict.predict(call(), "x" * n)) for n in range(1, 40)]
        await asyncio.sleep(0.05)
        new = remake(folder, card="# new\n")
        assert [told.outcome for told in await reloader.reload()] == [Outcome.SWAPPED]
        assert (await handlers.predict.predict(call(), "at once")).release.version == new
        assert not any(task.done() for task in waiting)
        await asyncio.sleep(0.15)  # longer than the one who closes waits between two looks
        old.engine.go.set()
        answers = await asyncio.gather(*waiting)
        assert [(answer.release.version, answer.outputs[0][1]) for answer in answers] == [
            (first, n) for n in range(1, 40)
        ]
        await _until(lambda: old.batcher._closed)
        await handlers.close(1)

    asyncio.run(scenario())


def test_a_folder_that_is_swapped_while_it_is_read_is_read_again(folder: Path, toy_release: Path) -> None:
    beside = shutil.copytree(toy_release, folder.with_name("beside"))
    second = remake(beside, temperature=1.0)
    loads = []

    def load(folder: Path) -> ServedModel:
        loads.append(version_of(folder))
        model = fake_model(folder)
        if len(loads) == 1:
            assert exchange(beside, folder)
        return model

    async def scenario() -> None:
        _, reloader, _ = fake_serving(folder, load)
        first = remake(folder, card="# new\n")
        [told] = await reloader.reload()
        assert loads == [first, second]
        assert (told.outcome, told.version) == (Outcome.SWAPPED, second)

    asyncio.run(scenario())


def test_a_folder_that_never_stays_the_same_is_refused(folder: Path) -> None:
    loads = []

    def load(folder: Path) -> ServedModel:
        model = fake_model(folder)
        loads.append(remake(folder, card=f"# {len(loads)}\n"))
        return model

    async def scenario() -> None:
        handlers, reloader, old = fake_serving(folder, load)
        remake(folder, card="# new\n")
        [told] = await reloader.reload()
        assert told.message == "the release was changed while it was read"
        assert len(loads) == 3
        assert handlers.catalog.find() is old

    asyncio.run(scenario())


def test_reloads_wait_for_each_other(folder: Path) -> None:
    at_work, most = [0], [0]
    lock = threading.Lock()

    def load(folder: Path) -> ServedModel:
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        time.sleep(0.05)
        with lock:
            at_work[0] -= 1
        return fake_model(folder)

    async def scenario() -> None:
        handlers, reloader, _ = fake_serving(folder, load)
        new = remake(folder, card="# new\n")
        told = await asyncio.gather(*(reloader.reload() for _ in range(5)))
        assert [model.outcome for [model] in told].count(Outcome.SWAPPED) == 1
        assert handlers.catalog.find().release.version == new

    asyncio.run(scenario())
    assert most == [1]


def test_a_watched_folder_is_tried_once_per_change(folder: Path) -> None:
    loads = []

    def load(folder: Path) -> ServedModel:
        loads.append(version_of(folder))
        if len(loads) == 1:
            raise ArtifactError("no good")
        return fake_model(folder)

    async def scenario() -> None:
        handlers, reloader, old = fake_serving(folder, load)
        watching = asyncio.create_task(reloader.watch(0.02))
        await asyncio.sleep(0.15)
        assert loads == [], "nothing has changed"
        remake(folder, card="# no good\n")
        await _until(lambda: len(loads) == 1)
        await asyncio.sleep(0.2)
        assert len(loads) == 1, "not again before the folder changes"
        assert handlers.catalog.find() is old
        manifest = (folder / "manifest.json").read_bytes()
        (folder / "manifest.json").unlink()  # a copy that is under way: the manifest comes last
        await asyncio.sleep(0.1)
        (folder / "manifest.json").write_bytes(manifest)
        await _until(lambda: len(loads) == 2)
        await _until(lambda: handlers.catalog.find() is not old)
        watching.cancel()
        assert 'outcome="refused"} 1.0' in handlers.metrics.text().decode()

    asyncio.run(scenario())


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)
