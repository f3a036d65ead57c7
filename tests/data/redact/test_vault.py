"""The vault: texts come back as they were, writers may be killed, and what was altered is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.data.redact import step
from seatrial.data.redact.keys import Secret, derived, new_key_file, secret_from_environment, secret_from_file
from seatrial.data.redact.restore import Restorer, Unredact
from seatrial.data.redact.step import Redact
from seatrial.data.redact.vault import Vault
from seatrial.errors import ArtifactError, SpecError

KEY = Secret(bytes(32))
PHRASE = Secret(b"a passphrase of the tests", is_key=False)
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
    file = tmp_path / "v"
    vault = Vault(file, KEY)
    vault.claim("t", "first")
    vault.sync()
    sealed = len(file.read_bytes())
    vault.claim("u", "second")  # given out only after the next sync
    whole = file.read_bytes()
    for end in range(sealed, len(whole)):
        file.write_bytes(whole[:end])
        vault = Vault(file, KEY)
        assert vault.values() == {"t": "first"}
        assert vault.claim("w", "third")
        assert Vault(file, KEY).values() == {"t": "first", "w": "third"}


def test_what_was_cut_off_taken_out_or_moved_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "v"
    vault = Vault(file, KEY)
    for number in range(4):
        vault.claim(f"t{number}", "value")
        vault.sync()
    whole = file.read_bytes()
    assert Vault(file, KEY).values().keys() == {"t0", "t1", "t2", "t3"}
    start, one, two, *records = whole.splitlines(keepends=True)
    head = [start, one, two]
    moved = [records[1], records[0], *records[2:]]
    for left in (records[:3], records[:0], records[1:], records[:2] + records[3:], moved, [*records, records[3]]):
        file.write_bytes(b"".join([*head, *left]))
        with pytest.raises(ArtifactError, match=r"was (altered|cut off)"):
            Vault(file, KEY)
    for end in range(1, len(whole)):
        file.write_bytes(whole[:end])
        with pytest.raises(ArtifactError, match=r"is no vault|was cut off|was altered"):
            Vault(file, KEY)
    file.write_bytes(b"".join([*head, *records[:3]]))
    with pytest.raises(ArtifactError, match="1 of 4 records are missing at its end"):
        Vault(file, KEY)
    with pytest.raises(ArtifactError, match="was cut off"):
        vault.claim("another", "value")  # while it was open


def test_one_of_two_seals_may_be_torn(tmp_path: Path) -> None:
    file = tmp_path / "v"
    vault = Vault(file, KEY)
    for number in range(3):
        vault.claim(f"t{number}", "value")
        vault.sync()
        start, one, two, *records = file.read_bytes().splitlines(keepends=True)
        for torn in ([start, b"A" * 4 + one[4:], two], [start, one, two[:40] + b"A" * 4 + two[44:]]):
            file.write_bytes(b"".join([*torn, *records]))
            assert len(Vault(file, KEY).values()) == number + 1
        file.write_bytes(b"".join([start, b"A" * 4 + one[4:], b"A" * 4 + two[4:], *records]))
        with pytest.raises(ArtifactError, match="was altered"):
            Vault(file, KEY)
        file.write_bytes(b"".join([start, one, two, *records]))


def test_a_vault_of_the_first_version_gives_back_and_takes_nothing(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    for secret, key in ((KEY, KEY.value), (PHRASE, hashlib.sha256(PHRASE.value).digest())):
        cipher, nonce = AESGCM(derived(key, "vault")), bytes(12)
        check = base64.b64encode(nonce + cipher.encrypt(nonce, b"seatrial vault", b"ab")).decode()
        start = json.dumps({"seatrial_vault": 1, "id": "ab", "check": check}).encode()
        record = base64.b64encode(nonce + cipher.encrypt(nonce, b'["t", "first"]', start))
        (tmp_path / "v").write_bytes(start + b"\n" + record + b"\n")
        vault = Vault(tmp_path / "v", secret)
        assert vault.values() == {"t": "first"}
        assert vault.claim("t", "first")
        vault.sync()
        with pytest.raises(ArtifactError, match="name a new file here"):
            vault.claim("u", "second")


def test_a_passphrase_is_stretched_with_a_salt_of_its_own_and_a_key_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = Vault(tmp_path / "a", PHRASE), Vault(tmp_path / "b", PHRASE)
    assert one.claim("t", "first")
    assert Vault(tmp_path / "a", PHRASE).values() == {"t": "first"}
    assert len({one.key, two.key, PHRASE.key(b"x"), PHRASE.old_key()}) == 4
    with pytest.raises(SpecError, match="the key does not open a"):
        Vault(tmp_path / "a", Secret(b"another passphrase", is_key=False))
    for text in ("ab" * 32, "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="):
        monkeypatch.setenv("VAULT_KEY", text)
        assert secret_from_environment("VAULT_KEY", where="x") == Secret(b"\xab" * 32)
    monkeypatch.setenv("VAULT_KEY", "ab" * 31 + "g")
    assert not secret_from_environment("VAULT_KEY", where="x").is_key


WRITER = """
import sys
from pathlib import Path
from seatrial.data.redact.keys import Secret
from seatrial.data.redact.vault import Vault
vault = Vault(Path(sys.argv[1]), Secret(bytes(32)))
for number in range(1_000_000):
    vault.claim(f"token {sys.argv[2]} {number}", f"value {number}")
    if number % 50 == 49:
        vault.sync()
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
    vault.sync()
    whole = file.read_bytes()
    with pytest.raises(SpecError, match="the key does not open v"):
        Vault(file, Secret(bytes(range(32))))
    lines = whole.splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:3], lines[3][:20] + b"AAAA" + lines[3][24:], lines[4]]))
    with pytest.raises(ArtifactError, match="was altered"):
        Vault(file, KEY)
    for content in (b"a,b\n1,2\n", b"one line of somebody's", b'{"a": 1}'):
        file.write_bytes(content)
        with pytest.raises(ArtifactError, match="is no vault"):
            Vault(file, KEY)
        assert file.read_bytes() == content
    file.write_bytes(lines[0].replace(b'"seatrial_vault": 2', b'"seatrial_vault": 3'))
    with pytest.raises(ArtifactError, match="is a vault of version 3"):
        Vault(file, KEY)


def test_keys_are_looked_at(tmp_path: Path) -> None:
    key = tmp_path / "key"
    new_key_file(key)
    assert len(secret_from_file(key, where="x").value) == 32
    with pytest.raises(SpecError, match="is there already"):
        new_key_file(key)
    key.chmod(0o644)
    with pytest.raises(SpecError, match="can be read by others"):
        secret_from_file(key, where="x")
    key.chmod(0o600)
    key.write_text("no key")
    with pytest.raises(SpecError, match="holds no key"):
        secret_from_file(key, where="x")
    with pytest.raises(SpecError, match="cannot be read"):
        secret_from_file(tmp_path / "other", where="x")
    with pytest.raises(SpecError, match="there is no vault"):
        Unredact(vault=str(tmp_path / "v"), vault_key=str(key)).check()
    assert derived(KEY.value, "a") != derived(KEY.value, "b")


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
