"""Starting is light: no heavy library is loaded before it is needed.

One subprocess per command and per room that must stay light, because only a fresh interpreter shows what is loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .repository import PACKAGE

HEAVY = ("torch", "transformers", "datasets", "sklearn", "scipy", "pandas", "onnx", "accelerate", "peft", "tensorboard")
HELP_SECONDS = 0.5
COMMANDS = (
    "init",
    "doctor",
    "schema",
    "plan",
    "run",
    "report",
    "predict",
    "serve",
    "chat",
    "data",
    "keys",
    "bench",
    "tokenizer",
)
TELL = "; import sys; print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
HELP = "import sys; sys.argv = ['seatrial', {words}'--help']\ntry:\n from seatrial.cli.app import main; main()\n"


def loaded_and_seconds(code: str) -> tuple[set[str], float]:
    """Run `code` in a fresh interpreter; the top-level packages it loaded, and its user CPU time in seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, errors
    return set(errors.rpartition("LOADED")[2].split()), usage.ru_utime


def test_importing_seatrial_loads_the_standard_library_only() -> None:
    loaded, _ = loaded_and_seconds("import seatrial" + TELL)
    assert loaded - set(sys.stdlib_module_names) - BEFORE == {"seatrial"}


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_light_and_quick(command: str) -> None:
    words = f"{command!r}, " if command else ""
    code = HELP.format(words=words) + "except SystemExit as end:\n assert not end.code\n" + TELL.removeprefix("; ")
    seconds = []
    for _ in range(3):  # the best of three: the machine may be busy, the first run may compile
        loaded, user_seconds = loaded_and_seconds(code)
        assert not loaded & {*HEAVY, "numpy", "onnxruntime", "fastapi"}
        seconds.append(user_seconds)
        if user_seconds <= HELP_SECONDS:
            return
    pytest.fail(f"--help took {min(seconds):.2f} s of user CPU time, at most {HELP_SECONDS} s are allowed")


@pytest.mark.parametrize(
    "modules",
    [
        "seatrial.errors, seatrial.records, seatrial.progress, seatrial.registry, seatrial.spec.load",
        "seatrial.export.release, seatrial.export.session, seatrial.serve.engine, seatrial.serve.http.app",
        "seatrial.generate.runner, seatrial.generate.beam, seatrial.generate.remote, seatrial.generate.engines.onnx",
    ],
    ids=["foundation", "serve", "generate"],
)
def test_rooms_that_must_stay_light(modules: str) -> None:
    loaded, _ = loaded_and_seconds(f"import {modules}" + TELL)
    assert not loaded & set(HEAVY)
    if "serve" not in modules and "generate" not in modules:
        assert not loaded & {"numpy", "fastapi", "typer", "rich"}


def test_every_task_method_and_metric_is_reached_through_a_lazy_registry() -> None:
    """Importing every room's `__init__` loads nothing heavy."""
    rooms = sorted(f"seatrial.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py"))
    loaded, _ = loaded_and_seconds("import " + ", ".join(rooms) + TELL)
    assert not loaded & set(HEAVY)


BEFORE, _ = loaded_and_seconds("import sys" + TELL)
"""What a bare interpreter of this environment has loaded, site hooks included."""
