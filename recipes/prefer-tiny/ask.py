"""Ask the base and the model that has learned preferences what nobody has asked before, and count what they answer.

Both always take the most probable token, through transformers. Friendly is an answer in one of the preferred ways,
word for word; right is one that holds the true fact. Run both projects first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from make_data import DATA, FRIENDLY
from transformers import AutoModelForCausalLM, AutoTokenizer

RELEASES = {"base": DATA.parent / "base" / "release", "after": DATA.parent / "release"}
LONGEST = 40


def answers(release: Path, questions: list[str]) -> list[str]:
    """What the model in a release answers to each question."""
    tokenizer = AutoTokenizer.from_pretrained(release, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(release)
    asked = [[{"role": "user", "content": question}] for question in questions]
    read = tokenizer.apply_chat_template(
        asked, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
    )
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    settings = {"do_sample": False, "max_new_tokens": LONGEST, "eos_token_id": end, "pad_token_id": end}
    written = model.generate(input_ids=read["input_ids"], attention_mask=read["attention_mask"], **settings)
    return tokenizer.batch_decode(written[:, read["input_ids"].shape[1] :], skip_special_tokens=True)


def main() -> None:
    rows = [json.loads(line) for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    for name, release in RELEASES.items():
        said = answers(release, [row["question"] for row in rows])
        facts = [row["fact"] for row in rows]
        ways = [{way.format(fact=fact, Fact=fact[0].upper() + fact[1:]) for way in FRIENDLY} for fact in facts]
        figures = {
            "model": name,
            "questions": len(rows),
            "friendly": sum(answer in its for answer, its in zip(said, ways, strict=True)),
            "right": sum(fact.lower() in answer.lower() for answer, fact in zip(said, facts, strict=True)),
        }
        sys.stdout.write(json.dumps(figures) + "\n")
        for row, answer in list(zip(rows, said, strict=True))[:3]:
            sys.stdout.write(f"    {row['question']}  {answer}\n")


if __name__ == "__main__":
    main()
