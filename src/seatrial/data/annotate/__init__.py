"""Labels from several people and from rules: how far they agree, who is good, what they say together, what is wrong.

Ratings of rows → `Ratings` → agreement, consensus, the accuracy of one rater. Texts and labels → probable label errors.
Texts and rules → weak labels. Nothing here is imported before it is asked for.
"""

from __future__ import annotations

__all__: list[str] = []
