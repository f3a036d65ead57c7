"""How to use the release: snippets for the field's library, for onnxruntime alone, and for the service.

A task has its own snippets, in `seatrial/tasks/templates/TASK.md`, and in `TASK.served.md` for releases with a graph
where not every release has one. Refuses to know figures. Texts and names of users
enter the code as quoted literals.
"""

from __future__ import annotations

import json
import re
import shlex
from importlib.resources import files

from seatrial.govern.figures import printable
from seatrial.govern.findings import is_served
from seatrial.records import Trial
from seatrial.tasks import TASKS

__all__ = ["usage"]


def usage(trial: Trial) -> str:
    """The section's body; empty for a task without snippets. The sample text is the project's own example where it
    names one."""
    templates = files("seatrial.tasks") / "templates"
    template = templates / f"{trial.task}.served.md"
    if not (is_served(trial) and template.is_file()):
        template = templates / f"{trial.task}.md"
    if trial.task not in TASKS or not template.is_file():
        return ""
    serving = (trial.lineage.get("spec") or {}).get("serving") or {}
    text = printable(next(iter(serving.get("examples") or ()), "The shop opens at nine."))
    blanks = {
        "text": json.dumps(text, ensure_ascii=False),  # a JSON string is a Python string
        "port": str(serving.get("port") or 8000),
        "body": shlex.quote(json.dumps({"inputs": text}, ensure_ascii=False)),
        "prompt": shlex.quote(json.dumps({"prompt": text, "max_tokens": 40}, ensure_ascii=False)),
    }
    snippets = template.read_text(encoding="utf-8").rstrip("\n")
    return re.sub("{(" + "|".join(blanks) + ")}", lambda found: blanks[found[1]], snippets)
