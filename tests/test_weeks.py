"""ISO weeks as text."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import UsageError
from config.weeks import first_day, last_complete, last_day, shift, week_of, weeks_between

DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 3, 2), "2026-W10"),
        (date(2016, 1, 3), "2015-W53"),
        (date(2024, 12, 30), "2025-W01"),
        (date(2021, 1, 3), "2020-W53"),
    ],
)
def test_the_days_around_new_year_lie_in_their_iso_week(day: date, week: str) -> None:
    assert week_of(day) == week


@given(DAYS)
def test_a_day_lies_within_its_own_week(day: date) -> None:
    week = week_of(day)
    assert first_day(week) <= day <= last_day(week)
    assert last_day(week) - first_day(week) == timedelta(days=6)


@given(DAYS, st.integers(-500, 500))
def test_shifting_there_and_back_changes_nothing(day: date, weeks: int) -> None:
    week = week_of(day)
    assert shift(shift(week, weeks), -weeks) == week
    assert weeks_between(week, shift(week, weeks)) == weeks


@given(DAYS, DAYS)
def test_weeks_sort_as_text(one: date, other: date) -> None:
    assert (week_of(one) < week_of(other)) == (first_day(week_of(one)) < first_day(week_of(other)))


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-10", "2026-W1", "2026-W00", "2026-W54", "2025-W53", "26-W10",
             "2026-W10 ", "0000-W01", "2026-w10"],
)  # fmt: skip
def test_what_is_no_week_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        first_day(text)
    assert repr(text) in str(caught.value)


def test_a_week_is_complete_when_its_sunday_has_passed() -> None:
    assert last_complete(date(2026, 11, 15)) == "2026-W45"  # a Sunday
    assert last_complete(date(2026, 11, 16)) == "2026-W46"
