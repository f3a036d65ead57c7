"""A model in service writes its golden answers again before anybody is served."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.errors import ArtifactError
from seatrial.export.golden_tokens import GoldenTokens, write_golden_tokens
from seatrial.serve.generation.rehearsal import differs, prompt_ids, rehearse

from ..writer import Letters, Script, writer


def test_what_is_written_has_its_log_probabilities_and_leads() -> None:
    script = Script("Yes")
    [written] = asyncio.run(rehearse(Letters(), script, ["Ready?"], length=8))
    assert "".join(map(chr, written.token_ids)) == "Yes"
    assert written.log_probabilities == (-0.5, -0.5, -0.5)
    assert written.leads == (1.5, 1.5, 1.5)
    [request] = script.asked
    assert request.sampling.greedy
    assert request.max_tokens == 8


def test_messages_go_through_the_template() -> None:
    assert "".join(map(chr, prompt_ids(Letters(), [{"role": "user", "content": "Hi"}]))) == "u:Hi\n"


def test_a_model_that_says_something_else_is_refused(tmp_path: Path) -> None:
    written = asyncio.run(rehearse(Letters(), Script("Yes"), ["Ready?"]))
    write_golden_tokens(tmp_path, GoldenTokens(["Ready?"], written, 0.2))
    writer(tmp_path, Script("Yes")).prove()
    with pytest.raises(ArtifactError, match="golden answers: the answer to prompt 0 has 78 for token 0, not 89"):
        writer(tmp_path, Script("No")).prove()


def test_prompts_that_do_not_fit_a_small_context_are_left_out() -> None:
    [short] = asyncio.run(rehearse(Letters(), Script("Yes"), ["Hi"]))
    wrong = replace(short, token_ids=(1, 2, 3))
    golden = GoldenTokens(["Hi", "x" * Script.context], [short, wrong], 0.2)
    assert asyncio.run(differs(golden, Letters(), Script("Yes"))) is None
