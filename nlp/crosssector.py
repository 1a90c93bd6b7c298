"""Does a theme join sectors that usually stay apart?

Diversity after Leinster & Cobbold 2012 and Zhang, Rousseau & Glänzel 2016,
`²D_S = 1/Σ p_i p_j s_ij = 1/(1-Δ)` with Rao-Stirling's Δ (Stirling 2007); gates and score
in docs/method.md, section 7. A theme that is half health papers and half textile papers is
multi-sector; it is cross-sector only when documents themselves join the two.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from nlp.arrays import Array
from nlp.documents import CrossSector, Gate, SectorPair
from nlp.sectorcorpus import DocumentSectors, SectorCorpus, pairs_of
from nlp.sectorpairs import significant_pairs

MIN_DOCUMENTS = 10
MIN_SECOND_DOCUMENTS = 3
MIN_SECOND_SHARE = 0.15
MIN_DIVERSITY_LOW = 1.5
DRAWS = 500
LOW = 0.05  # quantile that bounds a 90 % interval from below
RECENT = timedelta(days=182)
NEW = timedelta(days=730)  # a pair this young is new


def cross_sector(
    theme_documents: Sequence[DocumentSectors], corpus: SectorCorpus, *, seed: int
) -> CrossSector:
    """Whether the theme with *theme_documents* is cross-sector, with score 0 to 100.

    Give the theme's independent documents of the window, in any order; those without a
    sector are left out, and so are those not available by `corpus.until`. Below ten
    documents there is no number: score 0, diversity None and a note. `pairs` holds pairs
    of sectors first, then technology x sector pairs. Same input and seed, same result.
    """
    documents = sorted(
        (
            document
            for document in theme_documents
            if document.available <= corpus.until
            and any(document.weights.get(code, 0) > 0 for code in corpus.sectors)
        ),
        key=lambda document: document.id,
    )
    if not documents:
        return CrossSector(note="no document carries a sector")
    shares = _shares(documents, corpus.sectors)
    mean = shares.mean(axis=0)
    sectors = _largest_first(mean, corpus.sectors)
    if len(documents) < MIN_DOCUMENTS:
        note = f"too few documents ({len(documents)} of {MIN_DOCUMENTS})"
        return CrossSector(sectors=sectors, gates={"documents": "failed"}, note=note)
    distance = 1 - corpus.similarity_beyond(documents)
    rng = np.random.default_rng(seed)
    draws = 1 / (1 - _bootstrap(shares, distance, rng))
    low = float(np.quantile(draws, LOW))
    pairs, technologies = significant_pairs(documents, corpus)
    joined = integration(documents, pairs, corpus)
    gates = _gates(documents, mean, low, pairs, corpus.sectors)
    score = 100 * (
        0.40 * float(np.clip((low - 1) / 3, 0, 1))
        + 0.30 * joined
        + 0.20 * _novelty(documents, pairs, distance, corpus)
        + 0.10 * _trend(documents, shares, distance, corpus.until, rng)
    )
    return CrossSector(
        flagged=all(gate == "passed" for gate in gates.values()),
        score=round(score, 1),
        sectors=sectors,
        diversity=round(float(1 / (1 - rao_stirling(shares, distance))), 3),
        diversity_low=round(low, 3),
        integration=round(joined, 4),
        pairs=(*pairs, *technologies),
        gates=gates,
    )


def rao_stirling(shares: Array, distance: Array) -> float:
    """Unbiased Δ from *shares* (documents, sectors; rows sum to 1), at most 0.99.

    The mean distance between two different documents. For documents with one sector each
    this is `n/(n-1)·Σ p_i p_j d_ij`; a document's distance to itself, which the
    plug-in counts, is left out for documents with several sectors too.
    """
    n = len(shares)
    mean = shares.mean(axis=0)
    own = np.einsum("ni,ij,nj->n", shares, distance, shares)
    delta = (n * n * float(mean @ distance @ mean) - float(own.sum())) / (n * (n - 1))
    return min(max(delta, 0.0), 0.99)


def _bootstrap(shares: Array, distance: Array, rng: np.random.Generator) -> Array:
    """Δ of 500 resamples of the documents, centred at the unbiased Δ; shape (500,)."""
    n = len(shares)
    times = rng.multinomial(n, np.full(n, 1 / n), size=DRAWS)
    mean = times @ shares / n
    own = np.einsum("ni,ij,nj->n", shares, distance, shares)
    plug_in = np.einsum("di,ij,dj->d", mean, distance, mean)
    delta = (n * n * plug_in - times @ own) / (n * (n - 1))
    # A resample pairs a document with itself once in n times: take that out again.
    delta = (delta - times @ own / n / n) * n / (n - 1)
    found: Array = np.clip(delta, 0.0, 0.99)
    return found


def integration(
    documents: Sequence[DocumentSectors], pairs: Sequence[SectorPair], corpus: SectorCorpus
) -> float:
    """Share of documents that carry a significant pair, above chance; 0 to 1.

    Chance: as many labels per document as it has, dealt out by the sectors' frequency in
    the corpus (a label permutation across the corpus, in expectation).
    """
    if not pairs:
        return 0.0
    wanted = {(pair.first, pair.second) for pair in pairs}
    frequency = dict(
        zip(corpus.sectors, corpus.carrying / max(corpus.carrying.sum(), 1), strict=True)
    )
    chance_of_two = sum(_chance(frequency[a], frequency[b]) for a, b in wanted)
    above = 0.0
    for document in documents:
        labels = document.labels
        carries = not wanted.isdisjoint(pairs_of(labels, ()))
        ways = len(labels) * (len(labels) - 1) / 2
        above += carries - min(1.0, ways * chance_of_two)
    return max(0.0, above / len(documents))


def _chance(first: float, second: float) -> float:
    """Two labels drawn without repetition are these two."""
    return float(first * second * (1 / (1 - min(first, 0.99)) + 1 / (1 - min(second, 0.99))))


def _gates(
    documents: Sequence[DocumentSectors],
    mean: Array,
    low: float,
    pairs: Sequence[SectorPair],
    codes: Sequence[str],
) -> dict[str, Gate]:
    second = int(np.argsort(-mean, kind="stable")[1]) if len(mean) > 1 else 0
    carried = sum(codes[second] in document.labels for document in documents)
    passed = {
        "documents": len(documents) >= MIN_DOCUMENTS,
        "second_sector": carried >= MIN_SECOND_DOCUMENTS
        and float(mean[second]) >= MIN_SECOND_SHARE,
        "diversity": low >= MIN_DIVERSITY_LOW,
        "pairs": bool(pairs),
    }
    return {gate: "passed" if ok else "failed" for gate, ok in passed.items()}


def _novelty(
    documents: Sequence[DocumentSectors],
    pairs: Sequence[SectorPair],
    distance: Array,
    corpus: SectorCorpus,
) -> float:
    """Mean dissimilarity of the pairs that the theme first joined firmly within 24 months.

    Firmly is when the third document carried both, as a theme's age counts from its third.
    """
    place = {code: number for number, code in enumerate(corpus.sectors)}
    fresh = []
    for pair in pairs:
        days = sorted(
            document.available
            for document in documents
            if {pair.first, pair.second} <= set(document.labels)
        )
        if days[2] > corpus.until - NEW:
            fresh.append(float(distance[place[pair.first], place[pair.second]]))
    return sum(fresh) / len(fresh) if fresh else 0.0


def _trend(
    documents: Sequence[DocumentSectors],
    shares: Array,
    distance: Array,
    until: date,
    rng: np.random.Generator,
) -> float:
    """`max(0, 2Φ(z)-1)` for Δ of the last half year against Δ before; 0 when too few."""
    from scipy.stats import norm

    recent: npt.NDArray[np.bool_] = np.array(
        [document.available > until - RECENT for document in documents]
    )
    if min(recent.sum(), (~recent).sum()) < MIN_DOCUMENTS:
        return 0.0
    now, before = shares[recent], shares[~recent]
    error = np.sqrt(_bootstrap(now, distance, rng).var() + _bootstrap(before, distance, rng).var())
    change = rao_stirling(now, distance) - rao_stirling(before, distance)
    return max(0.0, 2 * float(norm.cdf(change / max(error, 1e-9))) - 1)


def _largest_first(mean: Array, codes: Sequence[str]) -> dict[str, float]:
    """Shares of the sectors that occur, the largest first."""
    order = sorted(zip(codes, mean, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return {code: round(float(share), 4) for code, share in order if share >= 0.00005}


def _shares(documents: Sequence[DocumentSectors], codes: Sequence[str]) -> Array:
    """Sector shares, one row per document that sums to 1; shape (documents, sectors)."""
    weights = np.array(
        [[document.weights.get(code, 0.0) for code in codes] for document in documents]
    )
    found: Array = weights / weights.sum(axis=1, keepdims=True)
    return found
