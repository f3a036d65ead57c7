"""Sessions belong to a tenant, expire, and are kept where that is wanted."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.errors import ServiceError
from seatrial.serve.conversation import store
from seatrial.serve.conversation.store import Key, Remembered, SessionStore
from seatrial.serve.generation.ask import Message, Role

KEY = Key("anna", "writer", "s")
SAID = Remembered("Be brief.", "They met.", (Message(Role.USER, "Hi 日本"), Message(Role.ASSISTANT, "Hi.")))


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_what_is_saved_comes_back_to_the_same_tenant_and_model_only() -> None:
    kept = SessionStore(None, 60)
    kept.save(KEY, SAID)
    assert kept.load(KEY) == SAID
    for other in (replace(KEY, tenant="boris"), replace(KEY, model="other"), replace(KEY, name="t")):
        assert kept.load(other) is None
        assert not kept.forget(other)
    assert kept.load(KEY) == SAID
    assert kept.forget(KEY)
    assert kept.load(KEY) is None


def test_what_is_not_used_expires() -> None:
    clock = Clock()
    kept = SessionStore(None, 60, clock)
    kept.save(KEY, SAID)
    clock.now += 59
    assert kept.load(KEY) == SAID
    kept.save(KEY, SAID)
    clock.now += 61
    assert kept.load(KEY) is None
    kept.save(replace(KEY, name="t"), SAID)
    assert kept._base.execute("SELECT count(*) FROM sessions").fetchone() == (1,)  # the other is gone from the table


def test_a_file_keeps_them_and_is_its_owners_only(tmp_path: Path) -> None:
    file = tmp_path / "sessions.sqlite"
    first = SessionStore(file, 60)
    first.save(KEY, SAID)
    first.close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = SessionStore(file, 60)
    assert again.load(KEY) == SAID
    again.close()


def test_one_tenant_has_so_many_and_takes_none_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_OF_A_TENANT", 3)
    clock = Clock()
    kept = SessionStore(None, 60, clock)
    kept.save(replace(KEY, tenant="boris"), SAID)
    for name in "abcd":
        clock.now += 1
        kept.save(replace(KEY, name=name), SAID)
    assert [name for name in "abcd" if kept.load(replace(KEY, name=name))] == ["b", "c", "d"]
    assert kept.load(replace(KEY, tenant="boris")) == SAID


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="sessions"):
        SessionStore(tmp_path / "missing" / "file", 60)
    (tmp_path / "text").write_text("this is no database, however long it may become " * 100)
    with pytest.raises(ServiceError, match="sessions"):
        SessionStore(tmp_path / "text", 60)
