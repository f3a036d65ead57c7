"""Text from any server that speaks OpenAI's protocol: llama.cpp, vLLM, a hosted model. Streams pieces as they come.

A remote model is asked for text, not for tokens: templates, tokenizers and stop strings are its own. Refuses to know:
what the text is for.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from seatrial.errors import BusyError, DeadlineError, RequestError, SeatrialError, ServiceError
from seatrial.generate.request import SamplingSettings
from seatrial.offline import refuse_offline

__all__ = ["Piece", "RemoteModel"]

MAX_STOPS = 16
MAX_RETRY_S = 3600
FIELDS = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed")
FURTHER_FIELDS = ("top_k", "min_p", "repetition_penalty")
"""Not OpenAI's own; sent only where they change anything, for llama.cpp and vLLM know them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer; the last one says why it ended (`stop`, `length`, …) and may be empty."""

    text: str
    finish_reason: str | None = None


class RemoteModel:
    """A model on a server.

    Args:
        url: up to the version: ``http://localhost:8080/v1``.
        model: the name that the server knows it by.
        api_key: sent as a bearer token, or None.
        timeout_s: longest silence of the server.
        transport, async_transport: instead of the network, for tests.

    Raises:
        RequestError: the address is not one of http or https.
        OfflineError: the network is forbidden and the server is on another machine.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str | None = None,
        timeout_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise RequestError(f"{url!r} is no address: {error}") from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise RequestError(f"{url!r} is no address of a server: expected http://… or https://…")
        if not _on_this_machine(parsed.host):
            refuse_offline(f"an answer of {parsed.host}", where="the remote model", hint="use a model on this machine")
        self._url, self._model, self._timeout_s = url.rstrip("/"), model, timeout_s
        self._headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._transport, self._async_transport = transport, async_transport

    def chat(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        sampling: SamplingSettings | None = None,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[Piece]:
        """The answer to a conversation, piece by piece; leaving the loop early ends the request.

        Args:
            messages: each with `role` and `content`.
            sampling: how tokens are chosen.
            max_tokens: of the answer.
            stop: strings that end it, at most 16.

        Raises:
            RequestError: the server finds the request unusable, with its status.
            BusyError: it has no room; DeadlineError: it took too long.
            ServiceError: it cannot be reached, or what it says is not the protocol.
        """
        body = self._body(sampling, max_tokens, stop) | {"messages": [dict(message) for message in messages]}
        return self._pieces("/chat/completions", body)

    def complete(
        self,
        prompt: str,
        *,
        sampling: SamplingSettings | None = None,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[Piece]:
        """What follows a text, piece by piece; as `chat`."""
        return self._pieces("/completions", self._body(sampling, max_tokens, stop) | {"prompt": prompt})

    async def chat_async(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        sampling: SamplingSettings | None = None,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
    ) -> AsyncIterator[Piece]:
        """As `chat`, for ``async for``."""
        body = self._body(sampling, max_tokens, stop) | {"messages": [dict(message) for message in messages]}
        url = f"{self._url}/chat/completions"
        try:
            async with (
                httpx.AsyncClient(timeout=self._timeout_s, transport=self._async_transport) as client,
                client.stream("POST", url, json=body, headers=self._headers) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise _refusal(response, await response.aread())
                async for line in response.aiter_lines():
                    piece = _piece(line)
                    if piece is not None:
                        yield piece
        except httpx.HTTPError as error:
            raise _unreachable(error, url) from error

    def _body(self, sampling: SamplingSettings | None, max_tokens: int | None, stop: Sequence[str]) -> dict[str, Any]:
        settings = sampling or SamplingSettings()
        if len(stop) > MAX_STOPS or any(not isinstance(text, str) or not text for text in stop):
            raise RequestError(f"stop holds {len(stop)} entries: expected at most {MAX_STOPS} texts, none empty")
        if max_tokens is not None and max_tokens < 1:
            raise RequestError(f"max_tokens is {max_tokens}: expected a whole number from 1")
        plain = SamplingSettings()
        body: dict[str, Any] = {"model": self._model, "stream": True}
        body |= {name: getattr(settings, name) for name in FIELDS if getattr(settings, name) is not None}
        changed = (name for name in FURTHER_FIELDS if getattr(settings, name) != getattr(plain, name))
        body |= {name: getattr(settings, name) for name in changed}
        if settings.logit_bias:
            body["logit_bias"] = {str(token): bias for token, bias in settings.logit_bias.items()}
        if max_tokens is not None:
            body["max_tokens"] = max_tokens
        if stop:
            body["stop"] = list(stop)
        return body

    def _pieces(self, path: str, body: Mapping[str, Any]) -> Iterator[Piece]:
        url = f"{self._url}{path}"
        try:
            with (
                httpx.Client(timeout=self._timeout_s, transport=self._transport) as client,
                client.stream("POST", url, json=body, headers=self._headers) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise _refusal(response, response.read())
                for line in response.iter_lines():
                    piece = _piece(line)
                    if piece is not None:
                        yield piece
        except httpx.HTTPError as error:
            raise _unreachable(error, url) from error


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _piece(line: str) -> Piece | None:
    """A line of the event stream; None for what holds no text: comments, the end, counts of tokens."""
    name, _, data = line.partition(":")
    if name != "data" or data.strip() in ("", "[DONE]"):
        return None
    try:
        event = json.loads(data)
        if "error" in event:
            raise ServiceError(f"the remote model failed: {str(event['error'])[:300]}")
        if not event["choices"]:
            return None
        choice = event["choices"][0]
        text = choice["delta"].get("content") if "delta" in choice else choice["text"]
        return Piece(text or "", choice.get("finish_reason"))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ServiceError(
            f"the remote model said {data.strip()[:100]!r}", expected="events of OpenAI's protocol"
        ) from error


def _refusal(response: httpx.Response, body: bytes) -> SeatrialError:
    status, said = response.status_code, body.decode("utf-8", "replace")[:300]
    message = f"the remote model answered with status {status}: {said}"
    after = response.headers.get("retry-after", "")
    retry_after_s = min(MAX_RETRY_S, max(1, int(after))) if after.isascii() and after.isdigit() else 1
    if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
        return BusyError(message, retry_after_s=retry_after_s)
    if status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.GATEWAY_TIMEOUT):
        return DeadlineError(message, retry_after_s=retry_after_s)
    if httpx.codes.is_client_error(status):
        return RequestError(message, status=status)
    return ServiceError(message)


def _unreachable(error: httpx.HTTPError, url: str) -> SeatrialError:
    if isinstance(error, httpx.TimeoutException):
        return DeadlineError(f"the remote model at {url} was silent for too long")
    return ServiceError(
        f"the remote model at {url} cannot be reached: {error}", hint="check that the server runs and the address"
    )
