"""`seatrial schema`: the JSON Schema of the project file."""

from __future__ import annotations

import json

from seatrial.cli.console import guarded, say
from seatrial.cli.options import Debug, Json

__all__ = ["schema"]


@guarded
def schema(json_output: Json = False, debug: Debug = False) -> None:
    """Print the JSON Schema of seatrial.yaml, for editors and other programs."""
    from seatrial.spec.load import project_schema

    say(json.dumps(project_schema(), indent=None if json_output else 2, ensure_ascii=False))
