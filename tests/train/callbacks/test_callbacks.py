"""History and TensorBoard hold each record once, also after a run was killed and continued."""

from __future__ import annotations

from pathlib import Path

from seatrial.train.callbacks.bar import Bar
from seatrial.train.callbacks.history import History, read_history
from seatrial.train.callbacks.tensorboard import TensorBoard
from seatrial.train.events import Step, Validation
from seatrial.train.position import Position


def step(number: int) -> Step:
    return Step(number, number / 4, 1 / number, 1e-4, 0.5, 80.0, number * 8)


def validation(number: int) -> Validation:
    return Validation(number, number / 4, 0.4, {"accuracy": 0.9}, best=True)


def test_history_forgets_what_came_after_the_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run" / "history.jsonl"
    history = History(path, Position())
    for event in (step(1), step(2), validation(2), step(3), step(4), validation(4)):
        history(event)
    history.close()
    with path.open("a") as file:
        file.write('{"kind": "step", "st')  # a kill in the middle of a line
    # The checkpoint was taken after step 4 and before its validation.
    history = History(path, Position(step=4, validated=2))
    history(validation(4))
    history(step(5))
    history.close()
    steps, validations = read_history(path)
    assert [record["step"] for record in steps] == [1, 2, 3, 4, 5]
    assert [record["step"] for record in validations] == [2, 4]
    assert validations[0] == {"step": 2, "epoch": 0.5, "loss": 0.4, "accuracy": 0.9, "best": True}


def test_tensorboard_shows_each_step_once_after_a_continued_run(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    first = TensorBoard(tmp_path, Position())
    for event in (step(1), step(2), step(3), validation(3)):
        first(event)
    first.close()
    second = TensorBoard(tmp_path, Position(step=2))
    second(step(3))
    second(validation(3))
    second.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [scalar.step for scalar in events.Scalars("train/loss")] == [1, 2, 3]
    assert [scalar.step for scalar in events.Scalars("validation/accuracy")] == [3]
    assert "train/step" not in events.Tags()["scalars"]


def test_the_bar_closes_where_an_early_stop_left_it() -> None:
    heard: list[tuple[int, int | None]] = []
    bar = Bar(lambda what, done, total=None, figures=None: heard.append((done, total)), 80)
    bar(step(1))
    bar(validation(1))
    bar.close()
    assert heard == [(8, 80), (8, 8)]
