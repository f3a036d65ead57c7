"""Positions: attention by itself does not know the order of its inputs; each file is one way to tell it.

sinusoidal, learned     a vector per position is added to the embedding of the token
rotary                  queries and keys are turned by an angle that grows with the position
alibi, relative_bias    a number that depends on the distance is added to the score of query and key
"""

from __future__ import annotations

__all__: list[str] = []
