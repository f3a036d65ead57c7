"""The exception tree: what can go wrong for a user, one class per kind of remedy.

    SeatrialError                exit code 1
    ├── SpecError                the project file says something that cannot be meant
    ├── DataError                a source or a row cannot be used
    ├── ResolveError             a model or data reference does not resolve
    ├── ArtifactError            a stored artifact is missing, altered or half there
    ├── MissingExtraError        an optional part of Seatrial is not installed
    ├── OfflineError             the network was needed and is forbidden
    ├── TrainingError            training could not go on (NaN loss, no memory)
    │   └── LostProcessError     another process of the same training is gone
    ├── ServiceError             the service could not start or answer
    │   ├── RequestError         a client sent something unusable (4xx)
    │   ├── QuotaError           a client has used up its own share; try again (429)
    │   ├── BusyError            more work than the service can hold; try again (503)
    │   │   └── DeadlineError    the answer would have come too late
    └── ContractNotMet           every stage ran, a requirement was missed (exit code 3)

A message is short: what happened; `where` (dotted path or file:line); `expected`; `hint`, the next thing to do.
Standard library only, so that raising one never imports anything.
"""

from __future__ import annotations

__all__ = [
    "ArtifactError",
    "BusyError",
    "ContractNotMet",
    "DataError",
    "DeadlineError",
    "LostProcessError",
    "MissingExtraError",
    "OfflineError",
    "QuotaError",
    "RequestError",
    "ResolveError",
    "SeatrialError",
    "ServiceError",
    "SpecError",
    "TrainingError",
]


class SeatrialError(Exception):
    """Base of every error that is the user's to solve.

    Args:
        message: what happened, one sentence without a full stop.
        where: dotted path in the project file, or ``file:line``.
        expected: what would have been right.
        hint: the next thing to do, as an imperative.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.expected = expected
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        lines = [head]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.hint:
            lines.append(f"  next: {self.hint}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str | None]:
        """The parts by name, for ``--json`` output and HTTP bodies."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "where": self.where,
            "expected": self.expected,
            "hint": self.hint,
        }


class SpecError(SeatrialError):
    """The project file, or a ``--set`` override, says something that cannot be meant."""


class DataError(SeatrialError):
    """A source, a row or a split cannot be used."""


class ResolveError(SeatrialError):
    """A model or data reference does not lead to anything on this machine."""


class ArtifactError(SeatrialError):
    """A stored artifact is missing, altered or incomplete."""


class MissingExtraError(SeatrialError):
    """A part of Seatrial that was asked for needs an extra that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs packages that are not installed",
            hint=f"pip install 'seatrial[{extra}]', or '.[{extra}]' in a clone of the repository",
        )
        self.extra = extra


class OfflineError(SeatrialError):
    """The network was needed while SEATRIAL_OFFLINE=1 or HF_HUB_OFFLINE=1 forbids it."""


class TrainingError(SeatrialError):
    """Training could not go on."""


class LostProcessError(TrainingError):
    """Another process of the same training ended, or does not answer."""


class ServiceError(SeatrialError):
    """The service could not start, or could not answer."""


class RequestError(ServiceError):
    """A client sent something the service cannot use; `status` is the HTTP status (4xx)."""

    def __init__(self, message: str, *, status: int = 422, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class QuotaError(ServiceError):
    """A client has used up what its key allows; `retry_after_s` is when the same request fits again, at least 1."""

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message, hint=f"send the request again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class BusyError(ServiceError):
    """The service holds as much work as it can, or is stopping; `retry_after_s` is when to try again, at least 1."""

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message, hint=f"send the request again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class DeadlineError(BusyError):
    """The time that the client gave is too short, or ran out, before its work was begun; nothing was computed."""

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.hint = f"give it more time, or send it again in {retry_after_s} s"


class ContractNotMet(SeatrialError):
    """Every stage ran and at least one requirement was missed; nothing was released."""

    exit_code = 3
