"""What a conversation remembers: its last turns as they were, and what fell out of them in a few words.

    window     which turns still fit
    summary    how a model is asked to say in short what fell out
    store      sessions in SQLite, each of one tenant and one model, until they expire
    sessions   one conversation from request to request

Order of knowledge: a module knows those above it. Refuses to know: protocols, engines.
"""

from __future__ import annotations

__all__: list[str] = []
