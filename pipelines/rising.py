"""Rising words of each theme, counted after every fit and kept until the next."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from config.models import Settings
from config.weeks import last_day
from nlp.risingwords import dates, rising_words, word_table
from pipelines.database import Database
from pipelines.store import rising as store
from pipelines.store.signals import members_between
from pipelines.store.themes import advanced_weeks, live_themes
from pipelines.themes import window


def rising(db: Database, settings: Settings, week: str) -> Mapping[str, float]:
    """Rising words per recent document of each theme that the last fit up to *week* left.

    Reading two years of texts is for a fit, not for each week: between fits the figures
    stand, and themes that are born there have none.
    """
    fits = [when for when, full in advanced_weeks(db) if full and when <= week]
    if not fits:
        return {}
    found = store.figures(db, fits[-1])
    if found is None:
        found = _counted(db, settings, fits[-1])
        store.save(db, fits[-1], found)
    return found


def _counted(db: Database, settings: Settings, week: str) -> dict[str, float]:
    """The figures as of *week*, from the documents and memberships known at its end."""
    first, last = window(settings.themes, week)
    found = store.dated_texts(db, first, last, languages=settings.embedding.languages)
    place = {one.id: row for row, one in enumerate(found)}
    names = [row.id for row in live_themes(db, week)]
    members = members_between(db, week, first, last)
    theme = np.full(len(found), -1)
    for number, name in enumerate(names):
        theme[[place[one] for one in members.get(name, ()) if one in place]] = number
    figures = rising_words(
        word_table([one.text for one in found]),
        theme,
        len(names),
        dates(
            np.array([_weeks(one.published, week) for one in found], dtype=np.int64),
            np.array([settings.stream_numbers.get(one.kind, -1) for one in found], dtype=np.int64),
            _numbers([one.source for one in found]),
            settings.streams,
        ),
    )
    return {name: round(float(figure), 6) for name, figure in zip(names, figures, strict=True)}


def _weeks(published: str, week: str) -> int:
    return (last_day(week) - date.fromisoformat(published)).days // 7


def _numbers(names: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Each name as its place among all, in order of the alphabet."""
    return np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)[1]
