from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from seatrial.errors import RequestError
from seatrial.generate.request import GenerateRequest, SamplingSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", math.nan),
        ("temperature", -0.1),
        ("temperature", 11),
        ("temperature", "1"),
        ("temperature", True),
        ("top_k", -1),
        ("top_k", 1.5),
        ("top_p", 0),
        ("top_p", 1.01),
        ("min_p", -0.1),
        ("min_p", math.inf),
        ("repetition_penalty", 0),
        ("repetition_penalty", 5e-324),
        ("presence_penalty", 2.1),
        ("frequency_penalty", -2.1),
        ("seed", -1),
        ("seed", 2**63),
        ("log_probabilities", 21),
        ("logit_bias", {3: 101.0}),
        ("logit_bias", {-1: 1.0}),
        ("logit_bias", dict.fromkeys(range(1025), 1.0)),
    ],
)
def test_settings_out_of_range_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(RequestError, match=rf"{name}.*expected") as refused:
        SamplingSettings(**{name: value})
    assert refused.value.status == 422


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", -1),
        ("max_tokens", 0),
        ("n", 1_000_000),
        ("n", 0),
        ("n", True),
        ("stop_ids", frozenset(range(10_000))),
        ("draft_tokens", 17),
    ],
)
def test_requests_out_of_range_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(RequestError, match=rf"{name}.*expected"):
        GenerateRequest(prompt=[1], **{name: value})


def test_an_empty_prompt_and_a_deadline_that_is_no_time_are_refused() -> None:
    with pytest.raises(RequestError, match="empty"):
        GenerateRequest(prompt=[])
    with pytest.raises(RequestError, match="nan"):
        GenerateRequest(prompt=[1], deadline=math.nan)


def test_numbers_of_numpy_are_numbers() -> None:
    SamplingSettings(top_k=np.int64(3), seed=np.int32(1))
    GenerateRequest(prompt=[np.int64(1)]).check_fits(vocabulary=2, context=4, slots=1)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (GenerateRequest(prompt=[1] * 8), r"8 tokens: expected at most 7"),
        (GenerateRequest(prompt=[1], n=3), r"n is 3: expected at most 2"),
        (GenerateRequest(prompt=[1, 9]), r"holds 9: expected token ids from 0 to 8"),
        (GenerateRequest(prompt=[-1]), r"holds -1"),
        (GenerateRequest(prompt=[1.0]), r"holds 1.0"),  # type: ignore[list-item]
        (GenerateRequest(prompt=[1], sampling=SamplingSettings(logit_bias={9: 1.0})), r"token 9"),
    ],
)
def test_what_an_engine_cannot_hold_is_refused(request_: GenerateRequest, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        request_.check_fits(vocabulary=9, context=8, slots=2)
