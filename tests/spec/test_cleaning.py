from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from seatrial.spec.cleaning import CleaningStep, step_name, step_options

READ = TypeAdapter(CleaningStep)


def test_a_name_or_a_name_with_options() -> None:
    assert READ.validate_python("lowercase") == "lowercase"
    step = READ.validate_python({"keep-languages": {"languages": ["en"]}})
    assert (step_name(step), step_options(step)) == ("keep-languages", {"languages": ["en"]})
    assert READ.validate_python({"lowercase": None}) == {"lowercase": {}}
    assert step_options("lowercase") == {}


@pytest.mark.parametrize("wrong", ["", 3, {}, {"a": {}, "b": {}}, {"a": "b"}, {1: {}}, ["lowercase"]])
def test_everything_else_is_told_how_to_write_it(wrong: object) -> None:
    with pytest.raises(ValidationError, match="write `lowercase` or `keep-languages"):
        READ.validate_python(wrong)
