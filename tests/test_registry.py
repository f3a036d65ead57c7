from __future__ import annotations

import pytest

from seatrial.errors import SeatrialError, SpecError
from seatrial.registry import Registry


@pytest.fixture
def registry() -> Registry[object]:
    return Registry(
        "shape",
        "seatrial.shapes",
        {
            "round": "math:pi",
            "lost": "math:tau_of_nobody",
            "absent": "a_module_that_nobody_has:X",
        },
    )


def test_a_name_is_imported_when_asked_for(registry: Registry[object]) -> None:
    assert registry.get("round") == 3.141592653589793
    assert "round" in registry
    assert list(registry) == ["absent", "lost", "round"]


def test_an_unknown_name_gets_the_nearest(registry: Registry[object]) -> None:
    with pytest.raises(SpecError) as caught:
        registry.get("rond", where="a.b")
    assert (caught.value.hint, caught.value.where) == ("did you mean 'round'?", "a.b")


@pytest.mark.parametrize("name", ["lost", "absent"])
def test_a_path_that_leads_nowhere_is_a_typed_error(registry: Registry[object], name: str) -> None:
    with pytest.raises(SeatrialError, match=f"shape '{name}'"):
        registry.get(name)
