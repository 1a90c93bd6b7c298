"""Training of the linear-chain conditional random field that `nlp.labeller` reads.

Three labels: 0 outside, 1 first token of a name, 2 further token. The weights minimise the
negative log likelihood plus ridge penalties (Lafferty, McCallum & Pereira 2001) by L-BFGS.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from nlp.arrays import Array

Text = Sequence[Sequence[str]]  # the features of each token

LABELS = 3
NEVER = -1e4  # a further token without a first one
ROUNDS = 200
MOVE_RIDGE = 0.1


@dataclass(frozen=True, slots=True)
class Field:
    """What was learnt: weights (features, 3) and moves (3, 3), from one label to the next."""

    features: tuple[str, ...]
    weights: Array
    moves: Array


@dataclass(frozen=True, slots=True)
class Portion:
    """Texts of about one length, whose tokens are rows *first* to *last* of the table."""

    first: int
    last: int
    present: npt.NDArray[np.bool_]  # (texts, longest)


def learn(
    texts: Sequence[Text], labels: Sequence[Sequence[int]], *, least: int, ridge: float
) -> Field:
    """The field for *texts* and the labels of their tokens; features seen *least* times count."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    texts, labels = [texts[i] for i in order], [labels[i] for i in order]
    seen = Counter(feature for text in texts for token in text for feature in token)
    features = tuple(sorted(feature for feature, count in seen.items() if count >= least))
    table = table_of(texts, {feature: i for i, feature in enumerate(features)})
    turned = table.T.tocsr()
    right = np.eye(LABELS)[np.concatenate([np.asarray(one) for one in labels])]
    moved = np.zeros((LABELS, LABELS))
    for one in labels:
        np.add.at(moved, (list(one[:-1]), list(one[1:])), 1)
    allowed = np.zeros((LABELS, LABELS))
    allowed[0, 2] = NEVER
    parts = list(portions([len(text) for text in texts]))
    size = len(features) * LABELS

    def loss(values: Array) -> tuple[float, Array]:
        weights = values[:size].reshape(-1, LABELS)
        moves = values[size:].reshape(LABELS, LABELS)
        gains = table @ weights
        expected = np.empty_like(gains)
        gradient = moved.copy()
        total = float((gains * right).sum() + (moved * moves).sum())
        for part in parts:
            some = slice(part.first, part.last)
            log, expected[some], pairs = expectations(gains[some], moves + allowed, part.present)
            total -= log
            gradient -= pairs
        penalty = 0.5 * ridge * (weights**2).sum() + 0.5 * MOVE_RIDGE * (moves**2).sum()
        downhill = turned @ (right - expected) - ridge * weights
        slope = np.concatenate([downhill.ravel(), (gradient - MOVE_RIDGE * moves).ravel()])
        return float(penalty - total), -slope

    start = np.zeros(size + LABELS * LABELS)
    values = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    return Field(
        features, values[:size].reshape(-1, LABELS), values[size:].reshape(LABELS, LABELS) + allowed
    )


def table_of(texts: Sequence[Text], columns: dict[str, int]) -> sparse.csr_matrix:
    """One row for each token of *texts*, 1 where it has a feature."""
    rows, found = [], []
    for row, token in enumerate(token for text in texts for token in text):
        for feature in token:
            column = columns.get(feature)
            if column is not None:
                rows.append(row)
                found.append(column)
    shape = (sum(map(len, texts)), len(columns))
    return sparse.csr_matrix((np.ones(len(rows)), (rows, found)), shape=shape)


def portions(lengths: Sequence[int], many: int = 8) -> Iterator[Portion]:
    """*many* portions of texts that are sorted by length."""
    row = 0
    for some in np.array_split(np.asarray(lengths), many):
        if len(some):
            present = np.arange(some.max())[None, :] < some[:, None]
            yield Portion(row, row + int(some.sum()), present)
            row += int(some.sum())


def expectations(
    gains: Array, moves: Array, present: npt.NDArray[np.bool_]
) -> tuple[float, Array, Array]:
    """Log of the sum over all labellings, and how often labels and moves are expected.

    Shapes: *gains* and the expected labels (tokens, 3), *moves* and the expected ones (3, 3).
    Forward-backward algorithm, all texts of a portion at once.
    """
    padded = np.zeros((*present.shape, LABELS))
    padded[present] = gains
    ahead = np.empty_like(padded)
    ahead[:, 0] = padded[:, 0] + np.array([0.0, 0.0, NEVER])
    behind = np.zeros_like(padded)
    longest = present.shape[1]
    for i in range(1, longest):
        come = _log_sum(ahead[:, i - 1, :, None] + moves, 1) + padded[:, i]
        ahead[:, i] = np.where(present[:, i, None], come, ahead[:, i - 1])
    for i in range(longest - 2, -1, -1):
        go = _log_sum(moves + (padded[:, i + 1] + behind[:, i + 1])[:, None, :], 2)
        behind[:, i] = np.where(present[:, i + 1, None], go, 0)
    log = _log_sum(ahead[:, -1], 1)
    expected = np.exp(ahead + behind - log[:, None, None])[present]
    following = (padded[:, 1:] + behind[:, 1:])[:, :, None, :]
    pairs = np.exp(ahead[:, :-1, :, None] + moves + following - log[:, None, None, None])
    return float(log.sum()), expected, (pairs * present[:, 1:, None, None]).sum((0, 1))


def _log_sum(values: Array, axis: int) -> Array:
    largest = values.max(axis, keepdims=True)
    total: Array = largest + np.log(np.exp(values - largest).sum(axis, keepdims=True))
    return total.squeeze(axis)
