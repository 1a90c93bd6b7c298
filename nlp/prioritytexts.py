"""The words and codes of priorities, and how much each of them says."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from config.models import Priority
from nlp.arrays import Array
from nlp.words import singular

# Of the parts of the code score, when both sides have codes of that scheme.
SCHEMES = {"ecosystem": 0.45, "technology": 0.35, "nace": 0.20}
K1 = 1.2  # BM25: how fast a repeated word stops counting
HALF = 12.0  # BM25 sum that makes half a full score

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.;])\s+")
_EMPTY_WORDS = """
    a an and as at by for from in into is its new of on or other own such that the their to
    use used uses using with within
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())

Codes = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Idf:
    """Rarity among the priorities: of words, and of codes as (scheme, code)."""

    words: Mapping[str, float]
    codes: Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class PriorityTexts:
    """A priority as text: as a whole, in phrases, and as counted words."""

    whole: str
    phrases: tuple[str, ...]  # title, fields within it, keywords; each once
    sentences: tuple[str, ...]
    counts: Mapping[str, int]

    @classmethod
    def of(cls, priority: Priority) -> "PriorityTexts":
        """The English wording; the description is our own, as the configuration says."""
        phrases = tuple(dict.fromkeys((priority.title_en, *priority.sub_areas, *priority.keywords)))
        return cls(
            whole=f"{priority.title_en}. {priority.description} {', '.join(phrases[1:])}",
            phrases=phrases,
            sentences=tuple(_SENTENCE.split(priority.description)),
            counts=Counter(stem for phrase in phrases for stem in _stems(phrase)),
        )

    def sentence(self, used: frozenset[str], idf: Mapping[str, float], nearest: str) -> str:
        """The sentence of the description that shares most with *used*, else *nearest*."""
        shared = [
            sum(idf.get(stem, 0.0) for stem in stems(sentence) & used)
            for sentence in self.sentences
        ]
        best = max(range(len(shared)), key=shared.__getitem__)
        return self.sentences[best] if shared[best] > 0 else nearest


def stems(text: str) -> frozenset[str]:
    """The words of *text* that carry meaning, small and in the singular."""
    return frozenset(_stems(text))


def _stems(text: str) -> list[str]:
    found = [singular(word) for word in _WORD.findall(text.lower())]
    return [word for word in found if word not in _EMPTY and len(word) > 1]


def idf_of(priorities: Iterable[Priority]) -> Idf:
    """`ln(1 + P/n)`, n of P priorities with the word or code."""
    listed = list(priorities)
    words = Counter(stem for one in listed for stem in PriorityTexts.of(one).counts)
    codes = Counter(
        (scheme, code)
        for one in listed
        for scheme, found in codes_of(one).items()
        for code in found
    )
    return Idf(
        words={word: math.log(1 + len(listed) / count) for word, count in words.items()},
        codes={code: math.log(1 + len(listed) / count) for code, count in codes.items()},
    )


def codes_of(priority: Priority) -> Codes:
    """The priority's codes by scheme, each with weight 1."""
    return {
        "ecosystem": dict.fromkeys(priority.ecosystems, 1.0),
        "technology": dict.fromkeys(priority.technologies, 1.0),
        "nace": dict.fromkeys(priority.nace, 1.0),
    }


def code_overlap(
    themes: Sequence[Codes], priorities: Sequence[Codes], idf: Mapping[tuple[str, str], float]
) -> Array:
    """Weighted Jaccard likeness averaged over the schemes, shape (themes, priorities).

    `Σ idf·min(w, v) / Σ idf·max(w, v)`; weights `w` of themes are at most 1, and `v` of
    priorities 0 or 1, so that `min(w, v) = w·v` and `max(w, v) = w + v - w·v`. Codes that
    no priority has are left out: they cannot tell priorities apart. 0 where no scheme has
    codes on both sides.
    """
    total, weight = np.zeros((2, len(themes), len(priorities)))
    for scheme, share in SCHEMES.items():
        codes = sorted(code for known, code in idf if known == scheme)
        rarity = np.array([idf[scheme, code] for code in codes])
        ours = table([theme.get(scheme, {}) for theme in themes], codes) * rarity
        theirs = table([priority.get(scheme, {}) for priority in priorities], codes)
        least = ours @ theirs.T
        most = ours.sum(1)[:, None] + (theirs @ rarity)[None, :] - least
        told = np.outer(ours.any(1), theirs.any(1))
        total += share * np.divide(least, most, out=np.zeros_like(most), where=told)
        weight += share * told
    return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)


def word_fit(
    themes: Sequence[frozenset[str]], priorities: Sequence[PriorityTexts], idf: Mapping[str, float]
) -> Array:
    """BM25 of the themes' words in the priorities' phrases, as 0 to 1 (`s/(s+12)`).

    Shape (themes, priorities). Not as a percentile: most pairs share no word at all, and
    the percentile of a zero says nothing.
    """
    words = sorted(idf)
    counts = table([one.counts for one in priorities], words)
    weights = np.array([idf[word] for word in words]) * counts * (K1 + 1) / (counts + K1)
    score = table([dict.fromkeys(used, 1.0) for used in themes], words) @ weights.T
    return np.asarray(score / (score + HALF))


def table(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> Array:
    """The values of *rows* under *names*, 0 where a row has none; shape (rows, names)."""
    place = {name: number for number, name in enumerate(names)}
    found = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        for name in row.keys() & place.keys():
            found[number, place[name]] = row[name]
    return found
