from __future__ import annotations

import pickle

import pytest

from seatrial.data.clean import CLEANERS, Changed, CleanStep, Refusal
from seatrial.data.clean.build import build_cleaners
from seatrial.data.clean.run import change_table, clean_text
from seatrial.errors import SpecError


class Cut(CleanStep):
    """For the test: refuses what is shorter, cuts what is longer."""

    least: int = 0
    most: int = 5

    def __call__(self, text: str) -> str | Refusal | Changed:
        if len(text) < self.least:
            return Refusal("too short")
        return Changed(text[: self.most], {"cut": max(0, len(text) - self.most)})


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLEANERS._loaded, "cut", Cut)  # type: ignore[arg-type]


def test_steps_take_options_and_say_what_they_changed() -> None:
    steps = build_cleaners(["lowercase", {"cut": {"most": 3}}])
    assert [step.name for step in steps] == ["lowercase", "cut"]
    done = clean_text("ABCDE", steps)
    assert (done.text, done.refused) == ("abc", None)
    assert done.counts == {("lowercase", "changed"): 1, ("cut", "cut"): 2}
    assert change_table(done.counts) == [
        {"step": "cut", "change": "cut", "count": 2},
        {"step": "lowercase", "change": "changed", "count": 1},
    ]


def test_after_a_refusal_no_further_step_is_asked() -> None:
    done = clean_text("AB", build_cleaners([{"cut": {"least": 3}}, "lowercase"]))
    assert (done.text, done.refused, done.counts) == ("AB", ("cut", "too short"), {})


def test_a_step_goes_to_another_process() -> None:
    (step,) = build_cleaners([{"cut": {"most": 1}}])
    assert pickle.loads(pickle.dumps(step.clean)) == Cut(most=1)


@pytest.mark.parametrize(
    ("step", "where", "message", "hint"),
    [
        ("lowecase", "data.clean.0", "unknown cleaning step 'lowecase'", "did you mean 'lowercase'?"),
        (
            {"lowercase": {"all": True}},
            "data.clean.0.lowercase",
            "'lowercase' takes no options",
            "write only lowercase",
        ),
        ({"cut": {"mots": 3}}, "data.clean.0.cut.mots", "unknown key 'mots'", "did you mean 'most'?"),
        ({"cut": {"most": "3"}}, "data.clean.0.cut.most", "'3' cannot be used", "its options: least, most"),
    ],
)
def test_what_is_wrong_with_a_step_is_named(step: str | dict, where: str, message: str, hint: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(SpecError) as caught:
        build_cleaners([step])
    assert (caught.value.where, caught.value.message, caught.value.hint) == (where, message, hint)
