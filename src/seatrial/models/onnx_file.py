"""Opens an ONNX file with onnxruntime on the CPU. Refuses to know: what the network computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seatrial.artifact.machine import cpu_count
from seatrial.errors import ArtifactError

__all__ = ["open_onnx"]


def open_onnx(file: Path, threads: int | None, *, sleep_between_calls: bool, hint: str) -> Any:
    """An onnxruntime session, as this machine runs it best.

    Within a call, threads that wait for each other spin: sleeping would cost a third of a short text's time.

    Args:
        file: an ONNX model.
        threads: threads that work on one call; None takes the cores this process may use.
        sleep_between_calls: whether they sleep after a call. Spinning would take the cores from whoever makes the next
            one, a service's event loop first of all (docs/log.md); where calls follow each other closely, waking them
            for each costs more.
        hint: what to do when the file cannot be loaded.

    Raises:
        ArtifactError: the file is missing, or is no model that this onnxruntime can load.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or cpu_count()
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.enable_mem_pattern = False  # plans memory for one input shape; ours changes with every call
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    if sleep_between_calls:
        options.add_session_config_entry("session.force_spinning_stop", "1")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except (
        failures.Fail,
        failures.InvalidArgument,
        failures.InvalidGraph,
        failures.InvalidProtobuf,
        failures.NoSuchFile,
        failures.NotImplemented,
    ) as error:
        raise ArtifactError(
            "onnxruntime cannot load this file", where=str(file), expected=str(error).splitlines()[0][:200], hint=hint
        ) from error
