"""What the single words of a text say about its sectors, and what its vector does.

Two small linear models. The weights were learnt by `python -m benchmarks.train_sectors`, which
says from what: CORDIS texts and calls ((c) European Union, CC BY 4.0), arXiv abstracts (CC0)
and US patents.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from nlp.arrays import Array
from nlp.background import Background, background
from nlp.documents import Vector
from nlp.packed import packed_lines
from nlp.tagged import TaggedText
from nlp.words import singular

BIAS = "*"  # stands in the file where a word would
UNIT = 100  # the file holds whole hundredths
SHORTEST, LONGEST = 3, 40  # letters of a word that says something


@dataclass(frozen=True, slots=True)
class WordModel:
    """One weight for each word and code; read with `word_model`."""

    codes: tuple[str, ...]
    rows: Mapping[str, int]  # word, small and singular -> its row
    weights: Array  # (words, codes)
    bias: Array  # (codes,)
    background: Background

    def read(self, tagged: TaggedText) -> tuple[list[str], Array]:
        """The words of a text that the model knows, and what each adds for each code.

        Words are given as they first stand in the text; the second value has one row for
        each, shape (words, codes). Its column sums plus `bias` are log odds.
        """
        spelt = list(map(plain, tagged.lower))
        times = {word: count for word, count in Counter(spelt).items() if word in self.rows}
        first = dict(zip(reversed(spelt), reversed(tagged.words), strict=True))
        shares = vector(times, self.background)
        values = np.fromiter(shares.values(), np.float64, len(shares))
        rows = np.fromiter((self.rows[word] for word in shares), np.intp, len(shares))
        return [first[word] for word in times], values[:, None] * self.weights[rows]


@dataclass(frozen=True, slots=True)
class VectorModel:
    """One weight for each number of a vector and code; read with `vector_model`."""

    model: str  # whose vectors it reads, as `model_of` has it
    codes: tuple[str, ...]
    weights: Array  # (numbers, codes)
    bias: Array  # (codes,)

    def reads(self, embedder: str) -> bool:
        """Whether this is about vectors of the *embedder* of this name."""
        return model_of(embedder) == self.model

    def odds(self, vector: Vector) -> Array:
        """What the unit *vector* of a text adds to the log odds of each code."""
        found: Array = vector @ self.weights + self.bias
        return found


def model_of(embedder: str) -> str:
    """The model in the name of an embedder; how much it reads of a text matters little."""
    return embedder.rpartition("-")[0]


def vector(times: Mapping[str, int], background: Background) -> dict[str, float]:
    """Words with their share in a text: `(1 + ln(times)) * rarity`, scaled to length 1."""
    raw = {word: (1 + math.log(count)) * background.rarity(word) for word, count in times.items()}
    length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
    return {word: value / length for word, value in raw.items()}


@lru_cache(maxsize=100_000)
def plain(lower: str) -> str:
    """The form in which a word of a text is looked up; empty when it can say nothing."""
    if not SHORTEST <= len(lower) <= LONGEST or not lower.isalpha() or lower in stop_words():
        return ""
    return singular(lower)


@cache
def stop_words() -> frozenset[str]:
    """Function words of English."""
    from spacy.lang.en.stop_words import STOP_WORDS

    return frozenset(STOP_WORDS)


def word_model() -> WordModel:
    """The packaged model of sectors on words."""
    return parsed(packed_lines("sectors"))


@cache
def vector_model() -> VectorModel:
    """The packaged model of sectors on vectors."""
    (model, *codes), bias, table = _linear(packed_lines("sector_vectors"))
    return VectorModel(model, tuple(codes), np.array(list(table.values())), bias)


def parsed(lines: Iterable[str]) -> WordModel:
    """A model from its lines: codes, bias, then a word and its weights on each."""
    (_, *codes), bias, table = _linear(lines)
    rows = {word: row for row, word in enumerate(table)}
    return WordModel(tuple(codes), rows, np.array(list(table.values())), bias, background())


def _linear(lines: Iterable[str]) -> tuple[list[str], Array, dict[str, Array]]:
    """A linear model from its lines: the heading, the bias, and the weights of each name."""
    heading, *rest = (line.split("\t") for line in lines)
    table = {name: np.array([int(one) for one in values]) / UNIT for name, *values in rest}
    bias = table.pop(BIAS)
    return heading, bias, table
