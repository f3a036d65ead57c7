"""Texts to learn from: Python's own help pages, which every Python has, and a little Chinese."""

from __future__ import annotations

from pydoc_data.topics import topics

__all__ = ["CHINESE", "ENGLISH", "HELD_OUT", "MIXED"]

_PAGES = [topics[name] for name in sorted(topics)]
ENGLISH = _PAGES[:12]
HELD_OUT = _PAGES[40:44]
CHINESE = [
    "今天北京的天气很好，我们去公园散步。",
    "北京是中国的首都，天安门在北京的中心。",
    "天气不好的时候，我们在家里看书。",
    "他在公园里看书，天气很好，公园里人很多。",
] * 3
MIXED = [*ENGLISH[:3], *CHINESE, "It's 12,345 °C – naïve café\r\n\n\tНе знаю! 🙂🙂  end "]
