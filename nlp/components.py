"""The parts of a theme's score, and when its growth began (docs/method.md, section 6)."""

import numpy as np

from nlp.arrays import Array

HOLT_GRID = (0.1, 0.3, 0.5, 0.8)
HALF_LIFE_WEEKS = 156  # novelty fades over 36 months


def holt_trend(counts: Array, due: Array) -> Array:
    """How sure it is that a theme's share rises at the end, 0 to 1, per theme.

    Holt's double exponential smoothing of *counts* over what was *due* of a constant
    share; the two parameters are those with the least one-step error over all themes. The
    slope is linear in the ratios, so its error under a constant share follows from theirs.
    """
    from scipy.stats import norm

    if counts.shape[1] < 6:
        return np.zeros(len(counts))
    heard = due > 0
    ratio = np.where(heard, counts / np.where(heard, due, 1), 1.0)

    def misfit(pair: tuple[float, float]) -> float:
        errors = _holt(ratio, *pair)[1][:, 3:]
        return float((errors**2 * due[:, 3:]).sum())

    alpha, beta = min(((a, b) for a in HOLT_GRID for b in HOLT_GRID), key=misfit)
    slope, _ = _holt(ratio, alpha, beta)
    weights, _ = _holt(np.eye(ratio.shape[1]), alpha, beta)  # the slope's weight on each bin
    variance = np.where(heard, 1 / np.where(heard, due, 1), 0.0)
    error = np.sqrt((weights**2 * variance).sum(1)).clip(1e-12)
    return np.asarray(np.maximum(0.0, 2 * norm.cdf(slope / error) - 1))


def _holt(series: Array, alpha: float, beta: float) -> tuple[Array, Array]:
    """Last slope of each row, and the errors of the one-step forecasts."""
    level, slope = series[:, 0].copy(), series[:, 1] - series[:, 0]
    errors = np.zeros_like(series)
    for step in range(1, series.shape[1]):
        forecast = level + slope
        errors[:, step] = series[:, step] - forecast
        new = forecast + alpha * errors[:, step]
        slope = slope + alpha * beta * errors[:, step]
        level = new
    return slope, errors


def novelty(age_weeks: Array, base_share: Array, max_share: float) -> Array:
    """1 for a theme just born and small, falling with age and with its former share."""
    return np.asarray(
        np.exp(-age_weeks / HALF_LIFE_WEEKS) * (1 - np.minimum(1, base_share / max_share))
    )


def community(variety: Array) -> Array:
    """0 when one organisation does it all, 1 from ten equal ones on."""
    return np.asarray(np.clip(np.log(np.maximum(variety, 1.0)) / np.log(10), 0, 1))


def impact(streams: Array, countries: Array, amount_eu: Array) -> Array:
    """Breadth over kinds of evidence and countries, and EU contribution, each a third."""
    money = np.minimum(1, np.log1p(amount_eu / 1e6) / np.log(101))
    return np.asarray((np.minimum(1, streams / 3) + np.minimum(1, countries / 8) + money) / 3)


def shift_point(counts: Array, totals: Array) -> int | None:
    """The bin in which one theme's rate most likely rose, or None when no shift stands out.

    Single-shift likelihood ratio of Poisson counts with the totals as offset; a shift
    counts when twice the log likelihood gained exceeds 2·ln(number of bins).
    """
    size = len(counts)
    y, n = np.cumsum(counts), np.cumsum(totals)
    y0, n0 = y[:-1], n[:-1]  # before a shift at bin 1, 2, …
    y1, n1 = y[-1] - y0, n[-1] - n0
    ok = (n0 > 0) & (n1 > 0) & (y1 * n0 > y0 * n1)
    if not ok.any() or y[-1] == 0:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(y0 > 0, y0 * np.log(y0 / n0), 0) + np.where(y1 > 0, y1 * np.log(y1 / n1), 0)
    gain = np.where(ok, gain - y[-1] * np.log(y[-1] / n[-1]), -np.inf)
    best = int(gain.argmax())
    return best + 1 if 2 * gain[best] > 2 * np.log(size) else None
