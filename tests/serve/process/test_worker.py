"""What a supervisor hears of its process: reports, and nothing that a library prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.serve.process.listening import listen
from seatrial.serve.process.orders import Addresses, Order, report_line
from seatrial.serve.process.worker import Worker
from seatrial.serve.settings import ServeSettings

ADDRESSES = Addresses("http://127.0.0.1:1", None, 1)
PRINTS = """
import os, sys
import seatrial.serve.process.server
from seatrial.serve.__main__ import main
from seatrial.serve.process.orders import Addresses

def run(*_, report, listener, **__):
    print("a library says hello", flush=True)
    os.write(1, b"and so does one in C\\n")
    report(Addresses("http://127.0.0.1:1", None, 1))
    listener.close()

seatrial.serve.process.server.run = run
sys.exit(main(["--supervised", sys.argv[1]]))
"""


def test_what_a_library_prints_is_no_report() -> None:
    order = Order((Path("/none"),), ServeSettings(engine="torch"))
    with listen("127.0.0.1", 0) as listener:
        ended = subprocess.run(
            [sys.executable, "-c", PRINTS, str(listener.fileno())],
            input=order.line() + b"serve\n",
            capture_output=True,
            pass_fds=(listener.fileno(),),
            timeout=60,
            check=True,
        )
    assert ended.stdout == report_line(ADDRESSES)
    assert b"a library says hello\nand so does one in C\n" in ended.stderr


@pytest.mark.parametrize("line", ["hello from a library", "{}", "[]", "3", '{"addresses": 1}', "\\0377"])
def test_lines_that_are_no_reports_are_skipped(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "process"
    script.write_text(f"#!/bin/sh\nprintf '%b\\n' '{line}'\nprintf '%s' '{report_line(ADDRESSES).decode()}'\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    with listen("127.0.0.1", 0) as listener:
        worker = Worker(listener, Order((), ServeSettings()))
        worker.process.wait(10)
        try:
            assert worker.hear() == ADDRESSES
        finally:
            worker.end()
    assert "no report" in caplog.text
