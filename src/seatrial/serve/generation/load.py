"""A release → a model in service that generates. Refuses to know: requests, other models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from seatrial.errors import ArtifactError
from seatrial.generate import ENGINES
from seatrial.generate.base import Engine
from seatrial.generate.request import GenerateRequest
from seatrial.generate.runner import Runner
from seatrial.records import Release
from seatrial.serve.generation.decoding import TokenStream
from seatrial.serve.generation.model import GeneratingModel
from seatrial.serve.generation.tokenizer_words import TokenizerWords
from seatrial.serve.queue.priority import made_by_computing_thread
from seatrial.serve.settings import ServeSettings

__all__ = ["EngineDecoding", "load_generating"]


class EngineDecoding:
    """An engine with the thread that owns it; see `decoding.Decoding`.

    Args:
        engine: with all slots free.
        max_waiting: requests that wait for a slot, at most.
    """

    def __init__(self, engine: Engine, max_waiting: int) -> None:
        self.context, self.vocabulary, self.slots = engine.context, engine.vocabulary, engine.slots
        self._runner = Runner(engine, max_waiting=max_waiting)

    def submit(self, request: GenerateRequest) -> TokenStream:
        """Let it wait for its turn."""
        return self._runner.submit(request)

    def close(self) -> None:
        """End the thread."""
        self._runner.close()


def load_generating(
    release: Release, settings: ServeSettings, folder_of: Callable[[Release], Path] | None = None
) -> GeneratingModel:
    """A release → a model that has written its first token and can answer.

    Args:
        release: what `load_release` gave.
        settings: engine, threads, slots and limits.
        folder_of: where what the engine runs lies; None takes the folder of the served file.

    Raises:
        ArtifactError: the release cannot be loaded.
        MissingExtraError: the engine is not installed.
    """
    folder = release.model_file.parent if folder_of is None else folder_of(release)
    if not folder.is_dir():
        raise ArtifactError(f"there is nothing that the engine {settings.engine} could run", where=str(release.path))
    words = TokenizerWords(release.path)

    def make() -> EngineDecoding:
        engine = ENGINES.get(settings.engine, where="serving.engine")(
            folder, slots=settings.generate_slots, context=settings.generate_context, threads=settings.threads
        )
        return EngineDecoding(engine, settings.max_waiting)

    model = GeneratingModel(release, words, made_by_computing_thread(make), settings)
    try:
        model.prove()
    except ArtifactError:
        model.abandon()
        raise
    return model
