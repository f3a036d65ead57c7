"""One request before the load, as thousands that are refused for the same reason say nothing. Refuses to know: what to
do about a refusal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from seatrial.load.answers import Answer
from seatrial.load.measurement import Measurement
from seatrial.load.sending import Sending
from seatrial.progress import silent

__all__ = ["first_answer"]


async def first_answer(
    url: str, texts: Sequence[str], *, sending: Sending, stop: asyncio.Event | None = None
) -> Answer:
    """Send one request and await its end.

    Args:
        url: the service, ``http://HOST:PORT``.
        texts: as for the load. The last ones are sent, which a short load does not reach: a cache would answer them.
        sending: batch, protocol, key, limits.
        stop: ends it early, with the error ``"stopped"``.

    Raises:
        ServiceError: as `generator.open_loop`.
    """
    ended: list[Answer] = []
    run = Measurement(
        url,
        texts[-sending.batch :],
        sending,
        duration_s=sending.timeout_s,
        on_answer=ended.append,
        progress=silent,
        stop=stop,
    )
    try:
        run.send(0, time.monotonic())
        await run.sweep_until(lambda: not run.pool.under_way)
    finally:
        await run.pool.close()
    return ended[0]
