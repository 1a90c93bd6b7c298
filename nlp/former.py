"""How a theme stands against its own share of three years before (docs/method.md, section 5)."""

import math

import numpy as np

from nlp.arrays import Array, Integers
from nlp.evidence import Tally

YEAR_WEEKS = 52
FORMER_WEEKS = 156  # between the ends of the two years: 36 months
FEWEST = 3  # documents of the earlier year, or the theme was not there yet
ESTABLISHED = 2.0  # times its former share; what has not doubled since is no discovery


def grown(
    members: Tally,
    everything: Tally,
    former: Tally,
    all_former: Tally,
    shape: tuple[int, int, int],
    family: Integers,
) -> Array:
    """Each theme's share of the last year over that of the year that ended 36 months ago.

    *former* and *all_former* count that earlier year; *shape* is how many themes, streams
    and sources there are. Themes of one *family* (a number for each theme) are counted
    together: what was split off since has no earlier documents of its own. Counts are
    compared inside each stream and source, so a new source makes no theme look smaller.
    Infinite where nothing is known: the store did not reach back as far, or the theme was
    not there.
    """

    def counted(tally: Tally, rows: int) -> Array:
        counts = np.zeros((rows, *shape[1:]))
        last = tally.age < YEAR_WEEKS
        cells = (np.maximum(tally.theme[last], 0), tally.stream[last], tally.source[last])
        np.add.at(counts, cells, tally.documents[last])
        return counts.reshape(rows, shape[1] * shape[2])

    def together(counts: Array) -> Array:
        summed = np.zeros_like(counts)
        np.add.at(summed, family, counts)
        return summed[family]

    now, then = together(counted(members, shape[0])), together(counted(former, shape[0]))
    all_now, all_then = counted(everything, 1)[0], counted(all_former, 1)[0]
    heard = all_then > 0
    due = then[:, heard] @ (all_now[heard] / all_then[heard])
    known = (then.sum(1) >= FEWEST) & (due > 0)
    return np.where(known, now[:, heard].sum(1) / np.where(known, due, 1.0), math.inf)
