"""Figures of each theme that are worked out after every fit and kept until the next.

Reading two years of texts is for a fit, not for each week: between fits the figures stand, and
themes that are born there have none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from config.models import Settings
from config.weeks import last_day
from nlp.arrays import Array
from nlp.embed import configured_name
from nlp.evidence import Dated
from nlp.othercuts import Cut, agreement, other_cuts, rising_in
from nlp.risingwords import are_enough, word_table
from nlp.standing import REPLAY
from nlp.themes import OUTSIDE
from pipelines.database import Database
from pipelines.store import figures as store
from pipelines.store.signals import members_between
from pipelines.store.themes import advanced_weeks, live_themes, texts_between
from pipelines.themes import window

Figure = Mapping[str, float]  # theme -> number


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of the themes that a fit left."""

    rising: Figure  # rising words per recent document
    agreement: Figure  # share of the theme that grows in other cuts too


def figures(db: Database, settings: Settings, week: str) -> Figures:
    """The figures of the last fit up to *week*, worked out now if they were not before."""
    fits = [when for when, full in advanced_weeks(db) if full and when <= week]
    if not fits:
        return Figures({}, {})
    rising, agreed = (store.figures(db, table, fits[-1]) for table in store.TABLES)
    if rising is not None and agreed is not None:
        return Figures(rising, agreed)
    found = _counted(db, settings, fits[-1])
    for table, figure in zip(store.TABLES, (found.rising, found.agreement), strict=True):
        store.save(db, table, fits[-1], figure)
    return found


def _counted(db: Database, settings: Settings, week: str) -> Figures:
    """The figures as of *week*, from the documents and memberships known at its end."""
    first, last = window(settings.themes, week)
    found = store.dated_texts(db, first, last, languages=settings.embedding.languages)
    place = {one.id: row for row, one in enumerate(found)}
    names = [row.id for row in live_themes(db, week)]
    members = members_between(db, week, first, last)
    theme = np.full(len(found), OUTSIDE)
    for number, name in enumerate(names):
        theme[[place[one] for one in members.get(name, ()) if one in place]] = number
    dated = Dated(
        stream=np.array([settings.stream_numbers.get(one.kind, -1) for one in found], np.int64),
        source=_numbers([one.source for one in found]),
        age=np.array([_weeks(one.published, week) for one in found], np.int64),
        known=np.array([min(_weeks(one.available, week), REPLAY) for one in found], np.int64),
    )
    words = word_table([one.text for one in found])
    rising = rising_in(theme, len(names), words, dated, settings.streams)
    agreed: Array = np.full(len(names), np.nan)
    if are_enough(rising):
        cuts = _cuts(db, settings, first, last, place)
        agreed = agreement(theme, len(names), cuts, words, dated, settings.streams, settings.gates)
    return Figures(_named(names, rising), _named(names, agreed))


def _cuts(
    db: Database, settings: Settings, first: str, last: str, place: Mapping[str, int]
) -> list[Cut]:
    """Other cuts of the documents that have vectors; the others lie outside every cell."""
    model = configured_name(settings.embedding)
    texts = texts_between(db, model, first, last, by="published")
    here = [row for row, name in enumerate(texts.ids) if name in place]
    rows = [place[texts.ids[row]] for row in here]
    found = []
    for cut in other_cuts(texts.vectors[here], settings.themes):
        cell = np.full(len(place), OUTSIDE)
        cell[rows] = cut.cell
        found.append(Cut(cell, cut.centroids))
    return found


def _named(names: Sequence[str], values: Array) -> dict[str, float]:
    """*values* by theme; what is not known is left out."""
    return {
        name: round(float(value), 6)
        for name, value in zip(names, values, strict=True)
        if np.isfinite(value)
    }


def _weeks(day: str, week: str) -> int:
    return (last_day(week) - date.fromisoformat(day)).days // 7


def _numbers(names: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Each name as its place among all, in order of the alphabet."""
    return np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)[1]
