"""Sectors, and technologies and sectors, that meet in a theme more often than chance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from nlp.arrays import Array, Integers
from nlp.documents import SectorPair
from nlp.growth import benjamini_hochberg
from nlp.sectorcorpus import DocumentSectors, Pair, SectorCorpus, pairs_of

Q = 0.05
MIN_EXPECTED = 1.0
MIN_TOGETHER = 3
Z90 = 1.645


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two labels in one theme, seen from the one whose documents are drawn."""

    pair: Pair
    together: int  # theme documents that carry both
    drawn: int  # theme documents that carry the one
    marked: int  # corpus documents that carry the other


def significant_pairs(
    documents: Sequence[DocumentSectors], corpus: SectorCorpus
) -> tuple[tuple[SectorPair, ...], tuple[SectorPair, ...]]:
    """Pairs of sectors, and of a technology with a sector, strongest lower bound first.

    The theme's documents that carry the one are a draw from the corpus; how many of them
    carry the other is hypergeometric under chance. For two sectors both directions are
    asked and the weaker answer counts: a sector that rides along everywhere joins nothing.
    Kept: expected 1 or more, together in 3 or more documents, q (Benjamini-Hochberg,
    each family for itself) at most 0.05.
    """
    codes = {code: int(count) for code, count in zip(corpus.sectors, corpus.carrying, strict=True)}
    single: Counter[str] = Counter()
    together: Counter[Pair] = Counter()
    for document in documents:
        labels = [code for code in document.labels if code in codes]
        single.update(labels)
        single.update(document.technologies)
        together.update(pairs_of(labels, document.technologies))
    meetings: list[Meeting] = []
    for (first, second), count in sorted(together.items()):
        meetings.append(Meeting((first, second), count, single[first], codes[second]))
        if first in codes:
            meetings.append(Meeting((first, second), count, single[second], codes[first]))
    sectors = [meeting for meeting in meetings if meeting.pair[0] in codes]
    technologies = [meeting for meeting in meetings if meeting.pair[0] not in codes]
    return _significant(sectors, corpus), _significant(technologies, corpus)


def _significant(meetings: Sequence[Meeting], corpus: SectorCorpus) -> tuple[SectorPair, ...]:
    """The pairs among *meetings* that pass, each by the direction with the larger p."""
    if not meetings:
        return ()
    seen = np.array([meeting.together for meeting in meetings], dtype=np.int64)
    drawn = np.array([meeting.drawn for meeting in meetings], dtype=np.int64)
    marked = np.array([meeting.marked for meeting in meetings], dtype=np.int64)
    p = upper_tail(seen, corpus.documents, marked, drawn)
    expected = drawn * marked / corpus.documents
    weakest: dict[Pair, int] = {}
    enough: set[Pair] = set()
    for number, meeting in enumerate(meetings):
        if expected[number] >= MIN_EXPECTED:
            enough.add(meeting.pair)
        if meeting.pair not in weakest or p[number] > p[weakest[meeting.pair]]:
            weakest[meeting.pair] = number
    tested = [number for pair, number in weakest.items() if pair in enough]
    if not tested:
        return ()
    q = benjamini_hochberg(p[tested])
    kept = [
        _pair(meetings[number], float(expected[number]), float(one), corpus)
        for number, one in zip(tested, q, strict=True)
        if one <= Q and meetings[number].together >= MIN_TOGETHER
    ]
    return tuple(sorted(kept, key=lambda pair: (-pair.low, pair.first, pair.second)))


def _pair(meeting: Meeting, expected: float, q: float, corpus: SectorCorpus) -> SectorPair:
    """Lift with `se² = 1/n_ij - 1/n_i + 1/n_j - 1/n` (n_i drawn, n_j marked, n documents)."""
    lift = meeting.together / expected
    variance = 1 / meeting.together - 1 / meeting.drawn
    variance += 1 / meeting.marked - 1 / corpus.documents
    low = lift * float(np.exp(-Z90 * np.sqrt(max(variance, 0.0))))
    since: date | None = corpus.first_together.get(meeting.pair)
    return SectorPair(
        first=meeting.pair[0],
        second=meeting.pair[1],
        documents=meeting.together,
        lift=round(lift, 3),
        low=round(low, 3),
        q=float(f"{q:.3g}"),
        since=since.isoformat() if since else "",
    )


def upper_tail(seen: Integers, population: int, marked: Integers, drawn: Integers) -> Array:
    """P(X >= seen), X hypergeometric, element by element; shapes (pairs,).

    Summed on a grid of logarithms: scipy's own survival function takes a hundred times
    as long, and a week asks some hundred thousand times.
    """
    from scipy.special import gammaln

    def choose(n: Array, k: Array) -> Array:
        inside = (k >= 0) & (k <= n)
        safe = np.where(inside, k, 0)
        found: Array = gammaln(n + 1) - gammaln(safe + 1) - gammaln(n - safe + 1)
        return np.where(inside, found, -np.inf)

    every = np.full((len(seen), 1), float(population))
    good, draws = marked[:, None].astype(np.float64), drawn[:, None].astype(np.float64)
    # Beyond twice the expected and forty more, terms no longer count.
    reach = np.minimum(np.minimum(marked, drawn), seen + 40 + drawn * marked // population)
    k = seen[:, None] + np.arange(max(1, int((reach - seen).max()) + 1), dtype=np.float64)
    log = choose(good, k) + choose(every - good, draws - k) - choose(every, draws)
    inside = k <= reach[:, None]
    total: Array = np.where(inside, np.exp(log), 0).sum(axis=1)
    return np.minimum(total, 1.0)
