"""Models in service that answer with texts, a piece at a time.

    ask        what is asked, as every protocol understands it
    words      texts ⇄ token ids of one model; control tokens come from its template only
    pieces     what comes back: texts, what was counted, when
    decoding   what is needed of a decoding engine
    rehearsal  what is written for given prompts, for golden answers
    room       who is let in: answers and tokens that run and wait
    model      one version of one model: words, engine and room
    load       a release → such a model

Order of knowledge: a module knows those above it. Refuses to know: protocols, sessions, other models.
"""

from __future__ import annotations

__all__: list[str] = []
