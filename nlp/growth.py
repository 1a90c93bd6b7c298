"""Is a theme growing faster than what it is counted in? Pure statistics (docs/method.md, 3).

The two-window test asks whether a theme's recent documents are more than its share of
the recent window explains, given how unevenly all themes of the stream come. Counts are
compared inside each source, so a new source, a dead one or a quiet week moves no theme.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.arrays import Array

MIN_TESTED = 7  # fewer independent documents cannot be significant after correction
MIN_POOLED = 3  # documents a stream must have of a theme to take part in its test
MIN_BIN = 30  # a bin with fewer documents in the stream is joined to its neighbour
BLOCK_WEEKS = 4  # dispersion is measured over bins of at least this length
INFORMATIVE = 0.05  # a source must have this share of its documents in either window
OWN_ERRORS = 4.0  # standard errors that a theme must be more restless than all
Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class StreamCounts:
    """Independent documents of one stream, oldest bin first."""

    name: str
    counts: Array  # themes x sources x bins
    totals: Array  # sources x bins: everything the stream heard, in a theme or not
    recent: int  # bins of the recent window, at the end
    bin_weeks: int


@dataclass(frozen=True, slots=True)
class StreamTest:
    """What one stream says about every theme; arrays have one entry per theme."""

    name: str
    recent: Array  # documents in the recent window
    base: Array  # documents before it
    p: Array  # one-sided mid-p of no growth; nan where untested
    weight: Array  # informative documents, the Stouffer weight squared
    log_ratio: Array
    error: Array  # standard error of log_ratio; inf where nothing is known
    dispersion: float  # pooled over themes
    base_share: Array  # of the stream's documents in the base window


def two_window(stream: StreamCounts) -> StreamTest:
    """Test every theme of *stream* for growth (beta-binomial, pooled dispersion)."""
    merged = merge_bins(stream)
    counts, totals, recent = merged.counts, merged.totals, merged.recent
    heard = totals.sum(axis=1)
    share = totals / np.maximum(heard, 1)[:, None]  # sources x bins
    late = share[:, share.shape[1] - recent :].sum(axis=1)
    tells = (late >= INFORMATIVE) & (late <= 1 - INFORMATIVE) & (heard > 0)

    by_source = counts[:, tells].sum(axis=2)  # themes x sources
    n = by_source.sum(axis=1)
    expected = by_source @ share[tells]  # themes x bins
    seen = counts[:, tells].sum(axis=1)
    phi = dispersion(seen, expected, by_source @ (share[tells] * (1 - share[tells])))
    unrest = np.maximum(phi, own_dispersion(seen, expected, recent))
    inflation = 1 + unrest * (expected**2).sum(1) / np.maximum(expected.sum(1), 1e-12)
    y1 = seen[:, seen.shape[1] - recent :].sum(1)
    p0 = np.divide(by_source @ late[tells], n, out=np.full(len(n), 0.5), where=n > 0)
    p = np.where(n >= MIN_POOLED, upper_tail(y1, n, p0, inflation), np.nan)
    ratio, error = _rate_ratio(counts[:, tells], late[tells], recent, inflation)
    base_total = max(totals[:, : totals.shape[1] - recent].sum(), 1.0)
    everything = counts.sum(axis=1)
    base = everything[:, : everything.shape[1] - recent].sum(1)
    return StreamTest(
        name=stream.name,
        recent=everything.sum(1) - base,
        base=base,
        p=p,
        weight=n,
        log_ratio=ratio,
        error=np.where(n > 0, error, np.inf),
        dispersion=phi,
        base_share=base / base_total,
    )


def dispersion(seen: Array, expected: Array, variance: Array) -> float:
    """Pooled negative-binomial dispersion φ of themes x bins, no theme left out.

    Moment estimate `Σ[(y-e)² - var] / Σe²` over themes with enough documents. Leaving the
    most variable themes out would break the control of false discoveries.
    """
    ok = expected.sum(1) >= MIN_TESTED
    if not ok.any():
        return 0.0
    above = ((seen - expected) ** 2 - variance)[ok].sum()
    return float(max(0.0, above / max((expected[ok] ** 2).sum(), 1e-12)))


def own_dispersion(seen: Array, expected: Array, recent: int) -> Array:
    """What each theme's dispersion is at least, going by its own unrest inside each window.

    The moment estimate with the theme's own level in either window, so that growth from
    one to the other does not count, less `OWN_ERRORS` standard errors. Themes that have
    always come and gone are not measured by the calm of all the others.
    """
    above, square, noise = np.zeros(len(seen)), np.zeros(len(seen)), np.zeros(len(seen))
    border = seen.shape[1] - recent
    for part in (slice(0, border), slice(border, None)):
        share = expected[:, part] / np.maximum(expected[:, part].sum(1, keepdims=True), 1e-12)
        due = seen[:, part].sum(1, keepdims=True) * share
        free = 1 - share
        above += ((seen[:, part] - due) ** 2 - due * free).sum(1)
        square += (due**2 * free).sum(1)
        noise += (2 * (due * free) ** 2).sum(1)
    safe = np.maximum(square, 1e-12)
    return np.asarray(np.where(square > 0, (above - OWN_ERRORS * np.sqrt(noise)) / safe, 0.0))


def upper_tail(y: Array, n: Array, p0: Array, inflation: Array) -> Array:
    """One-sided mid-p `P(Y > y) + P(Y = y)/2` of a beta-binomial, per theme.

    The mean is `p0`; `inflation` is its variance over the binomial's, at least 1.
    """
    from scipy.special import betaln, gammaln

    rho = np.clip((inflation - 1) / np.maximum(n - 1, 1), 1e-6, 0.9)
    p0 = np.clip(p0, 1e-9, 1 - 1e-9)
    a, b = (p0 * (1 - rho) / rho)[:, None], ((1 - p0) * (1 - rho) / rho)[:, None]
    size = n[:, None]
    k = np.arange(int(n.max(initial=0)) + 1, dtype=float)[None, :]
    left = np.maximum(size - k, 0)
    log_pmf = (
        gammaln(size + 1)
        - gammaln(k + 1)
        - gammaln(left + 1)
        + betaln(k + a, left + b)
        - betaln(a, b)
    )
    pmf = np.where(k <= size, np.exp(log_pmf), 0.0)
    weight = np.where(k > y[:, None], 1.0, np.where(k == y[:, None], 0.5, 0.0))
    return np.asarray(np.clip((pmf * weight).sum(1), 0.0, 1.0))


def combine(tests: Sequence[StreamTest]) -> tuple[Array, Array]:
    """Stouffer's combined p per theme and the documents behind it; nan where untested."""
    from scipy.stats import norm

    p = np.stack([test.p for test in tests])
    n = np.stack([test.weight for test in tests])
    used = ~np.isnan(p)
    z = norm.isf(np.clip(np.where(used, p, 0.5), 1e-12, 1 - 1e-12))
    weight = np.where(used, n, 0.0)
    total = weight.sum(0)
    combined = (np.sqrt(weight) * z).sum(0) / np.sqrt(np.maximum(total, 1))
    return np.where(total > 0, norm.sf(combined), np.nan), total


def pooled_ratio(tests: Sequence[StreamTest]) -> tuple[Array, Array]:
    """Log growth ratio and its standard error over streams, weighted by inverse variance.

    A stream with fewer than three documents of a theme has no say in it, so that adding
    a stream in which the theme is absent changes nothing.
    """
    error = np.stack([np.where(test.weight >= MIN_POOLED, test.error, np.inf) for test in tests])
    ratio = np.stack([test.log_ratio for test in tests])
    weight = 1 / error**2
    total = weight.sum(0)
    known = total > 0
    mean = np.divide((weight * ratio).sum(0), total, out=np.zeros_like(total), where=known)
    return mean, np.where(known, 1 / np.sqrt(np.where(known, total, 1)), np.inf)


def benjamini_hochberg(p: Array, budget: Array | None = None) -> Array:
    """Adjusted p-values (q) over the entries that are not nan (Benjamini & Hochberg 1995).

    *budget* says how much error each may cost against the others, which keeps the false
    discovery rate as long as it knows nothing of the p-values (Genovese, Roeder &
    Wasserman 2006, Biometrika 93: p over weights of mean 1). What it leaves of a mean of 1
    is not spent.
    """
    q = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if budget is not None and len(tested):
        p = np.minimum(p * max(1.0, budget[tested].mean()) / budget, 1.0)
    order = tested[np.argsort(p[tested], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


def merge_bins(stream: StreamCounts) -> StreamCounts:
    """The stream with bins joined, newest first, until each has enough documents.

    The border between recent and base window stays where it is. Bins are also joined to
    four weeks at least, since neighbouring weeks are not independent.
    """
    bins = stream.totals.shape[1]
    base = bins - stream.recent
    per_bin = stream.totals.sum(0)
    wide = -(-BLOCK_WEEKS // stream.bin_weeks)
    late = _starts(per_bin[base:], wide)
    early = _starts(per_bin[:base], wide)
    starts = np.array([*early, *(start + base for start in late)], dtype=int)
    return StreamCounts(
        name=stream.name,
        counts=np.add.reduceat(stream.counts, starts, axis=2),
        totals=np.add.reduceat(stream.totals, starts, axis=1),
        recent=len(late),
        bin_weeks=stream.bin_weeks * wide,
    )


def _starts(per_bin: Array, wide: int) -> list[int]:
    """First positions of the joined bins of one window; the oldest takes what is left over."""
    starts: list[int] = []
    documents, width = 0.0, 0
    for position in range(len(per_bin) - 1, -1, -1):
        documents, width = documents + per_bin[position], width + 1
        if documents >= MIN_BIN and width >= wide:
            starts.append(position)
            documents, width = 0.0, 0
    if not starts:
        return [0]
    return sorted({0, *starts[:-1]} | ({starts[-1]} if starts[-1] == 0 else set()))


def _rate_ratio(counts: Array, late: Array, recent: int, inflation: Array) -> tuple[Array, Array]:
    """Mantel-Haenszel ratio of recent to base rate across sources, in logs, with its error."""
    y1 = counts[:, :, counts.shape[2] - recent :].sum(2)  # themes x sources
    y0 = counts.sum(2) - y1
    n = np.maximum((y1 + y0).sum(1), 1e-12)
    p0 = np.clip(((y1 + y0) @ late) / n, 1e-9, 1 - 1e-9)
    above = y1 @ (1 - late) + 0.5 * (1 - p0)
    below = y0 @ late + 0.5 * p0
    error = np.sqrt(inflation * (1 / (y1.sum(1) + 0.5) + 1 / (y0.sum(1) + 0.5)))
    return np.log(above / below), error
