"""Messages of errors that may quote a request are withheld; everything else is told."""

from __future__ import annotations

import pytest

from seatrial.errors import ArtifactError, RequestError
from seatrial.serve.watch.tracebacks import told_traceback


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (ArtifactError("model.onnx was altered"), "model.onnx was altered"),
        (MemoryError("of 3 GB"), "of 3 GB"),
        (RequestError("unknown field 'secret'"), None),
        (KeyError("secret"), None),
    ],
)
def test_messages_that_cannot_quote_a_request_are_shown(error: Exception, shown: str | None) -> None:
    told = told_traceback(error, texts=False)
    assert (shown or "message withheld") in told
    assert "secret" not in told


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert told_traceback(first, texts=False).count("ValueError") == 2


def test_where_and_what_led_to_it_are_told() -> None:
    text = "-".join(["se", "cret"])  # a traceback shows lines of code, which are no secret

    def inner() -> None:
        raise KeyError(text)

    try:
        try:
            inner()
        except KeyError as error:
            raise ValueError(text) from error
    except ValueError as error:
        told, open_ = told_traceback(error, texts=False), told_traceback(error, texts=True)
    assert text not in told
    assert "in inner" in told
    assert told.index("builtins.KeyError: (message withheld") < told.index("builtins.ValueError: (message withheld")
    assert f"KeyError: {text!r}" in open_
