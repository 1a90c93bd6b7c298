"""How all themes stood at the end of a week, by the counts known then (docs/method.md, 3 and 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from config.models import Gates
from nlp.arrays import Array
from nlp.evidence import (
    Evidence,
    active_bins,
    latest,
    recent_and_base,
    stream_counts,
    without_busiest,
)
from nlp.growth import (
    Z90,
    StreamCounts,
    StreamTest,
    benjamini_hochberg,
    combine,
    pooled_ratio,
    two_window,
)
from nlp.neighbourhood import as_field, with_field, with_field_growth
from nlp.risingwords import budget, foremost

REPLAY = 3  # weeks that a flag is looked for in
# Of a theme's documents, the share that grows in other cuts of the corpus too. On cut-offs up to
# 2015 any from 0.05 to 0.3 did about as well for a flag; from 0.6 on nine in ten were right.
AGREED, WELL_AGREED = 0.2, 0.6
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Standing:
    """How all themes stood at the end of one week; arrays have one entry per theme."""

    tests: tuple[StreamTest, ...]
    q: Array  # of growth, own and of the field; nan where untested
    fading: Array  # q of the opposite
    ratio: Array  # log growth of the theme, steadied by its field
    error: Array
    field_z: Array  # test of the field without the theme; 0 where there is no field
    field_growth: Array  # log growth of theme and field together
    field_latest: Array  # the same of the last quarter against what was before
    rising: Flags  # whether they are the most
    agreement: Array  # share of it that grows in other cuts too; nan where it is not known
    documents: Array
    recent: Array
    active: Array
    persistence: Array
    lasting: Array  # log ratio without the busiest weeks
    left: Array  # share of the recent documents outside the busiest weeks
    base_share: Array
    passing: Flags  # every gate that counts alone can judge


def standing(evidence: Evidence, gates: Gates, matrix: Array, back: int) -> Standing:
    """The tests and the countable gates as they stood *back* weeks before the week."""
    streams = stream_counts(evidence, back)
    tests = tuple(two_window(stream) for stream in streams)
    p, tested = combine(tests)
    p = np.where(tested >= gates.min_documents, p, np.nan)
    field_z, ratio, error = with_field_growth(streams, matrix, *pooled_ratio(tests))
    around = joined(streams, matrix)
    field_latest = growth_of([latest(stream) for stream in around])
    documents = _documents(tests)
    active, persistence = active_bins(streams)
    lasting, left = without_busiest(streams)
    base_share = np.max([test.base_share for test in tests], axis=0)
    figures = evidence.rising()
    rising = foremost(figures)
    q = benjamini_hochberg(
        with_field(p, field_z, gates.field_weight), budget(figures, gates.rising_weight)
    )
    agreement = evidence.agreement()
    passing = (
        (np.nan_to_num(q, nan=1.0) <= gates.q)
        & (documents >= gates.min_documents)
        & (active >= gates.min_active_bins)
        & (ratio >= np.log(gates.min_ratio))
        & (ratio - Z90 * error >= np.log(gates.min_ratio_low))
        & (lasting >= np.log(gates.min_lasting_ratio))
        & (left >= gates.min_left)
        & ((field_latest >= 0) | rising)
        & (np.isnan(agreement) | (agreement >= AGREED))
    )
    return Standing(
        tests=tests,
        q=q,
        fading=benjamini_hochberg(1 - p),
        ratio=ratio,
        error=error,
        field_z=field_z,
        field_growth=growth_of(around),
        field_latest=field_latest,
        rising=rising,
        agreement=agreement,
        documents=documents,
        recent=recent_and_base(streams)[0],
        active=active,
        persistence=persistence,
        lasting=lasting,
        left=left,
        base_share=base_share,
        passing=passing,
    )


def _documents(tests: Sequence[StreamTest]) -> Array:
    return np.asarray(sum(test.recent + test.base for test in tests))


def joined(streams: Sequence[StreamCounts], matrix: Array) -> list[StreamCounts]:
    """The streams counted for each theme and its field together."""
    return [as_field(stream, matrix + np.eye(len(matrix))) for stream in streams]


def growth_of(streams: Sequence[StreamCounts]) -> Array:
    """Log growth of each theme, all streams together."""
    return pooled_ratio([two_window(stream) for stream in streams])[0]


def entered(weeks: Sequence[Standing], gates: Gates) -> Flags:
    """Which themes are growing after *weeks*, oldest first.

    A theme passes in the last week and in `enter_weeks` of the last three, so that no flag
    rests on one week's chance. What stops passing goes to the watch list at once: keeping
    flags for weeks above the threshold was right half as often in the back-test.
    """
    passing = np.stack([week.passing for week in weeks[-REPLAY:]])
    return np.asarray(passing[-1] & (passing.sum(0) >= gates.enter_weeks))
