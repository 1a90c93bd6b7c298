"""Names of technologies as a labelling of tokens: outside, first or further token of a name.

A linear-chain conditional random field (Lafferty, McCallum & Pereira 2001): the labelling with
the largest sum of weights wins. The weights are learnt by `benchmarks/train_technologies.py`.
They are whole hundredths, so that no order of summing them makes a difference.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from nlp.packed import packed_lines
from nlp.tokenfeatures import SEEN_FROM, Described, Value, expanded

UNIT = 100  # a weight of one
NEVER = -(10**9)
REMEMBERED = 600_000  # rows of sums; some are shared, and a word has one for each place
MARGIN = max(abs(step) for steps in SEEN_FROM.values() for step in steps)
Numbers = npt.NDArray[np.intp]
Pair = tuple[int, int]  # for "first" and for "further", against "outside"


@dataclass(frozen=True, slots=True)
class Moves:
    """What it adds when one label follows another; all others add nothing."""

    enter: int  # outside -> first
    again: int  # first or further -> first: two names without a word between them
    second: int  # first -> further
    further: int  # further -> further
    leave_one: int  # first -> outside
    leave: int  # further -> outside


class Sums:
    """The weights of what stands in a slot, summed over its features, for "first" and "further".

    Sums are remembered, since the same words come again and again.
    """

    def __init__(self, weights: Mapping[str, Pair]) -> None:
        self.weights = weights
        self._rows: dict[str, Rows] = {}  # of `_table`, for each slot
        self._table = array("i")  # two columns

    def of(self, described: Described) -> list[Pair]:
        """The sums over all slots for each token."""
        if len(self._table) > 2 * REMEMBERED:
            self._rows.clear()
            del self._table[:]
        if not any(described.values()):
            return []
        rows: list[Sequence[int] | Numbers] = []
        for slot, values in described.items():
            known = self._rows.setdefault(slot, Rows(slot, self._add))
            found = [known[value] for value in values]
            if steps := SEEN_FROM.get(slot):
                edge = [known[""]] * MARGIN
                wide = np.array([*edge, *found, *edge])
                shifts = enumerate(MARGIN + step for step in steps)
                rows += [wide[first : first + len(found)] + k for k, first in shifts]
            else:
                rows.append(found)
        table = np.frombuffer(self._table, dtype=np.intc).reshape(-1, 2)
        sums: list[Pair] = table[np.array(rows)].sum(axis=0).tolist()
        return sums

    def _add(self, slot: str, value: Value) -> int:
        """The first of new rows of the table, one for each place that *value* is seen from."""
        first = len(self._table) // 2
        for step in SEEN_FROM.get(slot, (0,)):
            begin = on = 0
            for feature in expanded(slot, value, step):
                if pair := self.weights.get(feature):
                    begin += pair[0]
                    on += pair[1]
            self._table.extend((begin, on))
        return first


class Rows(dict[Value, int]):
    """Where the sum of each value of a slot stands; a new value is added when it is asked for."""

    def __init__(self, slot: str, add: Callable[[str, Value], int]) -> None:
        self._slot, self._add = slot, add

    def __missing__(self, value: Value) -> int:
        row = self[value] = self._add(self._slot, value)
        return row


@dataclass(frozen=True, slots=True)
class Labeller:
    """Sums of weights, and moves; read with `labeller`."""

    sums: Sums
    moves: Moves

    def names(self, described: Described) -> list[tuple[int, int, float]]:
        """Names as first token, token behind the last, and score, for tokens as described.

        The score, 0 to 1, is the logistic function of what the name gains over no name there.
        """
        gains = self.sums.of(described)
        return [
            (first, last, 1 / (1 + math.exp(-self._worth(gains[first:last]) / UNIT)))
            for first, last in best_names(gains, self.moves)
        ]

    def _worth(self, gains: Sequence[Pair]) -> int:
        """What a name of tokens with *gains* adds, with its moves."""
        moves, size = self.moves, len(gains)
        inside = gains[0][0] + sum(on for _, on in gains[1:])
        if size == 1:
            return inside + moves.enter + moves.leave_one
        return inside + moves.enter + moves.second + (size - 2) * moves.further + moves.leave


def best_names(gains: Sequence[Pair], moves: Moves) -> Iterator[tuple[int, int]]:
    """The names of the best labelling (Viterbi 1967) as first token and token behind, in order."""
    leave_one, leave, enter, again = moves.leave_one, moves.leave, moves.enter, moves.again
    outside, first, further = 0, NEVER, NEVER
    came: list[tuple[int, int, int]] = []  # for each label: 0, 1 or 2 before it
    for begin, on in gains:
        rest, before_rest = outside, 0
        if first + leave_one > rest:
            rest, before_rest = first + leave_one, 1
        if further + leave > rest:
            rest, before_rest = further + leave, 2
        start, before_start = outside + enter, 0
        if first + again > start:
            start, before_start = first + again, 1
        if further + again > start:
            start, before_start = further + again, 2
        more, before_more = first + moves.second, 1
        if further + moves.further > more:
            more, before_more = further + moves.further, 2
        came.append((before_rest, before_start, before_more))
        outside, first, further = rest, start + begin, more + on
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
    moves = Moves(*map(int, first.split("\t")))
    weights = {}
    for line in lines:
        feature, begin, on = line.split("\t")
        weights[feature] = int(begin), int(on)
    return Labeller(Sums(weights), moves)
