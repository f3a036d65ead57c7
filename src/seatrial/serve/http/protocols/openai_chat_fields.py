"""Requests of OpenAI's chat completions and completions → what is asked, whoever asks it.

Everything that would change the answer and is not there is refused; what changes nothing here is taken and ignored.
Refuses to know: models, answers.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.errors import RequestError
from seatrial.generate.request import SamplingSettings
from seatrial.serve.generation.ask import MAX_STOPS, Ask, Message, Role
from seatrial.serve.handlers import type_name
from seatrial.serve.http.fields import flag, number, only, optional_text, whole

__all__ = ["CHAT_HINT", "COMPLETION_HINT", "Wanted", "read_chat", "read_completion"]

CHAT_HINT = 'send {"model": "NAME", "messages": [{"role": "user", "content": "a question"}]}'
COMPLETION_HINT = 'send {"model": "NAME", "prompt": "the beginning of a text"}'
IGNORED = ("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key")
SAMPLING = (
    *("temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty"),
    *("seed", "logit_bias", "logprobs"),
)
SHARED = ("model", "stream", "stream_options", "n", "stop", "max_tokens", *SAMPLING, *IGNORED)
CHAT_ABSENT = ("tools", "tool_choice", "functions", "function_call", "audio", "prediction", "web_search_options")
CHAT_ABSENT_TOO = ("modalities", "reasoning_effort", "verbosity", "parallel_tool_calls")
CHAT = ("messages", "max_completion_tokens", "top_logprobs", "response_format", "session", *SHARED)
COMPLETION = ("prompt", "best_of", "echo", "suffix", *SHARED)
ROLES = {"system": Role.SYSTEM, "developer": Role.SYSTEM, "user": Role.USER, "assistant": Role.ASSISTANT}
MESSAGE_FIELDS = ("role", "content", "name", "refusal")
MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request, read.

    Attributes:
        ask: what is asked of the model; of completions with several prompts the first.
        model: as the client names it.
        stream: whether the answer shall come piece by piece.
        usage: whether a stream shall end with what was counted.
        session: name of a conversation to go on with.
    """

    ask: Ask
    model: str | None
    stream: bool
    usage: bool
    session: str | None = None


def read_chat(body: Mapping[str, Any], header_session: str | None) -> Wanted:
    """A request for a chat completion.

    Args:
        body: the JSON object.
        header_session: what the header `X-Session` says.

    Raises:
        RequestError: says what to send.
    """
    _refuse_absent(body)
    only(body, CHAT, required="messages", hint=CHAT_HINT)
    _check_format(body.get("response_format"))
    log_probabilities = None
    top = whole(body, "top_logprobs")
    if flag(body, "logprobs", False):
        log_probabilities = top or 0
    elif top is not None:
        raise RequestError("top_logprobs is there without logprobs", hint="send logprobs as true with it")
    longest = whole(body, "max_completion_tokens")
    shorter = whole(body, "max_tokens")
    ask = Ask(
        messages=_messages(body["messages"]),
        sampling=_sampling(body, log_probabilities),
        max_tokens=shorter if longest is None else longest,
        n=_choices(body),
        stop=_stops(body.get("stop")),
    )
    stream, usage = _streaming(body)
    return Wanted(ask, optional_text(body, "model"), stream, usage, _session(body, header_session))


def read_completion(body: Mapping[str, Any]) -> Wanted:
    """A request for a completion of one text.

    Raises:
        RequestError: says what to send.
    """
    only(body, COMPLETION, required="prompt", hint=COMPLETION_HINT)
    if flag(body, "echo", False):
        raise RequestError("a prompt is not given back", hint="leave echo out")
    n, best_of = _choices(body), whole(body, "best_of")
    if best_of not in (None, n):
        raise RequestError("of several answers none is chosen here", hint="leave best_of out")
    ask = Ask(
        prompt=_prompt(body["prompt"]),
        suffix=optional_text(body, "suffix") or None,  # editors send "" at the end of a file
        sampling=_sampling(body, whole(body, "logprobs")),
        max_tokens=whole(body, "max_tokens"),
        n=n,
        stop=_stops(body.get("stop")),
    )
    stream, usage = _streaming(body)
    return Wanted(ask, optional_text(body, "model"), stream, usage)


def _refuse_absent(body: Mapping[str, Any]) -> None:
    """A word of their own for what OpenAI has and this service has not."""
    for name in (*CHAT_ABSENT, *CHAT_ABSENT_TOO):
        if body.get(name) not in (None, [], "none", ["text"]) and name not in CHAT:
            raise RequestError(f"{name} is not offered here", hint=f"leave {name} out; this service answers with text")


def _check_format(value: object) -> None:
    kind = value.get("type") if isinstance(value, dict) else value
    if kind not in (None, "text"):
        raise RequestError(
            "answers in a given format are not offered here yet",
            hint='leave response_format out, or send {"type": "text"}; ask for the format in a message',
        )


def _sampling(body: Mapping[str, Any], log_probabilities: int | None) -> SamplingSettings:
    """How tokens are chosen; the settings check their ranges themselves."""
    return SamplingSettings(
        repetition_penalty=number(body, "repetition_penalty", 1.0),
        presence_penalty=number(body, "presence_penalty", 0.0),
        frequency_penalty=number(body, "frequency_penalty", 0.0),
        logit_bias=_bias(body.get("logit_bias")),
        temperature=number(body, "temperature", 1.0),
        top_k=whole(body, "top_k") or 0,
        top_p=number(body, "top_p", 1.0),
        min_p=number(body, "min_p", 0.0),
        seed=_seed(whole(body, "seed")),
        log_probabilities=log_probabilities,
    )


def _seed(seed: int | None) -> int | None:
    """OpenAI allows negative seeds; every seed stays one of its own."""
    if seed is not None and not -MAX_SEED <= seed <= MAX_SEED:
        raise RequestError("seed is out of range", hint=f"send a whole number from {-MAX_SEED} to {MAX_SEED}")
    return seed if seed is None or seed >= 0 else MAX_SEED + seed + 1


def _bias(value: object) -> dict[int, float]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestError(f"logit_bias is {type_name(value)}", hint='send an object, for example {"1234": -100}')
    found: dict[int, float] = {}
    for token, bias in value.items():
        if not (token.isascii() and token.isdecimal() and len(token) < 10):
            raise RequestError("logit_bias names no token", hint='its fields are numbers of tokens, for example "1234"')
        if not isinstance(bias, int | float) or isinstance(bias, bool):
            raise RequestError(f"logit_bias of token {token} is {type_name(bias)}", hint="send a number, -100 to 100")
        found[int(token)] = bias
    return found


def _choices(body: Mapping[str, Any]) -> int:
    n = whole(body, "n")
    return 1 if n is None else n


def _stops(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise RequestError(f"stop is {type_name(value)}", hint=f"send a text, or a list of up to {MAX_STOPS}")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise RequestError(f"stop[{place}] is {type_name(text)}", hint="send it as a text in double quotes")
    return tuple(texts)


def _streaming(body: Mapping[str, Any]) -> tuple[bool, bool]:
    stream, options = flag(body, "stream", False), body.get("stream_options")
    if options is None:
        return stream, False
    if not isinstance(options, dict):
        raise RequestError(f"stream_options is {type_name(options)}", hint='send {"include_usage": true}')
    if not stream:
        raise RequestError("stream_options is there without stream", hint="send stream as true with it")
    for name in options:
        if name not in ("include_usage", "include_obfuscation"):
            raise RequestError(f"unknown field {name[:60]!r} in stream_options", hint='send {"include_usage": true}')
    flag(options, "include_obfuscation", False)
    return stream, flag(options, "include_usage", False)


def _session(body: Mapping[str, Any], header: str | None) -> str | None:
    named = optional_text(body, "session")
    if named is not None and header is not None and named != header:
        raise RequestError("the header X-Session names another session", hint="name one session, once")
    return named if named is not None else header


def _prompt(value: object) -> str:
    """One text. Numbers of tokens are refused: among them could be control tokens."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        what = "several" if value and all(isinstance(item, str) for item in value) else "no texts, or none"
        raise RequestError(f"prompt is a list of {what}", hint="send one text; several are several requests")
    raise RequestError(f"prompt is {type_name(value)}", hint="send a text in double quotes")


def _messages(value: object) -> tuple[Message, ...]:
    if not isinstance(value, list):
        raise RequestError(f"messages is {type_name(value)}", hint=CHAT_HINT)
    return tuple(_message(message, f"messages[{place}]") for place, message in enumerate(value))


def _message(value: object, where: str) -> Message:
    if not isinstance(value, dict):
        what = "a text" if isinstance(value, str) else type_name(value)
        raise RequestError(f"{where} is {what}", hint='send {"role": "user", "content": "a question"}')
    for name in value:
        if name not in MESSAGE_FIELDS and value[name] not in (None, []):
            raise RequestError(f"unknown field {name[:60]!r} in {where}", hint="send role and content")
    role = value.get("role")
    if not isinstance(role, str) or role not in ROLES:
        what = repr(role[:60]) if isinstance(role, str) else type_name(role)
        raise RequestError(f"{where}.role is {what}", hint=f"send one of: {', '.join(ROLES)}")
    return Message(ROLES[role], _content(value.get("content"), f"{where}.content"))


def _content(value: object, where: str) -> str:
    """A text, or parts that are texts."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise RequestError(f"{where} is {type_name(value)}", hint="send a text in double quotes")
    texts = []
    for place, part in enumerate(value):
        text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        if not isinstance(text, str):
            raise RequestError(f"{where}[{place}] is no text", hint='send {"type": "text", "text": "a text"}')
        texts.append(text)
    return "".join(texts)
