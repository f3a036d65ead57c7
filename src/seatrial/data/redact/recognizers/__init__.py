"""One file per recogniser; `seatrial.data.redact.RECOGNIZERS` names them and loads the ones that are asked for."""

from __future__ import annotations

__all__: list[str] = []
