"""Published detectors, re-implemented from their formulas to be compared with ours.

Each takes counts (themes x periods, oldest first) and totals per period, and returns a
score per theme and the themes it would flag.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nlp.arrays import Array

Verdict = tuple[Array, npt.NDArray[np.bool_]]
Detector = Callable[[Array, Array], Verdict]


def random(counts: Array, totals: Array) -> Verdict:
    """Themes in an order drawn with a fixed seed; the tenth of them is flagged."""
    score = np.random.default_rng(0).permutation(len(counts)).astype(float)
    return score, score >= np.quantile(score, 0.9)


def size(counts: Array, totals: Array) -> Verdict:
    """The largest themes; the tenth of them is flagged."""
    score = counts.sum(1)
    return score, score >= np.quantile(score, 0.9)


def last_year(counts: Array, totals: Array) -> Verdict:
    """Share of the last twelve months over that of the twelve before, flagged above 1.5."""
    share = _share(counts, totals, 12)
    ratio = (share[:, -1] + 1e-9) / (share[:, -2] + 1e-9)
    return ratio, ratio > 1.5


def holt(counts: Array, totals: Array) -> Verdict:
    """Slope of Holt's double exponential smoothing of the quarterly share, over its mean.

    Level and slope are smoothed by 0.5 and 0.3, not fitted: three years have twelve quarters.
    """
    share = _share(counts, totals, 3)
    level, slope = share[:, 0], share[:, 1] - share[:, 0]
    for period in range(1, share.shape[1]):
        new = 0.5 * share[:, period] + 0.5 * (level + slope)
        level, slope = new, 0.3 * (new - level) + 0.7 * slope
    score = slope / np.maximum(share.mean(1), 1e-9)
    return score, score >= np.quantile(score, 0.95)


def escore(counts: Array, totals: Array) -> Verdict:
    """EScore over ten periods with the gate of 1.5 times the dataset's growth (Porter 2019).

    Asks for seven records in three periods or more, and a small share in the first three.
    """
    c, n = _periods(counts, 10), np.maximum(_periods(totals[None, :], 10)[0], 1)
    root = np.sqrt(n[3:])
    a = c[:, 3:]
    active = a[:, 4:].sum(1) / root[4:].sum() - a[:, :3].sum(1) / root[:3].sum()
    recent = 10 * (a[:, 5:].sum(1) / root[5:].sum() - a[:, 3:5].sum(1) / root[3:5].sum())
    slope = 10 * (a[:, 6] / root[6] - a[:, 3] / root[3]) / 3
    score = 2 * active + recent + slope
    own = (c[:, 7:].sum(1) + 0.5) / (c[:, :3].sum(1) + 0.5)
    gate = own >= 1.5 * n[7:].sum() / n[:3].sum()
    small = c[:, :3].sum(1) / n[:3].sum() < 0.15
    enough = (c.sum(1) >= 7) & ((c > 0).sum(1) >= 3)
    return score, (score >= 1.77) & gate & small & enough


def kleinberg(counts: Array, totals: Array) -> Verdict:
    """Weight of the two-state burst that lasts to the end (Kleinberg 2003), by Viterbi."""
    from scipy.special import gammaln

    d = np.maximum(totals, counts.max(0))
    base = np.clip(counts.sum(1) / d.sum(), 1e-9, 0.49)
    cost = []
    for p in (base, np.minimum(2 * base, 0.9999)):
        log = gammaln(d + 1) - gammaln(counts + 1) - gammaln(d - counts + 1)
        cost.append(-(log + counts * np.log(p)[:, None] + (d - counts) * np.log1p(-p)[:, None]))
    up = np.log(counts.shape[1])
    quiet, burst = cost[0][:, 0], cost[1][:, 0] + up
    weight = cost[0][:, 0] - cost[1][:, 0]
    for t in range(1, counts.shape[1]):
        stays = burst <= quiet + up
        gain = cost[0][:, t] - cost[1][:, t]
        weight = np.where(stays, weight, 0.0) + gain
        quiet, burst = (
            np.minimum(quiet, burst) + cost[0][:, t],
            np.minimum(burst, quiet + up) + cost[1][:, t],
        )
    inside = burst < quiet
    return np.where(inside, weight, np.minimum(weight, 0.0)), inside


def yoon(counts: Array, totals: Array) -> Verdict:
    """Weak signals of Yoon (2012): seldom and growing, over eight periods.

    A keyword must be weak on a map of its frequency and on one of its documents; where a theme
    is counted by documents, as here, the two maps are one.
    """
    periods = _periods(counts, 8)
    n = np.maximum(_periods(totals[None, :], 8)[0], 1)
    decay = 1 - 0.05 * (8 - np.arange(1, 9))
    visibility = (periods + 0.5) / n * decay
    growth = (visibility[:, -1] / visibility[:, 0]) ** (1 / 7)
    often = periods.mean(1)
    return growth, (growth > np.median(growth)) & (often < np.median(often))


def bertrend_weak(counts: Array, totals: Array) -> Verdict:
    """Popularity from the 10th to the 50th percentile, and rising (Boutaleb et al. 2024)."""
    course, low, high = _popularity(counts)
    slope = course[:, -1] - course[:, 0]
    last = course[:, -1]
    return slope / np.maximum(last, 1), (last >= low) & (last <= high) & (slope > 0)


def bertrend_strong(counts: Array, totals: Array) -> Verdict:
    """Popularity above the 50th percentile (Boutaleb et al. 2024)."""
    course, _, high = _popularity(counts)
    return course[:, -1], course[:, -1] > high


def _popularity(counts: Array) -> tuple[Array, float, float]:
    """Decayed popularity in the last three periods, and the 10th and 50th percentile of all."""
    popularity = np.zeros(len(counts))
    silent = np.zeros(len(counts))
    course = []
    for slice_ in counts.T:
        silent = np.where(slice_ > 0, 0, silent + 1)
        faded = popularity * np.exp(-0.01 * silent**2)
        popularity = np.where(slice_ > 0, popularity + slice_, faded)
        course.append(popularity)
    last = np.stack(course[-3:], axis=1)
    low, high = np.quantile(last, [0.10, 0.50])
    return last, float(low), float(high)


DETECTORS: dict[str, Detector] = {
    "random": random,
    "size": size,
    "last-year ratio": last_year,
    "Holt": holt,
    "EScore, 1.5 gate": escore,
    "Kleinberg": kleinberg,
    "Yoon maps": yoon,
    "BERTrend weak": bertrend_weak,
    "BERTrend strong": bertrend_strong,
}


def _periods(counts: Array, number: int) -> Array:
    """Columns summed into *number* periods of nearly equal length, the oldest first."""
    return np.stack([part.sum(1) for part in np.array_split(counts, number, axis=1)], axis=1)


def _share(counts: Array, totals: Array, months: int) -> Array:
    """Share of the total in periods of *months* columns, cut from the end."""
    whole = counts.shape[1] // months * months
    c = counts[:, -whole:].reshape(len(counts), -1, months).sum(2)
    n = totals[-whole:].reshape(-1, months).sum(1)
    return np.asarray(c / np.maximum(n, 1))
