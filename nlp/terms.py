"""Keyphrases: candidates ranked by what several plain measures agree on.

Rank fusion after Cormack, Clarke and Buettcher (2009): a candidate's score is the sum of
`weight / (60 + rank)` over the measures. Nothing is learnt; the weights are few and were
chosen on development texts (`benchmarks/extraction.py`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.background import Background
from nlp.candidates import Candidate

MOST_TERMS = 30
SMOOTHING = 60.0
COMMON, COMMON_REPEATED = 0.5, 0.4  # rarity below which a single word is no term
WEIGHTS: Mapping[str, float] = {
    "c_value": 0.5,
    "specificity": 0.15,
    "position": 0.3,
    "closeness": 1.0,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A keyphrase as it stands in the text, with its first place and all others."""

    text: str
    score: float  # 1 for a phrase that every measure puts first
    key: str
    places: tuple[tuple[int, int], ...]


Closeness = Callable[[Sequence[str]], Sequence[float]]
"""How close each phrase is to its text, for example the cosine of their vectors."""


def rank(
    found: Sequence[Candidate],
    background: Background,
    *,
    closeness: Closeness | None = None,
    weights: Mapping[str, float] = WEIGHTS,
    most: int = MOST_TERMS,
) -> list[Term]:
    """At most *most* terms, best first; equal scores stand in order of their first place."""
    found = [one for one in found if is_telling(one, background)]
    if not found:
        return []
    measures = {
        "c_value": c_values(found),
        "specificity": [specificity(one, background) for one in found],
        "position": [-float(one.places[0][0]) for one in found],
    }
    if closeness is not None:
        measures["closeness"] = list(closeness([one.text for one in found]))
    total = np.zeros(len(found))
    best = 0.0
    for name, values in measures.items():
        total += weights[name] / (SMOOTHING + ranks(values))
        best += weights[name] / (SMOOTHING + 1)
    order = np.lexsort((np.array([one.places[0][0] for one in found]), -total))[:most]
    return [
        Term(found[i].text, round(float(total[i] / best), 4), found[i].key, found[i].places)
        for i in order
    ]


def is_telling(one: Candidate, background: Background) -> bool:
    """Whether a candidate is rarer than everyday words; one that comes back may be commoner."""
    if len(one.words) > 1:
        return True
    return background.rarity(one.words[0]) >= (COMMON if len(one.places) == 1 else COMMON_REPEATED)


def ranks(values: Sequence[float]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Rank of each value, 1 for the largest; equal values share the mean of their ranks."""
    array = np.asarray(values, dtype=np.float64)
    ordered = np.sort(array)
    smaller = np.searchsorted(ordered, array, "left")
    not_larger = np.searchsorted(ordered, array, "right")
    return len(array) + 0.5 - (smaller + not_larger) / 2.0


def c_values(found: Sequence[Candidate]) -> list[float]:
    """C-value (Frantzi, Ananiadou and Mima 2000) with log2(words + 1), so single words count.

    A phrase nested in longer ones loses the mean frequency of those.
    """
    nests: dict[str, list[int]] = {}
    known = {one.key for one in found}
    frequency = {one.key: len(one.places) for one in found}
    for one in found:
        size = len(one.words)
        for width in range(1, size):
            for start in range(size - width + 1):
                part = " ".join(one.words[start : start + width])
                if part in known:
                    nests.setdefault(part, []).append(frequency[one.key])
    values = []
    for one in found:
        count = float(frequency[one.key])
        if longer := nests.get(one.key):
            # In-text frequency counts free places only, so the nested ones are added first.
            count = (count + sum(longer)) - sum(longer) / len(longer)
        values.append(math.log2(len(one.words) + 1) * count)
    return values


def specificity(one: Candidate, background: Background) -> float:
    """How rare the phrase's words, and its pairs of words, are in the background."""
    rarest = [background.rarity(word) for word in one.words]
    return sum(rarest) / len(rarest)
