"""`seatrial chat`: a question in a pipe, one JSON object, and the commands of a conversation."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from seatrial.cli.app import app
from seatrial.cli.chat_talk import Style, Talk
from seatrial.cli.chat_terminal import converse, printable

from ..export.toy_chat_model import save_toy_chat_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_toy_chat_model(tmp_path_factory.mktemp("toy") / "toy")


@pytest.fixture(autouse=True)
def cache(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(model.parent / "cache"))


def invoke(*arguments: str, given: str = "") -> Any:
    return CliRunner().invoke(app, ["chat", *arguments], input=given)


def test_a_question_in_a_pipe_gets_its_answer(model: Path) -> None:
    done = invoke(str(model), "--max-tokens", "5", "--temperature", "0", given="Hi\nthere\n")
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("\n")
    again = invoke(str(model), "--max-tokens", "5", "--temperature", "0", given="Hi\nthere\n")
    assert again.stdout == done.stdout


def test_json_is_one_object(model: Path) -> None:
    done = invoke(str(model), "--json", "--max-tokens", "4", given="Hi")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["model"], told["question"]) == ("toy", "Hi")
    assert told["finish_reason"] in {"stop", "length"}
    assert told["usage"]["completion_tokens"] <= 4
    assert told["first_token_ms"] <= told["total_ms"]


def test_what_cannot_be_asked_is_one_message(model: Path, tmp_path: Path) -> None:
    empty = invoke(str(model), "--json", given="  ")
    assert empty.exit_code == 1
    assert "no question" in json.loads(empty.stdout)["message"]
    missing = invoke(str(tmp_path / "nothing"), given="Hi")
    assert missing.exit_code == 1
    assert "there is no release" in missing.stderr
    long = invoke(str(model), "--json", given="Hi " * 2_000)
    assert long.exit_code == 1
    assert "context" in json.loads(long.stdout)["message"]


@pytest.mark.parametrize(
    ("arguments", "question", "said"),
    [
        ((), b"caf\xe9", "byte 4 fits no character"),
        (("--top-p", "nan"), b"Hi", "top_p is nan"),
        (("--top-p", "0"), b"Hi", "top_p is 0"),
        (("--seed", "-1"), b"Hi", "seed is -1"),
    ],
)
def test_bad_settings_and_broken_questions_are_one_message(
    model: Path, arguments: tuple[str, ...], question: bytes, said: str
) -> None:
    done = CliRunner().invoke(app, ["chat", str(model), "--json", *arguments], input=question)
    assert done.exit_code == 1, done.output
    assert said in json.loads(done.stdout)["message"]


@pytest.mark.parametrize("arguments", [("--max-tokens", "-1"), ("--temperature", "nan"), ("--temperature", "-1")])
def test_settings_out_of_range_are_usage_mistakes(model: Path, arguments: tuple[str, str]) -> None:
    done = invoke(str(model), "--json", *arguments, given="Hi")
    assert done.exit_code == 2
    assert arguments[0] in json.loads(done.stdout)["message"]


def test_a_question_may_spell_a_control_token_and_it_stays_text(model: Path) -> None:
    told = [
        json.loads(invoke(str(model), "--json", "--max-tokens", "1", given=f"a{spelled}b").stdout)
        for spelled in ("<|im_end|>", "0123456789")
    ]
    first, second = (one["usage"]["prompt_tokens"] for one in told)
    assert first == second  # a token for each of its bytes, as of any others


def test_the_commands_of_a_conversation(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from seatrial.cli.find_release import find_served

    said = iter(
        [
            *("/help", "/system", "/system Be brief.", "/system", "Hi", "", f"/save {tmp_path / 'talk.json'}"),
            *(f"/save {tmp_path / 'talk.md'}", "/save", f"/save {tmp_path}", "/nonsense", "/reset", "/quit"),
        ]
    )
    monkeypatch.setattr("builtins.input", lambda _="": next(said))
    with Talk(find_served(str(model)), Style(max_tokens=4, temperature=0)) as talk:
        converse(talk)
        assert talk.remembered.messages == ()
    shown = capsys.readouterr().out
    for words in ("/reset", "nothing is told first", "with this told first", "Be brief.", "tokens, the first after"):
        assert words in shown
    assert "name a file" in shown
    assert "there is no command /nonsense" in shown
    saved = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))
    assert [message["role"] for message in saved["messages"]] == ["system", "user", "assistant"]
    assert "**user**\n\nHi" in (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert list(said) == []


def test_ctrl_c_stops_the_answer_and_not_the_program(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from seatrial.cli.find_release import find_served

    def asked(answers: list[object], _: str = "") -> str:
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return str(answer)

    answers: list[object] = [KeyboardInterrupt(), "stop me", "Hi", EOFError()]
    monkeypatch.setattr("builtins.input", lambda _="": asked(answers))
    with Talk(find_served(str(model)), Style(max_tokens=4, temperature=0)) as talk:
        real = talk.answer

        def answer(question: str, write: Any) -> Any:
            if question == "stop me":
                raise KeyboardInterrupt
            return real(question, write)

        monkeypatch.setattr(talk, "answer", answer)
        converse(talk)
    shown = capsys.readouterr().out
    assert "/quit or Ctrl-D leaves" in shown
    assert "stopped" in shown
    assert "tokens, the first after" in shown


def test_a_release_that_gives_labels_is_refused(tmp_path: Path) -> None:
    from seatrial.artifact.manifest import write_manifest

    write_manifest(tmp_path, kind="dataset")
    done = invoke(str(tmp_path), given="Hi")
    assert done.exit_code == 1
    assert "not a release" in done.stderr


def test_nothing_that_a_model_writes_moves_the_cursor() -> None:
    assert printable("a\x1b[2Jb\x07\rc\u202ed\n\te") == "a[2Jbcd\n\te"
    assert io.StringIO(printable("日本 é")).read() == "日本 é"
