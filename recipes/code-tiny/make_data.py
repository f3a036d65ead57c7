"""Write `data.jsonl` beside this file: the source files of this Python's standard library, one example each."""

from __future__ import annotations

import json
import sysconfig
from pathlib import Path

PACKAGES = (
    "",
    "asyncio",
    "collections",
    "concurrent",
    "email",
    "http",
    "importlib",
    "json",
    "logging",
    "urllib",
    "xml",
)
LONGEST = 200_000


def main() -> None:
    library = Path(sysconfig.get_paths()["stdlib"])
    rows = []
    for package in PACKAGES:
        files = (library / package).glob("*.py") if not package else (library / package).rglob("*.py")
        for file in sorted(files):
            text = file.read_text(encoding="utf-8", errors="replace")
            if 0 < len(text) <= LONGEST:
                rows.append(
                    json.dumps(
                        {"text": text, "path": file.relative_to(library).as_posix(), "package": package or "top"}
                    )
                )
    (Path(__file__).parent / "data.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
