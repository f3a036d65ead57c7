"""Who may do what: every route and every gRPC method names an `Access`, and one gatekeeper decides.

Refuses to know: how a transport carries a key, beyond the two headers that clients use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from seatrial.errors import RequestError
from seatrial.serve.keys import KeyStore, Scope
from seatrial.serve.quota import Quota

__all__ = ["ANONYMOUS", "Access", "Caller", "Gatekeeper", "Scope"]

HOW_TO_SEND = "send a key of this service in the header 'Authorization: Bearer KEY' or 'X-API-Key: KEY'"


class Access(StrEnum):
    """Who a route or a method is for: everybody, or callers with the scope of the same name."""

    PUBLIC = "public"
    PREDICT = "predict"
    ADMIN = "admin"
    METRICS = "metrics"


NEEDED = {Access.PREDICT: Scope.PREDICT, Access.ADMIN: Scope.ADMIN, Access.METRICS: Scope.METRICS}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from. `tenant` is the id of the key, or "anonymous", and never secret."""

    tenant: str
    scopes: frozenset[Scope]


ANONYMOUS = Caller("anonymous", frozenset({Scope.PREDICT, Scope.METRICS}))
"""Everybody, where there are no keys. Administration needs one always: whatever runs on the machine, a web page in a
browser included, could reach it otherwise."""


class Gatekeeper:
    """Decides about each request before anything is done for it.

    Args:
        keys: the keys of the service; None lets everybody in as `ANONYMOUS`.
        quota: what a tenant may ask for; None keeps only to the rates that keys have of their own.
    """

    def __init__(self, keys: KeyStore | None, quota: Quota | None) -> None:
        self._keys = keys
        self._quota = quota if quota is not None else Quota(None)

    @property
    def has_keys(self) -> bool:
        """Whether callers need a key. Without, a transport need not read the headers that would hold one."""
        return self._keys is not None

    def admit(self, access: Access, presented: str | None) -> Caller:
        """Let a request in, or refuse it. Only PREDICT is counted: a client over its limit can still watch.

        Takes some microseconds, except about once a second, when the file of keys is looked at.

        Args:
            access: what the route or method demands.
            presented: the key as the client sent it, None if it sent none.

        Returns:
            Who it is; `ANONYMOUS` without a look at `presented` where the access is public or there are no keys.

        Raises:
            RequestError: 401, no key or none that is valid, in the same words whether it is unknown, wrong, expired or
                revoked; 403, the key lacks the scope.
            QuotaError: the tenant is over its limit.
        """
        if access is Access.PUBLIC:
            return ANONYMOUS
        caller, rate = ANONYMOUS, None
        if self._keys is not None:
            if presented is None:
                raise RequestError("this needs a key", status=401, hint=HOW_TO_SEND)
            key = self._keys.find(presented)
            if key is None:
                raise RequestError("this key is not valid", status=401, hint="ask who runs this service for a key")
            caller, rate = Caller(key.id, frozenset(key.scopes)), key.requests_per_minute
        scope = NEEDED[access]
        if scope not in caller.scopes:
            raise self._forbidden(scope)
        if access is Access.PREDICT:
            self._quota.take(caller.tenant, per_minute=rate)
        return caller

    @staticmethod
    def presented(authorization: Sequence[str], api_key: Sequence[str]) -> str | None:
        """The key in a request's headers, or in the metadata of a gRPC call.

        Args:
            authorization: the values of `Authorization`, of which there is one at most; a bare "Bearer", as clients
                without a key send it, is no key.
            api_key: the values of `X-API-Key`, the same.

        Raises:
            RequestError: 401, the header has another form or is there twice (a proxy in front may look at the other
                one), or there are two different keys. A proxy that asks for a password passes on such a header, so ask
                only for routes that are not public, and with `has_keys`.
        """
        if len(authorization) > 1 or len(api_key) > 1:
            raise RequestError("the header with the key is there twice", status=401, hint="send one key, once")
        bearer = None
        if words := "".join(authorization).split():
            if words[0].lower() != "bearer" or len(words) > 2:
                raise RequestError("the Authorization header has another form", status=401, hint=HOW_TO_SEND)
            bearer = words[1] if len(words) == 2 else None
        other = "".join(api_key).strip() or None
        if bearer and other and bearer != other:
            raise RequestError("the two headers hold different keys", status=401, hint="send one key")
        return bearer or other

    def _forbidden(self, scope: Scope) -> RequestError:
        if self._keys is None:
            return RequestError(
                "this needs a key, and the service has none", status=403, hint="start it with a file of keys"
            )
        return RequestError(
            f"this key lacks the scope {scope.value!r}",
            status=403,
            hint="ask who runs this service for one that has it",
        )
