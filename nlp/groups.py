"""Which documents are one piece of evidence, as of any day.

Documents come as pairs that tell the same. Groups are the connected parts of that relation
among the documents known on a day; the earliest of each stands for it. Days pass and groups
only grow, so a document stands for itself up to one day and never again: its own day for a
copy, a later one when a third document shows that two are the same story. That day, and who
took its place then, is all that is kept of a document, whatever order the pairs come in.
"""

from dataclasses import dataclass, field

import numpy as np

from nlp.arrays import Integers

FOREVER = 1 << 62  # later than any day


@dataclass(slots=True)
class Groups:
    """Documents by row, and what took the place of each since when."""

    ids: list[str] = field(default_factory=list)
    # Ordinals: when each became available.
    days: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    _above: dict[int, tuple[int, int]] = field(default_factory=dict)  # row -> (row, since)
    _members: dict[int, list[int]] = field(default_factory=dict)  # of groups of two and more

    def leader(self, row: int, day: int = FOREVER) -> int:
        """The row that stands for *row* at the end of *day*, which may be itself."""
        while (above := self._above.get(row)) and above[1] <= day:
            row = above[0]
        return row

    def above(self, row: int) -> tuple[int, int] | None:
        """Who took the place of *row* and on which day; None if it stands for itself."""
        return self._above.get(row)

    def members(self, row: int) -> list[int]:
        """All rows of its group, itself among them."""
        return self._members.get(self.leader(row), [row])

    def settle(self, row: int, above: int, since: int) -> None:
        """Take over what was found before: *above* took the place of *row* on the day *since*."""
        self._unite(row, above)
        self._above[row] = (above, since)

    def join(self, one: int, other: int) -> None:
        """Note that two rows tell the same."""
        self._unite(one, other)
        day = int(max(self.days[one], self.days[other]))
        while True:
            first, later = sorted(
                (self.leader(one, day), self.leader(other, day)), key=self._seniority
            )
            if first == later:
                return
            former = self._above.get(later)
            self._above[later] = (first, day)
            if former is None:
                return
            # On that later day *later* gave way to another, which is now one group with *first*.
            one, (other, day) = first, former

    def _seniority(self, row: int) -> tuple[int, str]:
        return int(self.days[row]), self.ids[row]

    def _unite(self, one: int, other: int) -> None:
        """Merge the member lists of two groups, the shorter into the longer."""
        first, later = sorted((self.leader(one), self.leader(other)), key=self._seniority)
        if first == later:
            return
        found = [self._members.pop(root, [root]) for root in (first, later)]
        few, many = sorted(found, key=len)
        many += few
        self._members[first] = many
