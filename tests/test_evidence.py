"""What documents since the last fit are counted against."""

import numpy as np
import pytest

from nlp.evidence import Tally, as_admitted

SINCE = 4  # weeks


def tally(theme, before, since):
    """*before* documents in each of four weeks before a fit, *since* in each of four after."""
    age = np.arange(8)
    documents = np.where(age < SINCE, since, before)
    zeros = np.zeros(8, dtype=np.int64)
    return Tally(np.full(8, theme), zeros, zeros, age, age, documents)


def totals(all_before, all_since, members_before, members_since):
    found = as_admitted(
        tally(-1, all_before, all_since), tally(0, members_before, members_since), SINCE
    )
    return found.documents[-1], found.documents[0]


def test_new_weeks_count_as_many_documents_as_themes_admit():
    before, since = totals(1000, 1000, 900, 800)
    assert before == 1000
    assert since == pytest.approx(1000 * 8 / 9, rel=0.01)


def test_a_theme_that_takes_more_than_was_usual_lowers_no_share():
    assert totals(1000, 1000, 500, 900) == (1000, 1000)


def test_few_new_documents_change_little():
    before, since = totals(100, 1, 90, 0)
    assert before == 100
    assert since > 0.85


def test_in_the_week_of_a_fit_nothing_changes():
    everything = tally(-1, 1000, 1000)
    found = as_admitted(everything, tally(0, 900, 300), 0)
    assert found.documents.tolist() == everything.documents.tolist()
