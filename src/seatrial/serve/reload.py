"""Hot reload: a new release takes the place of the old one while requests are answered.

A release is loaded beside the one that answers, in a thread: every hash, the model, a warm-up, and its golden answers,
which the loaded model must reproduce. Then one assignment in the event loop lets it answer, and the old one goes when
the last request that it accepted has its answer. Whatever is wrong, the old one goes on, and the folder is left alone
until it changes again. Refuses to know: who asks for a reload, and what a release says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from seatrial.errors import ArtifactError, SeatrialError
from seatrial.serve.golden import check_golden
from seatrial.serve.handlers import Handlers
from seatrial.serve.in_service import InService
from seatrial.serve.loading import load_in_service
from seatrial.serve.memory import give_back_memory
from seatrial.serve.settings import ServeSettings

__all__ = ["Outcome", "Reloaded", "Reloader", "check_golden"]

LOG = logging.getLogger("seatrial.serve")

ATTEMPTS = 3
"""How often a folder is read that is swapped while it is read."""
RETIRE_POLL_S = 0.05

Print = tuple[tuple[str, int, int, int], ...]


class Outcome(StrEnum):
    """What became of an attempt."""

    SWAPPED = "swapped"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What became of one model.

    Attributes:
        name: of the model that answers now.
        version: the same; the old one where the new one was refused.
        previous: the version that answered before.
        outcome: whether there is a new one.
        message: why it was refused.
    """

    name: str
    version: str
    previous: str
    outcome: Outcome
    message: str | None = None


class Reloader:
    """Loads what has changed. Belongs to the event loop; loading runs in a thread, one release at a time.

    Args:
        handlers: whose catalog gets the new models.
        folders: release folder → the model that was loaded from it.
        settings: for new models.
        load: loads and warms up a release folder.
    """

    def __init__(
        self,
        handlers: Handlers,
        folders: Mapping[Path, InService],
        settings: ServeSettings,
        load: Callable[[Path], InService] | None = None,
    ) -> None:
        self._handlers, self._settings = handlers, settings
        self._models = dict(folders)
        self._load = load or (lambda folder: load_in_service(folder, settings, handlers.metrics.batch))
        self._tried: dict[Path, Print | None] = {}
        self._one_at_a_time = asyncio.Lock()
        self._retiring: set[asyncio.Task[None]] = set()

    async def reload(self) -> list[Reloaded]:
        """Look at every release folder, and let what is new and sound answer. Calls wait for each other."""
        async with self._one_at_a_time:
            return [await self._reload(folder) for folder in self._models]

    async def watch(self, every_s: float) -> None:
        """Do the same whenever a folder has changed, until cancelled.

        Args:
            every_s: seconds between two looks.
        """
        for folder in self._models:
            self._tried.setdefault(folder, await asyncio.to_thread(_print_of, folder))
        while True:
            await asyncio.sleep(every_s)
            for folder in list(self._models):
                now = await asyncio.to_thread(_print_of, folder)
                if now is None or now == self._tried.get(folder):
                    continue  # None: there is no manifest, which is written last
                async with self._one_at_a_time:
                    await self._reload(folder)

    async def close(self) -> None:
        """Wait for nothing any more: the service stops, and every accepted request has been answered or refused."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)

    async def _reload(self, folder: Path) -> Reloaded:
        old = self._models[folder]
        self._tried[folder] = await asyncio.to_thread(_print_of, folder)
        try:
            new = await asyncio.to_thread(self._prepare, folder, old)
            if new is not None:
                self._refuse_clash(old, new)
        except Exception as error:  # of any kind: the file may hold anything, and the old model goes on
            message = error.message if isinstance(error, SeatrialError) else "the release cannot be loaded"
            LOG.warning("refused the new release in %s: %s", folder, message, exc_info=_unexpected(error))
            self._keep(asyncio.create_task(_tidy()))
            return self._told(old, old, Outcome.REFUSED, message)
        if new is None:
            LOG.info("%s %s is unchanged", old.release.name, old.release.version)
            return self._told(old, old, Outcome.UNCHANGED)
        self._handlers.catalog.replace(old, new)
        self._models[folder] = new
        LOG.info("%s %s answers now, instead of %s", new.release.name, new.release.version, old.release.version)
        self._keep(asyncio.create_task(self._retire(old)))
        return self._told(old, new, Outcome.SWAPPED)

    def _told(self, old: InService, now: InService, outcome: Outcome, message: str | None = None) -> Reloaded:
        self._handlers.metrics.reloaded(outcome.value)
        return Reloaded(now.release.name, now.release.version, old.release.version, outcome, message)

    def _prepare(self, folder: Path, old: InService) -> InService | None:
        """A model that may take the place of `old`; None if the folder holds what is served. Runs in a thread.

        Raises:
            ArtifactError: there is no such model in the folder.
        """
        from seatrial.artifact.manifest import manifest_digest, verify

        for _ in range(ATTEMPTS):
            before = _identity(folder)
            version = manifest_digest(verify(folder))[:12]
            if version == old.release.version:
                return None
            new = self._load(folder)
            # Files are opened by name, one after the other: only a folder that is still the same, and still sound, is
            # what was loaded.
            same = _identity(folder) == before and manifest_digest(verify(folder))[:12] == version
            if same and new.release.version == version:
                _require_same_kind(old, new)
                new.prove()
                return new
        raise ArtifactError("the release was changed while it was read", where=str(folder), hint="try again")

    def _refuse_clash(self, old: InService, new: InService) -> None:
        """Two models cannot answer to one name and version."""
        for model in self._handlers.catalog:
            if model is not old and (
                (model.release.name, model.release.version) == (new.release.name, new.release.version)
                or (model.release.name == new.release.name != old.release.name)
            ):
                raise ArtifactError("another model here has the name of the new release")

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _retire(self, old: InService) -> None:
        """Close a model when nobody waits for it any more, and forget its answers and its memory."""
        version = old.release.version
        try:
            while old.callers:  # each has a deadline, so this ends
                await asyncio.sleep(RETIRE_POLL_S)
        finally:
            await old.close(0)
        del old  # the last reference
        await asyncio.to_thread(self._handlers.cache.drop, version)
        await _tidy()


async def _tidy() -> None:
    """Free what a model has left behind, once the frames that knew it have gone."""
    await asyncio.sleep(RETIRE_POLL_S)
    await asyncio.to_thread(give_back_memory)


def _require_same_kind(old: InService, new: InService) -> None:
    """Clients of a model count on its name, on the kind of its answers, and on the labels and their order."""
    here, there = old.release, new.release
    what = None
    if there.name != here.name:
        what = f"is called {there.name}, the old one {here.name}"
    elif (there.task, new.output_name) != (here.task, old.output_name):
        kinds = [f"{model.release.task} ({model.output_name})" for model in (new, old)]
        what = f"is for {kinds[0]}, the old one for {kinds[1]}"
    elif there.labels != here.labels:
        what = f"has the labels {', '.join(there.labels)}, the old one {', '.join(here.labels)}"
    if what is not None:
        raise ArtifactError(f"the new release {what}; to serve it, stop the service and start it again")


def _identity(folder: Path) -> tuple[int, int]:
    """Which folder the name means; another one after a swap."""
    try:
        status = folder.stat()
    except OSError as error:
        raise ArtifactError("there is no such folder", where=str(folder)) from error
    return status.st_dev, status.st_ino


def _print_of(folder: Path) -> Print | None:
    """What a look at the folder shows without reading it: names, sizes, times, inodes; None without a manifest."""
    found = []
    try:
        (folder / "manifest.json").stat()
        for path in folder.rglob("*"):
            status = path.stat()
            found.append((str(path), status.st_size, status.st_mtime_ns, status.st_ino))
    except OSError:
        return None
    return tuple(sorted(found))


def _unexpected(error: Exception) -> Exception | None:
    """The traceback belongs into the log only where no typed message says what happened."""
    return None if isinstance(error, SeatrialError) else error
