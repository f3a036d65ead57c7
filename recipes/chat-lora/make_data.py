"""Write `data.jsonl` beside this file: conversations in which a comment is answered with a JSON object.

The comments and the people's ratings are those of `examples/comments` (Hutto & Gilbert 2014, the source package of
vaderSentiment, MIT licence). What the assistant says is written by rules:

    sentiment   positive or negative, as at least 70 % of the about 20 raters said and their mean says clearly; a mean
                near zero is no third kind of sentiment, so such comments are left out, here and in every figure
    topic       where the comment comes from: film, product, news or message (tweets)
    reply       one sentence for each pair of these
"""

from __future__ import annotations

import html
import json
import random
from ast import literal_eval
from pathlib import Path

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.read import read_rows
from seatrial.spec.load import load_spec

HERE = Path(__file__).parent
COMMENTS = HERE.parents[1] / "examples" / "comments"
PER_KIND = 58
"""Conversations of each topic and sentiment."""
LONGEST = 140
"""Characters of a comment."""
AGREED, CLEAR = 0.7, 1.0
SYSTEM = "Sort the comment. Answer in JSON: sentiment, topic, reply."
TOPICS = {"film": "film", "amazon": "product", "nyt": "news", "tweets": "message"}
REPLIES = {
    ("positive", "film"): "Thank you! We are glad you liked the film.",
    ("negative", "film"): "Thank you. We are sorry the film let you down.",
    ("positive", "product"): "Thank you! We are glad it works for you.",
    ("negative", "product"): "We are sorry. Please tell us your order number.",
    ("positive", "news"): "Thank you for reading and for the kind words.",
    ("negative", "news"): "Thank you. The editors will read your criticism.",
    ("positive", "message"): "Great to hear from you!",
    ("negative", "message"): "Sorry to hear that. How can we help?",
}


def sentiment(row: dict[str, object]) -> str | None:
    """What the raters of a comment agree on; None where they do not, or where it is neither."""
    ratings = row["ratings"]
    votes = literal_eval(ratings) if isinstance(ratings, str) else ratings
    assert isinstance(votes, list)
    mean = sum(votes) / len(votes)
    for name, sign in (("positive", 1), ("negative", -1)):
        if sign * mean >= CLEAR and sum(sign * vote > 0 for vote in votes) >= AGREED * len(votes):
            return name
    return None


def main() -> None:
    data = load_spec(COMMENTS / "seatrial.yaml").data
    kinds: dict[tuple[str, str], list[str]] = {kind: [] for kind in REPLIES}
    seen = set()
    for place, source in enumerate(data.sources):
        rows = read_rows(source, root=COMMENTS, max_row_bytes=1_000_000, where=f"data.sources.{place}")
        for row in rows:
            found = None if isinstance(row, BadRow) else sentiment(dict(row.values))
            if found is None or isinstance(row, BadRow):
                continue
            text = " ".join(html.unescape(str(row.values["text"])).split())
            if text and len(text) <= LONGEST and text.casefold() not in seen:
                seen.add(text.casefold())
                kinds[found, TOPICS[str(row.values["domain"])]].append(text)
    rng = random.Random(17)
    lines = []
    for (mood, topic), texts in kinds.items():
        for text in rng.sample(texts, min(PER_KIND, len(texts))):
            answer = json.dumps({"sentiment": mood, "topic": topic, "reply": REPLIES[mood, topic]})
            said = (("system", SYSTEM), ("user", text), ("assistant", answer))
            messages = [{"role": role, "content": content} for role, content in said]
            lines.append(json.dumps({"messages": messages, "sentiment": mood, "topic": topic}, ensure_ascii=False))
    rng.shuffle(lines)
    (HERE / "data.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
