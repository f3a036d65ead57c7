"""Bad inputs on the command line: one short message that says what to do, the right exit code, never a traceback."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import nullcontext
from pathlib import Path
from tempfile import mkdtemp

import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app

from .bad_commands import BAD_PREDICT, BAD_SERVE, Command, Place
from .cases import Cases
from .figures import Figures
from .odd_inputs import ODD_TEXTS
from .releases import LABELS, answers_of
from .service import SCRIPT

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(900)]

MOST_MESSAGE_CHARS = 2000
MOST_SERVE_MS = 30_000.0
"""A process starts, loads libraries and verifies a release."""
MOST_PREDICT_MS = 5_000.0
ENDS_WITHIN_S = 240.0  # or hangs
NEVER = ("Traceback", 'File "', "site-packages", "Errno", "RecursionError", "unexpected")
MOST_OFF = 1e-4
LEFT_OUT = "left out: "
MOST_LINE_CHARS = 300


def _fault(code: int, expected: int, out: str, err: str, *, given: list[str], as_json: bool = False) -> str | None:
    """What is wrong with how a command ended; a message may hold what was given."""
    shown = f"{code}: {(out + err)[:1500]!r}"
    if code != expected:
        return f"not {expected}: {shown}"
    told = err
    if as_json:
        try:
            told = json.loads(out)["message"]
        except (ValueError, KeyError):
            return f"no JSON: {shown}"
        if err:
            return f"stdout and stderr: {shown}"
    elif out:
        return f"an error on stdout: {shown}"
    if (
        not told
        or len(told) > MOST_MESSAGE_CHARS + max(map(len, given), default=0)
        or any(word in told for word in NEVER)
    ):
        return f"a bad message: {shown}"
    return None


def _left_out_fault(code: int, out: str, err: str, *, as_json: bool) -> str | None:
    """What is wrong with how a command ended that left single texts out: it fails only where none was answered."""
    if as_json:
        answered = [answer for answer in json.loads(out)["predictions"] if "error" not in answer]
    else:
        answered = [line for line in out.splitlines() if line]
    told = [line for line in err.splitlines() if line.startswith(LEFT_OUT)]
    if code != (0 if answered else 1):
        return f"{code} with {len(answered)} answers: {err[:1000]!r}"
    if any(len(line) > MOST_LINE_CHARS or any(word in line for word in NEVER) for line in told):
        return f"a bad message: {err[:1000]!r}"
    return None


def _predict(place: Place, command: Command, *, as_json: bool) -> tuple[int, str | None]:
    """Exit code, and what is wrong."""
    arguments = command.arguments(place) + (["--json"] if as_json else [])
    result = CliRunner().invoke(app, ["predict", *arguments], input=command.stdin)
    code, out, err = result.exit_code, result.stdout, result.stderr
    if not isinstance(result.exception, SystemExit | None):
        return code, f"{result.exception!r}: {result.output[:500]!r}"
    if LEFT_OUT in err:
        return code, _left_out_fault(code, out, err, as_json=as_json)
    return code, _fault(code, command.code, out, err, given=arguments, as_json=as_json)


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_bad_inputs_of_predict(release: Path, tmp_path: Path, figures: Figures, as_json: bool) -> None:
    cases = Cases(MOST_PREDICT_MS)
    for name, command in BAD_PREDICT.items():
        folder = Path(mkdtemp(dir=tmp_path))
        began = time.monotonic()
        code, fault = _predict(Place(release, folder), command, as_json=as_json)
        ms = 1e3 * (time.monotonic() - began)
        cases.keep(name, code, ms, fault)
    how = " --json" if as_json else ""
    cases.write(figures, f"named bad inputs of seatrial predict{how}")
    assert len(cases.ms) == len(BAD_PREDICT) > 40
    cases.check()


def test_odd_texts_are_answered_alike(release: Path, figures: Figures) -> None:
    cases = Cases(MOST_PREDICT_MS)
    for name, text in ODD_TEXTS.items():
        if "\0" in text:  # no argument can hold one
            continue
        began = time.monotonic()
        result = CliRunner().invoke(app, ["predict", str(release), "--json", "--", text])  # int8: each alone
        ms = 1e3 * (time.monotonic() - began)
        row = answers_of(release, [text])[0]
        given = json.loads(result.stdout)["predictions"][0] if result.exit_code == 0 else {}
        right = given.get("text") == text and given["label"] == LABELS[row.argmax()]
        right = right and abs(given["score"] - row.max()) <= MOST_OFF
        cases.keep(name, result.exit_code, ms, None if right else f"{result.output[:500]!r} in the place of {row}")
    cases.write(figures, "odd inputs of seatrial predict")
    assert len(cases.ms) >= 20
    cases.check()


def _serve(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the real command."""
    ended = subprocess.run(
        [str(SCRIPT), "serve", *arguments], check=False, capture_output=True, timeout=ENDS_WITHIN_S, cwd=folder
    )
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


def test_bad_inputs_of_serve(release: Path, tmp_path: Path, figures: Figures, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not refused in this process before anything is started is tried in one of its own."""
    started: list[object] = []
    monkeypatch.setattr("seatrial.serve.process.supervisor.supervise", lambda *_, **__: started.append(_))
    monkeypatch.setattr("seatrial.serve.watch.logs.configure_logs", lambda *_, **__: nullcontext())
    cases, real = Cases(MOST_SERVE_MS), 0
    for name, command in BAD_SERVE.items():
        folder = Path(mkdtemp(dir=tmp_path))
        arguments = command.arguments(Place(release, folder))
        started.clear()
        began = time.monotonic()
        result = CliRunner().invoke(app, ["serve", *arguments])
        ended = result.exit_code, result.stdout, result.stderr
        if started:
            real += 1
            try:
                ended = _serve(arguments, folder)
            except (subprocess.TimeoutExpired, ValueError) as error:  # NUL is no argument of a process
                ended = -1, "", repr(error)
        code, out, err = ended
        ms = 1e3 * (time.monotonic() - began)
        cases.keep(name, code, ms, _fault(code, command.code, out, err, given=arguments))
    cases.write(figures, "named bad inputs of seatrial serve")
    print(f"{real} of them in a process of their own")
    assert len(cases.ms) == len(BAD_SERVE) > 30
    assert real >= 5
    cases.check()
