"""The service's log: one JSON object per line on stderr, one line per request.

A line holds no text of a request unless that was asked for, and never a key or a header. Lines go through a bounded
queue to one thread, so that a reader of stderr who stops reading stops the log and not the service. Refuses to know:
transports.
"""

from __future__ import annotations

import logging
import os
import queue
import re
import select
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from json import JSONEncoder
from typing import Any, Self

from seatrial.errors import ServiceError
from seatrial.serve.watch.tracebacks import told_traceback
from seatrial.serve.watch.trail import Trail, current_trail

__all__ = ["Logs", "configure_logs", "log_request"]

LOG = logging.getLogger("seatrial.serve")
REQUESTS = logging.getLogger("seatrial.serve.requests")
PROBES = ("/health/", "/v2/health/", "/metrics", "grpc.health.v1.Health/")
"""Routes that are asked every few seconds: their lines are for DEBUG."""
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
UNUSED_FACTS = ("logThreads", "logProcesses", "logMultiprocessing")
"""What logging looks up for every line unless it is told that nobody prints it; about a third of a record's cost."""
MOST_LINES = 10_000
GATHER_S = 0.02
"""How long lines are gathered before they are written at once; a wake-up per line would cost more than the line."""
CLOSE_S = 2.0
MOST_TEXT_CHARS = 1_000
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_encode = JSONEncoder(separators=(",", ":"), default=lambda value: type(value).__name__).encode


def log_request(trail: Trail, route: str, status: int | str, seconds: float, trace_id: str | None = None) -> None:
    """Write the line of an answered request: INFO, or DEBUG for probes that went well.

    Args:
        trail: what is known of it.
        route: as in the route table, or a gRPC method.
        status: HTTP status, or the name of the gRPC status.
        seconds: from its headers to the end of its answer.
        trace_id: where there is a trace of it.
    """
    quiet = route.startswith(PROBES) and status in (200, "OK")
    level = logging.DEBUG if quiet else logging.INFO
    if not REQUESTS.isEnabledFor(level):
        return
    fields: dict[str, Any] = {
        "request_id": trail.request_id,
        "method": trail.method,
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1e3, 3),
    }
    if trail.call is not None:
        fields["protocol"] = trail.call.protocol
        fields["tenant"] = trail.call.caller.tenant
    if trail.prediction is not None:
        prediction, timings = trail.prediction, trail.prediction.timings
        fields["model"] = prediction.release.name
        fields["version"] = prediction.release.version
        fields["texts"] = len(prediction.outputs)
        fields["tokens"] = sum(prediction.tokens)
        fields["cached"] = prediction.cached
        fields["tokenize_ms"] = timings.tokenize_ms
        fields["queue_ms"] = timings.queue_ms
        fields["compute_ms"] = timings.compute_ms
    if trail.generation is not None:
        clocks = trail.generation
        fields["model"] = clocks.release.name
        fields["version"] = clocks.release.version
        fields["prompt_tokens"] = clocks.prompt_tokens
        fields["completion_tokens"] = clocks.completion_tokens
        if clocks.first_token_s is not None:
            fields["first_token_ms"] = round(clocks.first_token_s * 1e3, 3)
        if clocks.finishes:
            fields["finish"] = clocks.finishes[0] if len(clocks.finishes) == 1 else clocks.finishes
    if trail.refusal is not None:
        fields["refusal"] = trail.refusal
    if trace_id is not None:
        fields["trace_id"] = trace_id
    if trail.texts is not None:
        fields["inputs"] = [text[:MOST_TEXT_CHARS] for text in trail.texts]
    record = logging.LogRecord(REQUESTS.name, level, __file__, 0, "request", None, None)
    record.fields = fields
    REQUESTS.handle(record)  # not .info(): looking for the line that calls would cost as much as all the rest


def configure_logs(level: str = "INFO", json: bool = True, *, texts: bool = False, fd: int = 2) -> Logs:
    """Send everything that this process logs to stderr, uvicorn's and Python's own warnings too.

    To be called once, by the program, in the process that serves; before that nothing here writes anything.

    Args:
        level: DEBUG, INFO, WARNING or ERROR, for Seatrial's own lines. Other libraries' begin at WARNING.
        json: one JSON object per line; otherwise lines for people, with the same content.
        texts: whether lines may hold texts of requests, and the messages of unexpected errors, which may quote them.
        fd: where to write.

    Returns:
        The log; to be closed, best by `with`. What is left is written at exit in any case.

    Raises:
        ServiceError: there is no such level.
    """
    if level not in LEVELS:
        raise ServiceError(
            f"there is no log level {level!r}", where="serving.log_level", hint=f"take {', '.join(LEVELS)}"
        )
    return Logs(level, JsonFormatter(texts) if json else LineFormatter(texts), fd)


class Logs:
    """The process's log while it is configured.

    Args:
        level: of Seatrial's own lines.
        formatter: of every line.
        fd: where to write.
    """

    def __init__(self, level: str, formatter: logging.Formatter, fd: int) -> None:
        self._handler = QueuedHandler(fd)
        self._handler.setFormatter(formatter)
        root, own = logging.getLogger(), logging.getLogger("seatrial")
        self._before = (root.handlers[:], root.level, own.level, threading.excepthook)
        self._facts_before = {name: getattr(logging, name) for name in UNUSED_FACTS}
        for name in UNUSED_FACTS:
            setattr(logging, name, False)
        root.handlers[:] = [self._handler]  # a second handler would write every line twice
        root.setLevel(logging.WARNING)
        own.setLevel(level)
        logging.captureWarnings(True)
        threading.excepthook = _log_thread_failure

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is left and put everything back as it was."""
        root, own = logging.getLogger(), logging.getLogger("seatrial")
        root.handlers[:], root_level, own_level, threading.excepthook = self._before
        root.setLevel(root_level)
        own.setLevel(own_level)
        logging.captureWarnings(False)
        for name, wanted in self._facts_before.items():
            setattr(logging, name, wanted)
        self._handler.close()


class QueuedHandler(logging.Handler):
    """Formats where the line is logged, writes in a thread. When nobody reads any more, lines are counted and dropped.

    Args:
        fd: file descriptor to write to.
    """

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._dropped = 0
        self._closed = False
        self._writer = threading.Thread(target=self._write_lines, name="seatrial-log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Put the record's line into the queue."""
        if self._lines.qsize() >= MOST_LINES:
            self._dropped += 1
            return
        try:
            self._lines.put(self.format(record))
        except (TypeError, ValueError, KeyError):  # arguments that do not fit their message
            broken = logging.LogRecord(record.name, logging.ERROR, "", 0, "a line could not be formatted", None, None)
            self._lines.put(self.format(broken))

    def close(self) -> None:
        """Write what is left, for up to `CLOSE_S` seconds; called at exit."""
        if not self._closed:
            self._closed = True
            self._lines.put(None)
            self._writer.join(CLOSE_S)
        super().close()

    def _write_lines(self) -> None:
        open_ = True
        while open_:
            lines = [self._lines.get()]
            if lines[0] is not None:
                time.sleep(GATHER_S)
            while not self._lines.empty():
                lines.append(self._lines.get())
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                told = logging.LogRecord(__name__, logging.WARNING, "", 0, "%d lines dropped", (dropped,), None)
                lines.append(self.format(told))
            open_ = None not in lines
            try:
                for piece in _pieces([f"{line}\n".encode() for line in lines if line is not None]):
                    self._write(piece)
            except OSError:  # nobody is there to be told
                continue

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:  # stderr is somebody's pipe without blocking, and full
                time.sleep(GATHER_S)


def _pieces(lines: list[bytes]) -> Iterator[bytes]:
    """Lines in pieces that a pipe takes as a whole, so that those of two processes are not mixed within a line."""
    piece = b""
    for line in lines:
        if piece and len(piece) + len(line) > select.PIPE_BUF:
            yield piece
            piece = b""
        piece += line
    yield piece


class JsonFormatter(logging.Formatter):
    """A record → one line of JSON in ASCII: nothing in it can end the line or move a terminal's cursor.

    Args:
        texts: whether messages of unexpected errors may be shown.
    """

    def __init__(self, texts: bool) -> None:
        super().__init__()
        self._texts = texts

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """What is told of a record."""
        moment = datetime.fromtimestamp(record.created, UTC)
        fields: dict[str, Any] = {
            "time": f"{moment.isoformat(timespec='milliseconds')[:-6]}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        own = record.__dict__.get("fields")
        if own:
            fields.update(own)
        elif trail := current_trail():
            fields["request_id"] = trail.request_id
        if record.exc_info and record.exc_info[1] is not None:
            fields["exception"] = type(record.exc_info[1]).__name__
            fields["traceback"] = told_traceback(record.exc_info[1], self._texts)
        return fields

    def format(self, record: logging.LogRecord) -> str:
        """One line, without its end."""
        return _encode(self.fields(record)).replace("\x7f", "\\u007f")


class LineFormatter(JsonFormatter):
    """The same for people: time, level, message, then the fields as `name=value`, and below it the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, or several where there is a traceback."""
        fields = self.fields(record)
        told = fields.pop("traceback", "")
        moment, level, _, message = (fields.pop(name) for name in ("time", "level", "logger", "message"))
        words = [f"{name}={value if isinstance(value, str) else _encode(value)}" for name, value in fields.items()]
        line = UNPRINTABLE.sub(_spelled, " ".join([moment, f"{level:<7}", message, *words]))
        return "\n".join([line, *(UNPRINTABLE.sub(_spelled, f"    {part}") for part in told.splitlines())])


def _spelled(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04x}"


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
        LOG.error("a thread failed", exc_info=failure.exc_value)
