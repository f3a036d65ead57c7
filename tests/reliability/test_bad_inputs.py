"""Bad inputs through every door: refused at once and in the protocol's words, and nobody else notices.

The named ones have the one status that is right. Those that are spoiled at random need only be refused, or answered
where they turn out to be good. Odd ones that are good get the label that the same text has through every other door.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .bad_inputs import Bad, named_inputs
from .cases import Cases
from .doors import DOORS, HTTP, Door, own_refusal, request
from .figures import Figures, sized
from .judging import MOST_MS, leak, unfit
from .mutations import mutated
from .odd_inputs import ODD_FORMS, ODD_TEXTS, TEXT
from .releases import LABELS, answers_of
from .service import Service, running
from .wire import Answer, Connection

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(sized(600, 1500))]

MUTATED = sized(300, 3000)
LEAST_NAMED = 300
CLIENTS = 16
HEAD_S = BODY_S = 1.0
LOOK_S = 0.5
"""How often the service looks for who is slow."""
LONGEST_SPOILED = 64_000
MOST_OFF = 1e-4
"""Of a probability: the protocols round to 1e-6, and each text is computed alone."""
WAITED_MS = 1e3 * (max(HEAD_S, BODY_S) + LOOK_S)


@pytest.fixture(scope="module")
def service(release: Path) -> Iterator[Service]:
    """A service that gives up soon on slow clients; it must be the same one at the end, and must have failed nobody."""
    with running(release, settings={"head_timeout_s": HEAD_S, "body_timeout_s": BODY_S}) as service:
        assert _good(_address(service), DOORS["REST"])
        pids = service.pids
        yield service
        assert set(pids) <= set(service.pids), "a process was replaced"
        assert service.metric("seatrial_refusals_total", reason="failed") == 0, service.said()


def _address(service: Service) -> tuple[str, int]:
    url = urlsplit(service.url)
    assert url.hostname
    assert url.port
    return url.hostname, url.port


def _good(address: tuple[str, int], door: Door) -> bool:
    """Whether a good request is answered."""
    with Connection(address) as connection:
        return connection.send(request(door)) and _label(connection.answer(), door) is not None


def _label(answer: Answer | None, door: Door) -> tuple[str, float] | None:
    return door.label(json.loads(answer.body)) if answer is not None and answer.status == 200 else None


def _try(address: tuple[str, int], bad: Bad) -> tuple[int, float, str | None]:
    """Send a named input: the answer's status, how long it took, and what is wrong."""
    with Connection(address) as connection:
        connection.send(bad.sent)
        sent = time.monotonic()
        try:
            answer = connection.answer()
        except (AssertionError, OSError) as error:
            return 0, 1e3 * (time.monotonic() - sent), repr(error)
        ms = 1e3 * (time.monotonic() - sent)
        if answer is None:
            return 0, ms, "no answer"
        fault = unfit(answer, bad.door, bad.statuses, own_shape=bad.homeless)
        if fault is None and answer.last:
            expected = bad.broken or answer.status == 413
            fault = None if expected and connection.ends() else "the connection ends"
        elif fault is None:
            going_on = DOORS.get(bad.door.name, DOORS["OpenAI"])
            connection.send(request(going_on))
            fault = None if not bad.broken and _label(connection.answer(), going_on) else "the connection goes wrong"
    if fault is None and not _good(address, DOORS["REST"]):
        fault = "then a good request is not answered"
    return answer.status, ms, fault


def test_named_bad_inputs_are_refused_at_once(service: Service, figures: Figures) -> None:
    address, cases, names = _address(service), Cases(), set()
    for bad in named_inputs():
        assert str(bad) not in names, f"{bad} is there twice"
        names.add(str(bad))
        status, ms, fault = _try(address, bad)
        cases.keep(str(bad), status, ms, fault, slow=status == 408)  # the service waits for a client for a second
    cases.write(figures, "named bad inputs over HTTP")
    assert len(cases.ms) >= LEAST_NAMED
    assert len({name.partition(" × ")[0] for name in names}) >= 75
    assert {400, 404, 405, 406, 413, 415, 422, 431} <= set(cases.ends)
    cases.check()


def _spoil(address: tuple[str, int], name: str, sent: bytes, door: Door) -> tuple[str, int, float, str | None]:
    """Send a spoiled request, which may be good: name, status, ms, what is wrong."""
    with Connection(address) as connection:
        connection.send(sent)
        began = time.monotonic()
        try:
            answer = connection.answer()
        except (AssertionError, OSError) as error:
            return name, 0, 1e3 * (time.monotonic() - began), f"{error!r} for {sent[:300]!r}"
        ms = 1e3 * (time.monotonic() - began)
    if answer is None:
        return name, 0, ms, None if not sent.strip(b"\r\n") else f"no answer to {sent[:300]!r}"
    hurried = answer.status == 503 and b"imeout" in sent and "retry-after" in answer.headers
    if answer.status == 200 or hurried:
        fault = None
    elif not 400 <= answer.status < 500:
        fault = f"{answer.status}"
    else:
        body = json.loads(answer.body)
        shaped = own_refusal(body) or any(other.refusal(body) for other in (door, *HTTP))
        fault = leak(answer.body.decode()) if shaped else "another shape"
    return name, answer.status, ms, f"{fault}: {answer.body[:200]!r} to {sent[:300]!r}" if fault else None


def test_inputs_spoiled_at_random_are_refused_or_answered(service: Service, figures: Figures, seed: int) -> None:
    rng, address, cases = random.Random(seed), _address(service), Cases(MOST_MS + WAITED_MS)
    print(f"seed {seed}")
    named = [(str(bad), bad.sent, bad.door) for bad in named_inputs() if len(bad.sent) <= LONGEST_SPOILED]
    named += [(f"good × {door.name}", request(door), door) for door in HTTP] * (len(named) // len(HTTP) // 4)
    spoiled = []
    for number in range(MUTATED):
        name, sent, door = rng.choice(named)
        how, changed = mutated(sent, rng)
        spoiled.append((f"{number}: {name}, {how}", changed, door))
    with ThreadPoolExecutor(CLIENTS) as pool:
        for ended in pool.map(lambda case: _spoil(address, *case), spoiled):
            cases.keep(*ended)
    cases.write(figures, "bad inputs spoiled at random")
    assert len(cases.ms) == MUTATED > 0
    assert cases.ends[400] > MUTATED / 4, "most of it was bad"
    assert cases.ends[408] > 0, "some of it was cut"
    assert cases.ends[200] > 0, "some of it was good"
    assert all(_good(address, door) for door in HTTP)
    cases.check()


def test_odd_inputs_that_are_good_are_answered_alike(service: Service, release: Path, figures: Figures) -> None:
    address, cases = _address(service), Cases()
    outputs = answers_of(release, [TEXT, *ODD_TEXTS.values()])
    plain, *rights = ((LABELS[row.argmax()], float(row.max())) for row in outputs)
    assert len({round(score, 3) for _, score in rights}) > len(rights) / 2, "an answer says which text was read"

    def ask(name: str, door: Door, pieces: Sequence[bytes], expected: tuple[str, float]) -> None:
        with Connection(address) as connection:
            began = time.monotonic()
            connection.send(pieces)
            answer = connection.answer()
            ms = 1e3 * (time.monotonic() - began)
        given = _label(answer, door)
        right = given is not None and given[0] == expected[0] and abs(given[1] - expected[1]) <= MOST_OFF
        shown = None if right else f"{given} in the place of {expected}: {answer}"
        cases.keep(f"{name} × {door.name}", 0 if answer is None else answer.status, ms, shown)

    for (name, text), right in zip(ODD_TEXTS.items(), rights, strict=True):
        for door in HTTP:
            for ascii_only in (True, False):
                body = door.one(json.dumps(text, ensure_ascii=ascii_only)).encode()
                ask(f"{name}, {'escaped' if ascii_only else 'as it is'}", door, [request(door, body)], right)
    for name, pieces in ODD_FORMS.items():
        for door in HTTP:
            ask(name, door, pieces(door), plain)
    cases.write(figures, "odd inputs over HTTP")
    assert len(cases.ms) > LEAST_NAMED
    assert set(cases.ends) == {200}
    cases.check()


def test_requests_one_behind_the_other_are_answered_in_order(service: Service) -> None:
    """A request in chunks, one in gzip's place, a bad body, a good one: five answers of one connection."""
    address = _address(service)
    for door in HTTP:
        bad = request(door, b"{")
        forms = [ODD_FORMS[name](door) for name in ("chunks of six bytes", "gzip", "headers in capitals")]
        with Connection(address) as connection:
            connection.send(b"".join([*forms[0], bad, *forms[1], bad, *forms[2]]))
            statuses = [getattr(connection.answer(), "status", None) for _ in range(5)]
        assert statuses == [200, 400, 200, 400, 200], door.name
