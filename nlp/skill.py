"""How sure a precision is, and what a probability is worth.

Themes of one field rise and fall together, and a field is met again at the next cut-off.
So fields are drawn, not flags: a lucky field counts as one piece of luck, not as ten.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from nlp.arrays import Array, Integers
from nlp.documents import Vectors
from nlp.hindcast import Flags
from nlp.themes import OUTSIDE, parents

DRAWS = 1000
FIELD = 12  # themes of a field at one cut-off
FEWEST = 5  # flagged fields below which an interval would only look like one
Probability = Callable[[Array], Array]


def fields_of(centroids: Sequence[Vectors]) -> list[Integers]:
    """The field of each theme, one array per cut-off; a subject keeps its field throughout.

    Centroids of all cut-offs are grouped at once, into as many fields as one cut-off has
    neighbourhoods of about twelve themes. A theme of a corpus too small for that is a
    field of its own.
    """
    sizes = [len(one) for one in centroids]
    if not sum(sizes):
        return [np.empty(0, dtype=np.int64) for _ in sizes]
    everything = np.concatenate([one for one in centroids if len(one)])
    over = parents(everything, [1] * len(everything), each=FIELD * len(sizes))
    roots = np.array([row if one == OUTSIDE else one for row, one in enumerate(over)])
    return np.split(roots, np.cumsum(sizes)[:-1])


def precision_draws(flags: Flags, success: Flags, fields: Integers) -> Array:
    """Precision in each bootstrap draw of whole fields, nan where none of them is flagged."""
    return share_draws(flags & success, flags, fields)


def threat_draws(flags: Flags, success: Flags, fields: Integers) -> Array:
    """Threat score in each draw: hits over all that were flagged or succeeded."""
    return share_draws(flags & success, flags | success, fields)


def share_draws(part: Flags, whole: Flags, fields: Integers, draws: int = DRAWS) -> Array:
    """Share of *whole* that is in *part*, in each bootstrap draw of whole fields.

    nan where nothing of the whole is drawn. The seed is fixed and the draws depend on *fields*
    alone, so two sets of flags over the same themes are compared draw by draw.
    """
    numbers, field = np.unique(fields, return_inverse=True)
    if not len(numbers):
        return np.full(draws, np.nan)
    hits = np.bincount(field, part, len(numbers))
    flagged = np.bincount(field, whole, len(numbers))
    often = np.random.default_rng(0).multinomial(
        len(numbers), np.full(len(numbers), 1 / len(numbers)), draws
    )
    total = often @ flagged
    return np.where(total > 0, often @ hits / np.maximum(total, 1), np.nan)


def interval(draws: Array) -> tuple[float, float]:
    """The middle 90 % of *draws*; those that are nan are left out."""
    low, high = np.nanquantile(draws, [0.05, 0.95])
    return float(low), float(high)


def precision_interval(
    flags: Flags, success: Flags, fields: Integers
) -> tuple[float, float] | None:
    """90 % interval of the precision, None when flags lie in fewer than five fields."""
    if len(np.unique(fields[flags])) < FEWEST:
        return None
    return interval(precision_draws(flags, success, fields))


# --- probabilities -----------------------------------------------------------


def probability_of(scores: Array, success: Flags) -> Probability:
    """The logistic curve from score to probability of success: two numbers, little to overfit.

    Where all succeeded, or none did, it is that share throughout.
    """
    from sklearn.linear_model import LogisticRegression

    if success.all() or not success.any():
        share = float(success.mean())
        return lambda other: np.full(len(other), share)
    scale = max(float(scores.std()), 1e-9)
    curve = LogisticRegression(C=1e6).fit(scores[:, None] / scale, success)
    return lambda other: np.asarray(curve.predict_proba(other[:, None] / scale)[:, 1])


def brier(probability: Array, success: Flags) -> tuple[float, float]:
    """Brier score, and its skill against always saying the base rate of these very themes.

    1 is perfect, 0 no better than the base rate, which a forecaster could not even know.
    """
    score = float(((probability - success) ** 2).mean())
    reference = float(success.mean() * (1 - success.mean()))
    return score, 1 - score / max(reference, 1e-9)


def reliability(
    probability: Array, success: Flags, bins: int = 5
) -> list[tuple[float, float, int]]:
    """Mean probability, share that succeeded and number, in bins of equal number."""
    order = np.argsort(probability, kind="stable")
    parts: list[npt.NDArray[np.int64]] = [p for p in np.array_split(order, bins) if len(p)]
    return [(float(probability[p].mean()), float(success[p].mean()), len(p)) for p in parts]
