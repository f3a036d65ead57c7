"""What a release says about itself: a trial → the model card (`README.md`), and the words for its figures.

`figures` and `findings` say numbers and name what stands out; the report page uses the same ones, so that card and page
never disagree.
"""

from __future__ import annotations

from seatrial.govern.card import model_card

__all__ = ["model_card"]
