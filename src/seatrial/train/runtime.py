"""Where and in which number format to compute. Changes torch's settings inside a block and puts them back after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from seatrial.artifact.machine import cpu_count, machine
from seatrial.errors import SpecError
from seatrial.spec.training import TrainingSpec
from seatrial.train.distributed.processes import ONE, Processes

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["compute", "pick_device", "pick_precision"]

FAST_BF16_FLAGS = {"avx512_bf16", "amx_bf16"}
"""CPU flags under which bf16 matrix products are twice as fast as fp32; without them bf16 is emulated and slower."""


def pick_device(wanted: str) -> str:
    """`wanted`, or for ``"auto"`` the best there is: cuda, then mps, then cpu.

    Raises:
        SpecError: the wanted device is not there.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(device for device, available in there.items() if available)
    if not there[wanted]:
        raise SpecError(
            f"this machine, or this build of torch, has no {wanted}",
            where="training.device",
            hint="set training.device to auto or cpu",
        )
    return wanted


def pick_precision(wanted: str, device: str) -> str:
    """`wanted`, or for ``"auto"`` bf16 where the hardware multiplies it natively, else fp32."""
    import torch

    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device == "cpu":
        return "bf16" if FAST_BF16_FLAGS & set(machine()["cpu_flags"]) else "fp32"
    return "fp32"


PATIENCE = timedelta(hours=1)
"""How long a process waits for the others in an exchange: for the slowest validation, or a checkpoint on a slow disk.
Those that ended are noticed at once."""


@contextmanager
def compute(spec: TrainingSpec, processes: Processes = ONE) -> Iterator[Accelerator]:
    """An Accelerator on the spec's device, in its precision, with its number of CPU threads; of several processes each
    has one, and they can exchange within the block.

    Denormal numbers are flushed to zero within the block: the momentum of a word that no longer occurs decays into
    them after some 700 steps, and arithmetic on them is slower, on some CPUs a hundred times. Worker threads take the
    setting over when they start, so it reaches all of them only if torch has not computed in this process before.

    Raises:
        SpecError: the device is not there.
    """
    import torch
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    from accelerate.utils import InitProcessGroupKwargs

    device = pick_device(spec.device)
    _check_devices(device, processes)
    precision = pick_precision(spec.precision, device)
    threads = torch.get_num_threads()
    AcceleratorState._reset_state(reset_partial_state=True)  # its state is global and would refuse another precision
    torch.set_flush_denormal(True)
    joins = processes.several and not torch.distributed.is_initialized()
    share = spec.threads or max(1, cpu_count() // processes.local_count)
    torch.set_num_threads(share)
    try:
        with _threads_told(share, processes):
            accelerator = Accelerator(
                cpu=device == "cpu",
                mixed_precision="bf16" if precision == "bf16" else "no",
                kwargs_handlers=[InitProcessGroupKwargs(timeout=PATIENCE)],
            )
        yield accelerator
        if joins:  # after an error the process ends anyway, and leaving properly could wait for a dead one
            torch.distributed.destroy_process_group()
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)
        AcceleratorState._reset_state(reset_partial_state=True)


def _check_devices(device: str, processes: Processes) -> None:
    """Refuse what several processes cannot share."""
    import torch

    if not processes.several:
        return
    if device == "mps":
        raise SpecError(
            f"{processes.count} processes cannot share the GPU of a Mac",
            where="training.device",
            hint="start one process, or set training.device to cpu",
        )
    if device == "cuda" and torch.cuda.device_count() < processes.local_count:
        raise SpecError(
            f"there are {processes.local_count} processes on this machine and {torch.cuda.device_count()} GPUs",
            where="training.device",
            expected="a GPU for each process",
            hint="start fewer processes, or set training.device to cpu",
        )


@contextmanager
def _threads_told(threads: int, processes: Processes) -> Iterator[None]:
    """The number of threads where accelerate looks for it among several processes; else it sets another and says so."""
    if not processes.several:
        yield
        return
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(threads)
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
