"""The labelling page: several people answer items in a browser, and every answer is on disk before the next one shows.

`session` says what each person sees and takes their acts, `scoring` asks a model in the background what it is unsure
of, `app` is the transport, `fill` and `export` bring items in and answers out. Refuses to know: releases and engines; a
model is a function from texts to probabilities.
"""

from __future__ import annotations

__all__: list[str] = []
