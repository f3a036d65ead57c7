"""What a user sees when something goes wrong: one message, the right exit code, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from seatrial.cli.console import guarded, say
from seatrial.cli.options import Debug, Json
from seatrial.errors import ContractNotMet


def failing(error: BaseException) -> Callable[..., Result]:
    """A program with one command that raises."""
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    @guarded
    def command(json_output: Json = False, debug: Debug = False) -> None:
        raise error

    return lambda *options: CliRunner().invoke(app, list(options))


FAILURES = [
    (PermissionError(errno.EACCES, "Permission denied", "/data/a.csv"), "/data/a.csv: permission denied", 1),
    (OSError(errno.EROFS, "Read-only file system", "/mnt/lock"), "/mnt/lock: read-only file system", 1),
    (OSError(errno.ENOSPC, "No space left on device"), "no space left on device", 1),
    (MemoryError(), "not enough memory", 1),
    (ValueError("odd\nand long"), "ValueError: odd", 1),
    (KeyboardInterrupt(), "stopped", 130),
    (ContractNotMet("1 of 2 requirements were missed"), "1 of 2", 3),
]


@pytest.mark.parametrize(("error", "message", "code"), FAILURES, ids=lambda value: type(value).__name__)
def test_every_failure_is_one_message(error: BaseException, message: str, code: int) -> None:
    result = failing(error)()
    assert result.exit_code == code
    assert message in result.stderr
    assert "next: " in result.stderr or isinstance(error, ContractNotMet)
    assert "checkpoint" not in result.stderr, "only a run has any"
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(("error", "message", "code"), FAILURES, ids=lambda value: type(value).__name__)
def test_every_failure_is_one_json_object(error: BaseException, message: str, code: int) -> None:
    result = failing(error)("--json")
    assert result.exit_code == code
    told = json.loads(result.stdout)
    assert message in f"{told['where']}: {told['message']}"
    assert result.stderr == ""


def test_only_a_stopped_run_speaks_of_checkpoints() -> None:
    app = typer.Typer()

    @app.command()
    @guarded
    def run(json_output: Json = False) -> None:
        raise KeyboardInterrupt

    assert "goes on from its last checkpoint" in CliRunner().invoke(app, []).stderr


def test_debug_adds_the_traceback_and_keeps_the_exit_code() -> None:
    result = failing(ContractNotMet("missed"))("--debug", "--json")
    assert result.exit_code == 3
    assert "Traceback" in result.stderr
    assert json.loads(result.stdout)["error"] == "ContractNotMet"


def test_a_command_may_choose_its_exit_code() -> None:
    result = failing(typer.Exit(7))("--json")
    assert (result.exit_code, result.stdout, result.stderr) == (7, "", "")


def test_a_terminal_without_unicode_ends_nothing() -> None:
    code = (
        "import sys; from seatrial.cli import app, console; app.app = lambda: (console.say('≥ 1'), "
        "console.write_json({'text': '\\U0001f600 ≥'})); app.main()"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert first == r"\u2265 1"
    assert json.loads(second) == {"text": "😀 ≥"}


def test_say_ends_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("a")
    assert capsys.readouterr().out == "a\n"


HANGS = """
import os, sys, time
from pathlib import Path
import typer
from seatrial.artifact.atomic import atomic_file
from seatrial.cli.console import guarded, say
from seatrial.cli.options import Json
from seatrial.data.flow.workers import ordered_map

def hang(numbers):
    os.write(2, b"ready\\n")  # at once: two workers may speak at the same time
    time.sleep(600)

@guarded
def command(json_output: Json = False) -> None:
    with atomic_file(Path(sys.argv[0]).with_name("out")):
        for _ in ordered_map(hang, range(2), workers=1 + WORKERS, chunk=1):
            pass

if __name__ == "__main__":
    typer.run(command)
"""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=str)
def test_a_stopped_command_cleans_up_and_tells(tmp_path: Path, number: signal.Signals, code: int, workers: int) -> None:
    script = tmp_path / "hangs.py"
    script.write_text(HANGS.replace("1 + WORKERS", str(workers)), encoding="utf-8")
    command = [sys.executable, str(script), "--json"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert started.stderr is not None
    assert started.stderr.readline() == "ready\n"
    started.send_signal(number)
    out, err = started.communicate(timeout=120)
    assert started.returncode == code
    assert json.loads(out)["message"] == "stopped"
    assert err.replace("ready\n", "").strip() == ""
    assert [path.name for path in tmp_path.iterdir()] == ["hangs.py"]
