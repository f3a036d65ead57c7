from __future__ import annotations

from seatrial.serve.http.leaving import Leaving


def test_whoever_listens_hears_it_once() -> None:
    leaving, heard = Leaving(), []
    leaving.listen(lambda: heard.append(1))
    leaving.tell()
    leaving.tell()
    assert (leaving.gone, heard) == (True, [1])


def test_nobody_need_listen() -> None:
    leaving, heard = Leaving(), []
    leaving.listen(lambda: heard.append(1))
    leaving.listen(None)
    leaving.tell()
    assert (leaving.gone, heard) == (True, [])
