"""The vault: texts come back as they were, writers may be killed, and what was altered is refused."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.data.redact import step
from seatrial.data.redact.keys import derived, key_from_file, new_key_file
from seatrial.data.redact.restore import Restorer, Unredact
from seatrial.data.redact.step import Redact
from seatrial.data.redact.vault import Vault
from seatrial.errors import ArtifactError, SpecError

KEY = bytes(32)
TEXTS = [
    "Ryan Gallagher <R.G@example.org> and r.g@example.org, 13812345678, 138-1234-5678",
    "张伟先生的电话 13812345678，卡号 ４１１１１１１１１１１１１１１１",
    "no more than words",
]


@pytest.mark.parametrize("replace", ["hash", "pseudonym"])
def test_texts_come_back_as_they_were(tmp_path: Path, replace: str) -> None:
    new_key_file(tmp_path / "key")
    options = {"vault": str(tmp_path / "vault"), "vault_key": str(tmp_path / "key")}
    step = Redact.model_validate({**options, "replace": replace})
    redacted = [getattr(done, "text", done) for done in map(step, TEXTS)]
    assert all(old != new for old, new in zip(TEXTS[:2], redacted, strict=False))
    back = Unredact.model_validate(options)
    assert [getattr(done, "text", done) for done in map(back, redacted)] == TEXTS
    content = (tmp_path / "vault").read_bytes()
    assert b"Ryan" not in content
    assert b"13812345678" not in content
    assert back.served() is None
    for file in ("vault", "key"):
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600


def test_a_token_stands_for_one_value_whoever_writes(tmp_path: Path) -> None:
    one, two = Vault(tmp_path / "v", KEY), Vault(tmp_path / "v", KEY)
    assert one.claim("t", "first")
    assert not two.claim("t", "second")
    assert two.claim("u", "second")
    assert one.claim("t", "first")
    assert one.values() == two.values() == {"t": "first", "u": "second"}


def test_a_record_that_was_not_finished_is_cut_off(tmp_path: Path) -> None:
    Vault(tmp_path / "v", KEY).claim("t", "first")
    whole = (tmp_path / "v").read_bytes()
    for end in range(1, len(whole)):
        (tmp_path / "v").write_bytes(whole[:end])
        vault = Vault(tmp_path / "v", KEY)
        assert vault.claim("u", "second")
        assert Vault(tmp_path / "v", KEY).values() == {"u": "second"} or end == len(whole)


WRITER = """
import sys
from pathlib import Path
from seatrial.data.redact.vault import Vault
vault = Vault(Path(sys.argv[1]), bytes(32))
for number in range(1_000_000):
    vault.claim(f"token {sys.argv[2]} {number}", f"value {number}")
    if number % 50 == 49:
        print(number, flush=True)
"""


def test_kill_9_loses_nothing_that_was_claimed(tmp_path: Path) -> None:
    file = tmp_path / "v"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(file), name], stdout=subprocess.PIPE, text=True)
        for name in ("a", "b")
    ]
    said = {}
    for name, writer in zip("ab", writers, strict=True):
        assert writer.stdout is not None
        said[name] = int(writer.stdout.readline())
    for writer in writers:
        writer.kill()
        writer.wait()
        assert writer.stdout is not None
        writer.stdout.close()
    values = Vault(file, KEY).values()
    assert all(f"token {name} {number}" in values for name in said for number in range(said[name] + 1))
    assert Vault(file, KEY).claim("after", "all")


def test_what_was_altered_or_is_no_vault_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "v"
    vault = Vault(file, KEY)
    vault.claim("t", "first")
    vault.claim("u", "second")
    whole = file.read_bytes()
    with pytest.raises(SpecError, match="the key does not open v"):
        Vault(file, bytes(range(32)))
    header, first, second, _ = whole.split(b"\n")
    file.write_bytes(b"\n".join((header, first[:20] + b"AAAA" + first[24:], second, b"")))
    with pytest.raises(ArtifactError, match="was altered"):
        Vault(file, KEY)
    for content in (b"a,b\n1,2\n", b"one line of somebody's", b'{"a": 1}'):
        file.write_bytes(content)
        with pytest.raises(ArtifactError, match="is no vault"):
            Vault(file, KEY)
        assert file.read_bytes() == content
    file.write_bytes(header[:5])  # killed while it was begun
    assert Vault(file, KEY).claim("t", "first")


def test_keys_are_looked_at(tmp_path: Path) -> None:
    key = tmp_path / "key"
    new_key_file(key)
    assert len(key_from_file(key, where="x")) == 32
    with pytest.raises(SpecError, match="is there already"):
        new_key_file(key)
    key.chmod(0o644)
    with pytest.raises(SpecError, match="can be read by others"):
        key_from_file(key, where="x")
    key.chmod(0o600)
    key.write_text("no key")
    with pytest.raises(SpecError, match="holds no key"):
        key_from_file(key, where="x")
    with pytest.raises(SpecError, match="cannot be read"):
        key_from_file(tmp_path / "other", where="x")
    with pytest.raises(SpecError, match="there is no vault"):
        Unredact(vault=str(tmp_path / "v"), vault_key=str(key)).check()
    assert derived(KEY, "a") != derived(KEY, "b")


def test_the_longest_pseudonym_counts() -> None:
    restore = Restorer({"Ann Lee": "1", "Ann": "2", "[NAME:0123456789abcdef]": "3"})
    assert restore("Ann Lee, Ann, [NAME:0123456789abcdef], [NAME:fedcba9876543210]") == (
        "1, 2, 3, [NAME:fedcba9876543210]",
        3,
    )


def test_more_names_than_there_are_pseudonyms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "pseudonym", lambda *_, **__: "Mary")
    new_key_file(tmp_path / "key")
    options = {"vault": str(tmp_path / "vault"), "vault_key": str(tmp_path / "key")}
    redact = Redact.model_validate({**options, "replace": "pseudonym", "entities": ["name"]})
    texts = ["My name is John", "My name is Alice"]
    redacted = [getattr(done, "text", done) for done in map(redact, texts)]
    assert redacted[0] == "My name is Mary"
    assert redacted[1].startswith("My name is [NAME:")
    assert [getattr(done, "text", done) for done in map(Unredact.model_validate(options), redacted)] == texts
