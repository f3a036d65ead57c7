"""Take part in a training that another process runs: all that a process does that is not the first one.

Refuses to know: the other stages. It writes nothing and says nothing.
"""

from __future__ import annotations

from seatrial.errors import DataError, LostProcessError
from seatrial.pipeline.stages.train import Places, learn
from seatrial.progress import silent
from seatrial.spec.project import ProjectSpec
from seatrial.train.distributed.meeting import Meeting

__all__ = ["join"]


def join(spec: ProjectSpec, meeting: Meeting) -> None:
    """Wait until the first process has something to train on, train with it, and leave.

    Args:
        spec: the resolved project file, the same as the first process has.
        meeting: where it waits.

    Raises:
        SeatrialError: the training could not go on, or the first process ended.
        DataError: what to train on does not lie here.
        LostProcessError: another process ended, or this one was told to.
    """
    word = meeting.wait()
    if word is None:
        return
    places = Places.of_word(word)
    for folder in (places.root, places.dataset, places.base):
        if not folder.is_dir():
            raise DataError(
                "the first process trains on this folder, and this one does not see it",
                where=str(folder),
                hint="let the project lie on a disk that all machines share, at the same path",
            )
    try:  # nothing is written to `out` from here
        learn(spec, places, out=places.work, progress=silent, processes=meeting.processes)
    except KeyboardInterrupt as stop:  # the launcher ends all when one has ended, often before the loss is felt
        raise LostProcessError(
            "another process of this training ended, or all were stopped",
            hint="run the same command again; training goes on from the last checkpoint",
        ) from stop
