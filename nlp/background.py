"""How common a word is where nothing in particular is talked about.

The counts are of texts (research abstracts, project objectives, patents and general English),
made by `benchmarks/build_background.py`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from nlp.packed import packed_lines


@dataclass(frozen=True, slots=True)
class Background:
    """Document frequencies of words and of pairs of neighbouring words ("a b")."""

    texts: int
    counts: Mapping[str, int]

    def rarity(self, word: str) -> float:
        """Inverse document frequency as a share of its largest value: 0 common, 1 unseen."""
        return self.rarity_of(self.counts.get(word, 0))

    def rarity_of(self, texts: int) -> float:
        """The same for what stands in so many *texts*."""
        return _rarity(texts, self.texts)


@lru_cache(maxsize=100_000)
def _rarity(texts: int, of: int) -> float:
    return 1.0 - math.log1p(texts) / math.log1p(of)


@cache
def background() -> Background:
    """The packaged counts."""
    first, *lines = packed_lines("background")
    pairs = (line.split("\t") for line in lines)
    return Background(int(first), {word: int(count) for word, count in pairs})
