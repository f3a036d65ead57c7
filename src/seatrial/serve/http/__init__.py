"""HTTP: bytes → requests for the handlers, answers → bytes.

    wire/ ─▶ front ─▶ app ─▶ door ─▶ protocols/ | pages/ | operations | admin | sessions

`wire/` bounds connections and reads requests strictly, `front` numbers them and finds the route, `door` says who may
use it and what becomes of an error, and the routes answer: `protocols/` for programs (`predict` is the hot path),
`pages/` for people, `sessions` for what conversations remember, `operations` and `admin` for those who run the service.
`app` puts it together from tables of `routes`. What the routes share: `limits` guards what comes in, `fields` reads it,
`answers` and `streaming` write what goes out, `errors` spells refusals, and `schema` has the shapes of our own
protocol.
"""

from __future__ import annotations

__all__: list[str] = []
