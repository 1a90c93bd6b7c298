"""Names of technologies as a labelling of tokens: outside, first or further token of a name.

A linear-chain conditional random field (Lafferty, McCallum & Pereira 2001): the labelling with
the largest sum of weights wins. The weights are learnt by `benchmarks/train_technologies.py`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from nlp.packed import packed_lines
from nlp.tokenfeatures import Key, expanded

UNIT = 100  # the file holds whole hundredths
REMEMBERED = 200_000  # sums kept, since the same words come again and again
Pair = tuple[float, float]  # for "first" and for "further", against "outside"


@dataclass(frozen=True, slots=True)
class Moves:
    """What it adds when one label follows another; all others add nothing."""

    enter: float  # outside -> first
    again: float  # first or further -> first: two names without a word between them
    second: float  # first -> further
    further: float  # further -> further
    leave_one: float  # first -> outside
    leave: float  # further -> outside


@dataclass(frozen=True, slots=True)
class Labeller:
    """Weights of features and moves; read with `labeller`."""

    weights: Mapping[str, Pair]
    moves: Moves
    _sums: dict[Key, Pair] = field(default_factory=dict)

    def names(self, described: Sequence[Sequence[Key]]) -> list[tuple[int, int, float]]:
        """Names as first token, token behind the last, and score, for tokens as described.

        The score, 0 to 1, is the logistic function of what the name gains over no name there.
        """
        gains = [self._gain(keys) for keys in described]
        return [
            (
                first,
                last,
                1 / (1 + math.exp(-min(30.0, max(-30.0, self._worth(gains[first:last]))))),
            )
            for first, last in best_names(gains, self.moves)
        ]

    def _gain(self, keys: Sequence[Key]) -> Pair:
        begin = on = 0.0
        for key in keys:
            pair = self._sums.get(key)
            if pair is None:
                pair = self._sum(key)
            begin += pair[0]
            on += pair[1]
        return begin, on

    def _sum(self, key: Key) -> Pair:
        if len(self._sums) >= REMEMBERED:
            self._sums.clear()
        known = [self.weights[one] for one in expanded(key) if one in self.weights]
        pair = sum(one[0] for one in known), sum(one[1] for one in known)
        self._sums[key] = pair
        return pair

    def _worth(self, gains: Sequence[Pair]) -> float:
        """What a name of tokens with *gains* adds, with its moves."""
        moves, size = self.moves, len(gains)
        inside = gains[0][0] + sum(on for _, on in gains[1:])
        if size == 1:
            return inside + moves.enter + moves.leave_one
        return inside + moves.enter + moves.second + (size - 2) * moves.further + moves.leave


def best_names(gains: Sequence[Pair], moves: Moves) -> Iterator[tuple[int, int]]:
    """The names of the best labelling (Viterbi 1967) as first token and token behind, in order."""
    outside, first, further = 0.0, -math.inf, -math.inf
    came: list[tuple[int, int, int]] = []  # for each label: 0, 1 or 2 before it
    for begin, on in gains:
        to_outside = (outside, first + moves.leave_one, further + moves.leave)
        to_first = (outside + moves.enter, first + moves.again, further + moves.again)
        to_further = (-math.inf, first + moves.second, further + moves.further)
        best = max(to_outside), max(to_first), max(to_further)
        came.append((to_outside.index(best[0]), to_first.index(best[1]), to_further.index(best[2])))
        outside, first, further = best[0], best[1] + begin, best[2] + on
    ends = (outside, first + moves.leave_one, further + moves.leave)
    label = ends.index(max(ends))
    found, last = [], len(gains)
    for i in range(len(gains) - 1, -1, -1):
        if label == 1:
            found.append((i, last))
        if label != 2:
            last = i
        label = came[i][label]
    yield from reversed(found)


@cache
def labeller() -> Labeller:
    """The packaged weights."""
    first, *lines = packed_lines("technologies")
    moves = Moves(*(int(value) / UNIT for value in first.split("\t")))
    weights = {}
    for line in lines:
        feature, begin, on = line.split("\t")
        weights[feature] = int(begin) / UNIT, int(on) / UNIT
    return Labeller(weights, moves)
