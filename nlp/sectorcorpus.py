"""Which sectors all documents carry: what a theme's sectors are compared with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

import numpy as np

from nlp.arrays import Array

Pair = tuple[str, str]

LABEL_SHARE = 0.25  # part of a document's sector weight that makes it carry the sector
MIN_REFERENCE = 500  # labelled documents below which no similarity of sectors is measured


@dataclass(frozen=True, slots=True)
class DocumentSectors:
    """One document: when it was available, what it is about."""

    id: str
    available: date
    weights: Mapping[str, float] = field(default_factory=dict)  # ecosystem code -> weight above 0
    technologies: tuple[str, ...] = ()  # technology ids, each once
    # The sectors that hold a quarter or more of the document's weight, by code.
    labels: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        least = LABEL_SHARE * sum(self.weights.values())
        labels = sorted(code for code, weight in self.weights.items() if weight >= least)
        object.__setattr__(self, "labels", tuple(labels))


@dataclass(frozen=True, slots=True)
class SectorCorpus:
    """Marginals and similarity of sectors; build once a week with `sector_corpus`."""

    until: date  # last day of the week
    documents: int  # that carry a sector
    sectors: tuple[str, ...]  # codes, sorted: the order of every axis below
    carrying: Array  # (sectors,) documents that carry each sector
    together: Array  # (sectors, sectors) reference documents that carry both
    reference: int  # documents the similarity of sectors is measured on
    first_together: Mapping[Pair, date]  # (sector, sector) sorted, or (technology, sector)

    @property
    def year(self) -> date:
        """The first day that the reference leaves out: similarity is frozen for a year."""
        return date(self.until.year, 1, 1)

    def similarity_beyond(self, documents: Iterable[DocumentSectors]) -> Array:
        """How alike sectors are in everything but *documents*, (sectors, sectors) in 0..1.

        A theme is left out of the yardstick it is measured with: where it is the only place
        two sectors meet, they are strangers elsewhere, and that is the news.
        """
        carried = indicator((one for one in documents if one.available < self.year), self.sectors)
        together = np.maximum(self.together - carried.T @ carried, 0)
        return similarity(together, self.reference - int(carried.any(1).sum()))


def sector_corpus(
    documents: Iterable[DocumentSectors], sectors: Sequence[str], *, until: date
) -> SectorCorpus:
    """Sum up *documents*, all those available by *until*; others are left out.

    *sectors* are the codes of the scheme `ecosystem`; weights for other codes are ignored.
    The similarity is measured on documents available before the year of *until* began, so
    it stays the same for a calendar year.
    """
    codes = tuple(sorted(sectors))
    year = date(until.year, 1, 1)
    known = sorted((one for one in documents if one.available <= until), key=_available)
    carried = indicator(known, codes)
    reference = carried[: sum(one.available < year for one in known)]
    first: dict[Pair, date] = {}
    for document in known:
        labels = [label for label in document.labels if label in codes]
        for pair in pairs_of(labels, document.technologies):
            first.setdefault(pair, document.available)
    return SectorCorpus(
        until=until,
        documents=int(carried.any(1).sum()),
        sectors=codes,
        carrying=carried.sum(0),
        together=reference.T @ reference,
        reference=int(reference.any(1).sum()),
        first_together=first,
    )


def _available(document: DocumentSectors) -> date:
    return document.available


def indicator(documents: Iterable[DocumentSectors], codes: Sequence[str]) -> Array:
    """1 where a document carries a sector, shape (documents, codes); other codes are ignored."""
    place = {code: number for number, code in enumerate(codes)}
    rows = [[place[label] for label in one.labels if label in place] for one in documents]
    found = np.zeros((len(rows), len(codes)))
    for number, row in enumerate(rows):
        found[number, row] = 1
    return found


def pairs_of(labels: Sequence[str], technologies: Sequence[str]) -> list[Pair]:
    """Sectors that meet (sorted), and technologies that meet sectors, in one document."""
    meeting = [(technology, label) for technology in technologies for label in labels]
    return [*combinations(sorted(labels), 2), *meeting]


def similarity(together: Array, documents: int) -> Array:
    """Cosine of the sectors' co-occurrence profiles (docs/method.md: s), shape as *together*.

    *together* counts documents that carry both sectors, on the diagonal those that carry
    one. A profile holds positive pointwise mutual information `max(0, ln(n_ij·n/(n_i·n_j)))`,
    so that a sector that meets all others at random resembles none of them. One document of
    chance co-occurrence per cell keeps rare pairs quiet. With fewer than 500 documents
    sectors count as unrelated.
    """
    size = len(together)
    if documents < MIN_REFERENCE:
        return np.eye(size)
    single = np.maximum(np.diag(together), 0.5)
    expected = np.outer(single, single) / documents
    information = np.log((together + 1) / (expected + 1))
    np.fill_diagonal(information, np.log(documents / single))
    profile = np.maximum(information, 0)
    lengths = np.maximum(np.linalg.norm(profile, axis=1), 1e-9)
    unit = profile / lengths[:, None]
    cosine: Array = np.clip(unit @ unit.T, 0, 1)
    np.fill_diagonal(cosine, 1)
    return cosine
