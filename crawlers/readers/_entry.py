"""What every kind of feed comes down to before it is judged."""

from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One entry before it is judged: texts as the feed gave them, possibly markup."""

    key: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    days: tuple[str, ...] = ()  # the best first
    language: str = ""
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    licence: str = ""


def given(*values: Any) -> tuple[str, ...]:
    """The values that are there, as text."""
    return tuple(str(value).strip() for value in values if value and str(value).strip())
