"""ISO weeks as text (`2026-W10`): the unit of every run and report."""

import re
from datetime import date, timedelta

from config.errors import UsageError

WEEK = re.compile(r"(\d{4})-W(\d{2})")


def week_of(day: date) -> str:
    """The ISO week that contains *day*."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def first_day(week: str) -> date:
    """The Monday of *week*; UsageError when there is no such week."""
    found = WEEK.fullmatch(week)
    if not found:
        raise UsageError(f"{week!r} is not an ISO week such as 2026-W10")
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError as exc:
        raise UsageError(f"{week!r}: {exc}") from exc


def last_day(week: str) -> date:
    """The Sunday of *week*: what was available by then is what a run may know."""
    return first_day(week) + timedelta(days=6)


def shift(week: str, weeks: int) -> str:
    """The week that lies *weeks* after *week* (before it when negative)."""
    return week_of(first_day(week) + timedelta(weeks=weeks))


def weeks_between(start: str, end: str) -> int:
    """How many weeks *end* lies after *start*."""
    return (first_day(end) - first_day(start)).days // 7


def last_complete(today: date) -> str:
    """The newest week whose Sunday has passed."""
    return shift(week_of(today), -1)
