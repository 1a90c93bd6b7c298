"""Groups as of any day, against connected components found the plain way."""

import random
from itertools import pairwise

import numpy as np
import pytest

from nlp.groups import Groups


def groups_of(days, pairs):
    groups = Groups(ids=[f"d{row:02d}" for row in range(len(days))], days=np.array(days))
    for pair in pairs:
        groups.join(*pair)
    return groups


def leaders_by_hand(days, pairs, day):
    """For each document known by *day* the earliest it is connected with through known ones."""
    known = [row for row, own in enumerate(days) if own <= day]
    group = {row: {row} for row in known}
    for one, other in pairs:
        if one in group and other in group:
            merged = group[one] | group[other]
            group.update(dict.fromkeys(merged, merged))
    return {row: min(group[row], key=lambda member: (days[member], member)) for row in known}


@pytest.mark.parametrize("seed", range(30))
def test_every_day_is_told_as_it_was_whatever_came_first(seed):
    draw = random.Random(seed)
    days = [draw.randrange(8) for _ in range(14)]
    pairs = [tuple(draw.sample(range(14), 2)) for _ in range(draw.randrange(4, 18))]
    groups = groups_of(days, pairs)
    for day in range(9):
        by_hand = leaders_by_hand(days, pairs, day)
        assert {row: groups.leader(row, day) for row in by_hand} == by_hand
        for row, leader in by_hand.items():
            above = groups.above(row)
            assert (leader == row) == (above is None or above[1] > day)


def test_settled_groups_go_on_as_before():
    days, pairs = (1, 2, 3, 9, 5, 4), [(0, 3), (1, 3), (2, 1), (4, 5)]
    first = groups_of(days, pairs)
    again = groups_of(days, [])
    for row in range(len(days)):
        if above := first.above(row):
            again.settle(row, *above)
    for groups in (first, again):
        groups.join(5, 1)
        assert sorted(groups.members(5)) == list(range(6))
    for day in range(10):
        for row in range(len(days)):
            assert first.leader(row, day) == again.leader(row, day)


def test_a_group_knows_all_its_members():
    groups = groups_of(range(5), pairwise(range(4)))
    assert sorted(groups.members(2)) == [0, 1, 2, 3]
    assert groups.members(4) == [4]
    groups.join(4, 2)
    assert sorted(groups.members(0)) == [0, 1, 2, 3, 4]
