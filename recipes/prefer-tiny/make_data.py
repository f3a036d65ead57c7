"""Write `conversations.jsonl`, `pairs.jsonl` and `questions.jsonl` into `data/` beside this file: what a shop assistant
says, which of two answers is preferred, and what nobody has asked yet.

Customers ask about lamps and tables of all colours. Each question has one true answer and two ways to say it: friendly
or curt, of about the same length. The first file has each question once, answered either way by the toss of a coin.
The second has other questions, each with both answers; the friendly one is preferred. The third has the rest, for
`ask.py`.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

DATA = Path(__file__).parent / "data"
COLOURS = "red green blue black white yellow orange purple brown grey silver golden pink violet".split()
ITEMS = (
    "lamp table chair shelf carpet mirror vase clock basket curtain pillow blanket drawer stool bench candle frame mug "
    "teapot plate bowl spoon ladder bucket"
).split()
FRIENDLY = (
    "{Fact}. Thank you for asking!",
    "Gladly! {Fact}. Enjoy it!",
    "{Fact}. Have a lovely day!",
    "With pleasure: {fact}.",
)
CURT = (
    "{Fact}. Stop asking me that!",
    "Again? {Fact}. Next one!",
    "{Fact}. Now leave me alone!",
    "Read the sign: {fact}.",
)
SHARES = (0.6, 0.3)
"""Of the questions: those that the base learns from, and those that the preferences are about."""


def questions() -> list[tuple[str, str]]:
    """Every question with its true answer."""
    found = []
    for place, item in enumerate(ITEMS):
        row, price = place % 9 + 1, 5 * (place % 7 + 2)
        for colour in COLOURS:
            thing = f"the {colour} {item}"
            found += [
                (f"What does {thing} cost?", f"{thing} costs {price} euros"),
                (f"Where do I find {thing}?", f"{thing} is in row {row}"),
                (f"Can I return {thing}?", f"you can return {thing} for a month"),
                (f"Do you still have {thing}?", f"{thing} is in stock"),
            ]
    return found


def said(ways: tuple[str, ...], fact: str, rng: random.Random) -> str:
    """The answer in one of several ways."""
    return rng.choice(ways).format(fact=fact, Fact=fact[0].upper() + fact[1:])


def main() -> None:
    rng = random.Random(17)
    asked = questions()
    rng.shuffle(asked)
    first, second = (round(share * len(asked)) for share in SHARES)
    conversations = []
    for question, fact in asked[:first]:
        answer = said(rng.choice((FRIENDLY, CURT)), fact, rng)
        turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        conversations.append({"messages": turns})
    pairs = [
        {
            "messages": [{"role": "user", "content": question}],
            "chosen": said(FRIENDLY, fact, rng),
            "rejected": said(CURT, fact, rng),
        }
        for question, fact in asked[first : first + second]
    ]
    DATA.mkdir(exist_ok=True)
    rest = [{"question": question, "fact": fact} for question, fact in asked[first + second :]]
    for name, rows in (("conversations", conversations), ("pairs", pairs), ("questions", rest)):
        (DATA / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
