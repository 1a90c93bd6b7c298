from datetime import date

import pytest

from nlp.background import background
from nlp.newness import Seen, is_new, new_technologies


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("garnet electrolyte membrane", True),
        ("sequence to sequence learning", True),
        ("mathematical tool", False),
        ("wireless network", False),
        ("vaccination", False),
    ],
)
def test_news_is_what_is_rare_and_says_which(label, expected):
    assert is_new(label, background()) == expected


def test_three_documents_of_two_groups_make_a_candidate_and_spellings_count_together():
    def seen(label, groups):
        return [Seen(label, f"{label}{i}", group, f"2016-01-0{i + 1}")
                for i, group in enumerate(groups)]  # fmt: skip

    mentions = [
        *seen("garnet kiln", "ab"),
        *seen("Garnet-kilns", "c"),
        *seen("garnet furnace", "aaa"),
        *seen("garnet oven", "ab"),
        *seen("GKs", "abc"),
    ]
    [one] = new_technologies(mentions, background(), until=date(2016, 2, 1))
    assert (one.label, one.documents, one.groups) == ("garnet kiln", 3, 3)
    assert (one.first_seen, one.last_seen) == ("2016-01-01", "2016-01-02")


@pytest.mark.parametrize(("first", "expected"), [("2012-12-30", 0), ("2013-02-04", 1)])
def test_what_was_named_years_ago_is_no_news(first, expected):
    days = (first, "2016-01-01", "2016-01-02")
    mentions = [Seen("garnet kiln", day, day, day) for day in days]
    found = new_technologies(mentions, background(), until=date(2016, 2, 1))
    assert len(found) == expected
