"""What the themes around a theme say about its growth (docs/method.md, sections 3 and 6).

A theme's own documents are few and its counts noisy; the themes that lie near it are many.
Places are the unit vectors of the themes' first centroids.
"""

from collections.abc import Sequence

import numpy as np

from nlp.arrays import Array
from nlp.documents import Vectors
from nlp.growth import StreamCounts, combine, pooled_ratio, two_window

# How far a theme's log growth may lie from its neighbourhood's (standard deviation). Wider
# than themes of real texts do, so that one that grows alone is not talked out of it.
FIELD_SPREAD = 0.25
# Growth over the whole map of themes: its standard deviation, the distance over which it
# changes, and what each theme has of its own.
GROUND_SPREAD, REACH, OWN_SPREAD = 0.2, 0.8, 0.1
UNKNOWN = 1e3  # error of a theme that nothing is known of: it has no say


def cosines(places: Vectors) -> Array:
    """Likeness of all themes, rounded so that sums in another order change nothing."""
    return np.round((places @ places.T).astype(float), 6)


def field_size(themes: int, most: int) -> int:
    """How many neighbours make up a field among *themes* themes."""
    return min(most, themes // 20)


def field_matrix(likeness: Array, most: int) -> Array:
    """Themes x themes: 1 where the column is among the row's nearest *most* themes.

    The field leaves its own theme out, so that under the null it is independent of it. In
    a small corpus the nearest themes are most of the corpus, which is no neighbourhood:
    a field takes at most one theme in twenty.
    """
    others = likeness - 4 * np.eye(len(likeness))
    nearest = np.argsort(-others, axis=1, kind="stable")[:, : field_size(len(likeness), most)]
    matrix = np.zeros_like(likeness)
    np.put_along_axis(matrix, nearest, 1.0, axis=1)
    return np.where(likeness > 0, matrix, 0.0)  # what is not alike at all is no neighbour


def as_field(stream: StreamCounts, matrix: Array) -> StreamCounts:
    """The same stream counted for the field of each theme."""
    shape = stream.counts.shape
    counts = (matrix @ stream.counts.reshape(shape[0], -1)).reshape(shape)
    return StreamCounts(stream.name, counts, stream.totals, stream.recent, stream.bin_weeks)


def with_field(p: Array, field_z: Array, weight: float) -> Array:
    """The theme's own p, joined by Stouffer's method with what its field says.

    Where a corpus is too small to have fields (all `field_z` zero), the own test stands
    alone.
    """
    from scipy.stats import norm

    if not field_z.any() or weight == 0:
        return p
    z = norm.isf(np.clip(p, 1e-12, 1 - 1e-12))
    return np.asarray(norm.sf((z + weight * field_z) / np.hypot(1, weight)))


def with_field_growth(
    streams: Sequence[StreamCounts], matrix: Array, ratio: Array, error: Array
) -> tuple[Array, Array, Array]:
    """Test statistic of each theme's field, and the theme's log growth steadied by it.

    The field without the theme says where its growth is expected, give or take
    `FIELD_SPREAD`; the theme's own counts move it from there. Zeros, and the theme's own
    growth, where there is no field.
    """
    from scipy.stats import norm

    if not matrix.any():
        return np.zeros(len(matrix)), ratio, error
    tests = [two_window(as_field(stream, matrix)) for stream in streams]
    p, _ = combine(tests)
    z = norm.isf(np.clip(np.where(np.isnan(p), 0.5, p), 1e-12, 1 - 1e-12))
    return np.asarray(z), *towards(ratio, error, *pooled_ratio(tests))


def towards(ratio: Array, error: Array, centre: Array, centre_error: Array) -> tuple[Array, Array]:
    """Log ratios drawn towards *centre* as far as their errors allow, with new errors.

    The mean of a normal observation and a normal prior, `FIELD_SPREAD` wide around an
    uncertain centre. Where ratio or centre is not known, nothing changes.
    """
    known = np.isfinite(error) & np.isfinite(centre_error)
    own = np.where(known, error, 1.0) ** 2
    prior = FIELD_SPREAD**2 + np.where(known, centre_error, 1.0) ** 2
    keep = np.where(known, prior / (prior + own), 1.0)
    return (
        np.where(known, centre + keep * (ratio - centre), ratio),
        np.where(known, np.sqrt(keep * own), error),
    )


def ground(ratio: Array, error: Array, likeness: Array) -> Array:
    """The log growth that all other themes lead one to expect where each theme lies.

    Kriging: a Gaussian process over the places, squared-exponential in their distance,
    asked at each theme without that theme (Rasmussen & Williams 2006, equation 5.12).
    A theme's own surge has no part in it, since surges of few documents seldom last.
    """
    known = np.isfinite(error)
    noise = np.where(known, error, UNKNOWN) ** 2 + OWN_SPREAD**2
    value = np.where(known, ratio, 0.0)
    mean = np.average(value, weights=1 / noise)
    covariance = GROUND_SPREAD**2 * np.exp(-(1 - likeness) / REACH**2)
    inverse = np.linalg.inv(covariance + np.diag(noise))
    return np.asarray(value - (inverse @ (value - mean)) / np.diag(inverse))
