"""Files of rows → the same rows through steps, in several processes → a file; memory does not grow with the data.

`tables` reads what the user named, `writers` writes it whole or not at all, `workers` spreads a function over processes
in order, and `flow` is the three together. The verbs of `seatrial data` are built on it.
"""

from __future__ import annotations

from seatrial.data.flow.flow import FlowReport, run_flow
from seatrial.data.flow.tables import Table, table_of
from seatrial.data.flow.workers import ordered_map
from seatrial.data.flow.writers import TableWriter, open_writer

__all__ = ["FlowReport", "Table", "TableWriter", "open_writer", "ordered_map", "run_flow", "table_of"]
