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
    [one] = new_technologies(mentions, background())
    assert (one.label, one.documents, one.groups) == ("garnet kiln", 3, 3)
    assert (one.first_seen, one.last_seen) == ("2016-01-01", "2016-01-02")
