"""The opponent of the near-duplicate search, run in its own environment: datasketch's MinHash and MinHashLSH.

    python data_datasketch.py < texts.json > found.json

Same definition of shingles, same number of hashes, bands and rows as Seatrial, same verification by true similarity.
Settings as its documentation recommends for speed: a fast hash (xxHash) made once per shingle, MinHashes made by its
generator, no check for keys that are there already. Refuses to know: Seatrial, which is not installed here.
"""

from __future__ import annotations

import json
import re
import sys
import time
import unicodedata

from datasketch import MinHash, MinHashLSH
from xxhash import xxh32_intdigest

THRESHOLD, HASHES, BANDS, ROWS = 0.8, 64, 16, 4
WORD = re.compile(r"\w+")


def shingled(text: str) -> set[int]:
    """Hashes of the word 3-grams; English texts need no other kind."""
    words = WORD.findall(" ".join(unicodedata.normalize("NFKC", text).casefold().split()))
    return {xxh32_intdigest(" ".join(words[i : i + 3]).encode()) for i in range(max(1, len(words) - 2))}


def clusters(texts: list[str]) -> list[list[int]]:
    """Near copies, joined through others."""
    sets = [shingled(text) for text in texts]
    index = MinHashLSH(num_perm=HASHES, params=(BANDS, ROWS))
    parents = list(range(len(texts)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    for place, made in enumerate(MinHash.generator(sets, num_perm=HASHES, hashfunc=int)):
        mine = sets[place]
        for other in index.query(made):
            left, right = root(other), root(place)
            if left == right:
                continue
            shared = len(mine & sets[other])
            if shared >= THRESHOLD * (len(mine) + len(sets[other]) - shared):
                parents[max(left, right)] = min(left, right)
        index.insert(place, made, check_duplication=False)
    found: dict[int, list[int]] = {}
    for place in range(len(texts)):
        found.setdefault(root(place), []).append(place)
    return [members for members in found.values() if len(members) > 1]


if __name__ == "__main__":
    given = json.load(sys.stdin)
    started = time.process_time()
    answer = clusters(given)
    json.dump({"seconds": time.process_time() - started, "clusters": answer}, sys.stdout)
