"""Virtual environments for opponents whose packages do not go together with ours; made when they are missing.

They lie in `benchmarks/.venvs/`, which git ignores. Refuses to know: how an opponent is started.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["ENVIRONMENTS", "environment"]

FOLDER = Path(__file__).parent / ".venvs"
ENVIRONMENTS = {
    "bentoml": ("bentoml==1.4.39", "onnxruntime==1.31.1", "tokenizers==0.23.3", "numpy==2.4.6"),
    # What pip picks for mlserver-huggingface 1.7.1 by itself (transformers 4.53, optimum 1.27, the newest torch) does
    # not import: transformers.pipelines has had no `Conversation` since 4.42, optimum 1.27 wants names of torch.onnx
    # that torch 2.13 no longer has, and tensorflow, which is imported always, and triton bring LLVM in twice. These go
    # together:
    "mlserver": (
        "mlserver==1.7.1",
        "mlserver-huggingface==1.7.1",
        "transformers==4.41.2",
        "optimum[onnxruntime]==1.21.4",
        "torch==2.13.0",
        "tensorflow==2.21.0",
        "numpy==1.26.4",
        "onnx==1.16.2",
        "datasets==2.21.0",
        "uvloop==0.21.0",  # its worker processes ask a later one for an event loop in vain
    ),
}
NOT_BESIDE_TENSORFLOW = ("triton",)


def environment(name: str) -> Path:
    """The `bin` folder of an opponent's environment; the first call installs it, which takes minutes.

    Args:
        name: a key of `ENVIRONMENTS`.

    Raises:
        SystemExit: it could not be installed; the message is the end of what pip said.
    """
    folder = FOLDER / name
    stamp = folder / "ready"
    wanted = "\n".join(ENVIRONMENTS[name])
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return folder / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    print(f"making {folder}", file=sys.stderr, flush=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [*pip, "install", "--quiet", *ENVIRONMENTS[name]],
        *([[*pip, "uninstall", "--quiet", "-y", *NOT_BESIDE_TENSORFLOW]] if name == "mlserver" else []),
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{name}: {' '.join(command[:4])} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin"
