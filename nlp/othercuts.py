"""Would a theme be flagged if the documents were cut into themes otherwise?

Where k-means draws its borders is chance in part, and so is what grows within them. What is
found only by one cut goes on growing half as often as what most cuts find. After Meinshausen &
Buehlmann (2010, "Stability selection"), with other seeds in place of subsamples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from config.models import Gates, Stream, ThemeSettings
from nlp.arrays import Array, Integers
from nlp.documents import Vectors
from nlp.evidence import Dated, Evidence, Facts
from nlp.neighbourhood import cosines, field_matrix
from nlp.risingwords import dates, rising_words
from nlp.standing import REPLAY, Flags, entered, standing
from nlp.themes import OUTSIDE, assign, find_cells, sampled

if TYPE_CHECKING:
    from scipy import sparse

CUTS = 2  # more than the themes' own


@dataclass(frozen=True, slots=True)
class Cut:
    """One way of cutting documents into cells."""

    cell: Integers  # of each document; OUTSIDE for none
    centroids: Vectors  # of the cells


def other_cuts(vectors: Vectors, settings: ThemeSettings) -> list[Cut]:
    """`CUTS` cuts of documents by their *vectors*, each with another seed than a fit's.

    Beyond as many documents as a fit takes, a seeded sample is cut and the rest admitted.
    """
    rows = sampled(len(vectors), settings)
    seeds = range(settings.seed + 1, settings.seed + 1 + CUTS)
    return [
        Cut(assign(vectors, centroids, radii)[0], centroids)
        for centroids, radii in find_cells(vectors[rows], settings, seeds)
    ]


def rising_in(
    group: Integers,
    groups: int,
    words: "sparse.csr_matrix",
    dated: Dated,
    streams: Mapping[str, Stream],
) -> Array:
    """`rising_words` of *groups* of documents, themes or cells; *group* is -1 for none."""
    when = dates(dated.age, dated.stream, dated.source, streams)
    return rising_words(words, group, groups, when)


def agreement(
    theme: Integers,
    themes: int,
    cuts: Sequence[Cut],
    words: "sparse.csr_matrix",
    dated: Dated,
    streams: Mapping[str, Stream],
    gates: Gates,
) -> Array:
    """Share of each theme's documents that lie in growing cells, on average over the *cuts*.

    *theme* is each document's theme, -1 for none; nan for a theme without documents.
    """
    inside = theme >= 0
    sizes = np.bincount(theme[inside], minlength=themes).astype(float)
    sizes[sizes == 0] = np.nan
    shares = np.zeros(themes)
    for cut in cuts:
        grows = np.append(growing(cut, words, dated, streams, gates), False)[cut.cell]
        shares += np.bincount(theme[inside], grows[inside], minlength=themes) / sizes
    return shares / len(cuts)


def growing(
    cut: Cut,
    words: "sparse.csr_matrix",
    dated: Dated,
    streams: Mapping[str, Stream],
    gates: Gates,
) -> Flags:
    """Which cells of a *cut* pass the gates that rest on counts."""
    cells = len(cut.centroids)
    rising = rising_in(cut.cell, cells, words, dated, streams)
    heard = (dated.stream >= 0) & (dated.age >= 0)
    everything = np.full(len(cut.cell), OUTSIDE)
    evidence = Evidence(
        week="",
        themes=[Facts(str(k), "", 0, rising=float(rising[k])) for k in range(cells)],
        members=dated.tally(cut.cell, heard & (cut.cell >= 0)),
        everything=dated.tally(everything, heard),
        sources=int(dated.source.max(initial=-1)) + 1,
        streams=streams,
        likeness=cosines(cut.centroids),
    )
    matrix = field_matrix(evidence.likeness, gates.field_themes)
    weeks = [standing(evidence, gates, matrix, back) for back in range(REPLAY)]
    return entered(weeks[::-1], gates)
