"""The stage that keeps the themes: week by week, with a fit every quarter.

Every week up to the wanted one is gone through in order, each in one transaction, so a
late run, a missed run and a killed one end at the same themes as punctual ones.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from config.configuration import Configuration
from config.errors import UsageError
from config.models import ThemeSettings
from config.weeks import first_day, last_day, shift, weeks_between
from nlp.documents import Vectors
from nlp.embed import configured_name
from nlp.labels import distinct
from nlp.registry import Change, Known, register, theme_id
from nlp.themes import OUTSIDE, Found, assign, fit_themes, parents, seeds
from pipelines.database import Database
from pipelines.embed import check_model
from pipelines.labels import Namer, namer_of, with_names
from pipelines.store import themes as store
from pipelines.store.duplicates import pass_on
from pipelines.store.themes import Membership, Texts, ThemeRow

log = logging.getLogger(__name__)


def themes(db: Database, configuration: Configuration, counts: Counter[str], *, week: str) -> None:
    """Bring the themes up to *week*.

    UsageError for a week before the first one, ConfigError when the themes are another
    model's.
    """
    settings = configuration.settings.themes
    model = configured_name(configuration.settings.embedding)
    check_model(db, model)
    namer = namer_of(configuration.settings.labels)
    done = store.advanced_weeks(db)
    if done:
        pass_on(db, done[-1][0])  # of what came since, also where no week is due
    for due in weeks_due(done, week):
        advance(db, settings, model, counts, week=due, namer=namer)


def weeks_due(done: Sequence[tuple[str, bool]], week: str) -> list[str]:
    """Weeks to go through up to *week*: only the wanted one in a new store."""
    if not done:
        return [week]
    first, last = done[0][0], done[-1][0]
    if week < first:
        raise UsageError(f"{week} lies before the first analysed week, {first}; use another folder")
    return [shift(last, step) for step in range(1, weeks_between(last, week) + 1)]


def advance(
    db: Database,
    settings: ThemeSettings,
    model: str,
    counts: Counter[str],
    *,
    week: str,
    namer: Namer | None = None,
) -> None:
    """Take the themes through one week: a fit, or assignment and a search for new themes.

    *namer* may give new themes other labels than their own; documents and signals stay the same.
    """
    done = store.advanced_weeks(db)
    pass_on(db, week)
    if is_fit_due(db, settings, model, done, week):
        fit(db, settings, model, counts, week=week, full=bool(done), namer=namer)
    else:
        follow(db, settings, model, counts, week=week, namer=namer)
    counts["weeks"] += 1


def is_fit_due(
    db: Database,
    settings: ThemeSettings,
    model: str,
    done: Sequence[tuple[str, bool]],
    week: str,
) -> bool:
    """In the first week, in each first week of a quarter, and when too much is unassigned."""
    if not done or quarter(week) != quarter(done[-1][0]):
        return True
    last_fit = max((when for when, fitted in done if fitted), default=done[0][0])
    if weeks_between(last_fit, week) < settings.refit_pause_weeks:
        return False
    first, last = window(settings, week)
    return store.unassigned_share(db, model, first, last) > settings.refit_share


def quarter(week: str) -> tuple[int, int]:
    """Year and quarter of the Thursday of *week*, the day that decides an ISO week's year."""
    thursday = first_day(shift(week, 0)).toordinal() + 3
    day = first_day(week).fromordinal(thursday)
    return day.year, (day.month - 1) // 3


def window(settings: ThemeSettings, week: str) -> tuple[str, str]:
    """First and last day of the documents that a fit in *week* looks at."""
    first = first_day(shift(week, 1 - settings.window_weeks))
    return first.isoformat(), last_day(week).isoformat()


# --- a fit -------------------------------------------------------------------


def fit(
    db: Database,
    settings: ThemeSettings,
    model: str,
    counts: Counter[str],
    *,
    week: str,
    full: bool,
    namer: Namer | None = None,
) -> None:
    """Find the themes of the window anew, starting from the known ones, and register them."""
    first, last = window(settings, week)
    texts = store.texts_between(db, model, first, last, by="published")
    live = store.live_themes(db, week)
    present = store.members_of(db, texts.ids)
    known = _centroids(live) if live else None
    found = fit_themes(texts.texts, texts.vectors, settings, known)
    members = [
        [
            Membership("", texts.ids[row], float(similarity))
            for row, similarity in zip(theme.members, theme.similarity, strict=True)
        ]
        for theme in found
    ]
    groups = [frozenset(member.document for member in group) for group in members]
    registration = register(
        found,
        groups,
        _known(live, present),
        next_number=store.next_theme_number(db),
        cosine=settings.identity_cosine,
    )
    placed = [
        replace(member, theme=theme)
        for theme, group in zip(registration.ids, members, strict=True)
        for member in group
    ]
    rows = _rows(found, registration.ids, {row.id: row for row in live}, week)
    rows = with_names(db, rows, placed, live, namer)
    kept = {(member.theme, member.document) for member in placed}
    store.save_week(
        db,
        week,
        fitted=True,
        parameters=_parameters(settings, model, texts, sum(map(len, groups))),
        themes=rows,
        members=placed,
        leaving=[(theme, doc) for doc, theme in present.items() if (theme, doc) not in kept],
        ended=_ended(registration.changes),
        events=[(c.theme, c.event, c.other, c.detail) for c in registration.changes],
    )
    counts["fits"] += 1
    counts["themes"] = len(rows)
    counts["outside"] = len(texts) - sum(map(len, groups))
    counts.update(change.event for change in registration.changes if full)
    log.info("week=%s fit documents=%d themes=%d", week, len(texts), len(rows))


def _known(live: Sequence[ThemeRow], present: dict[str, str]) -> list[Known]:
    documents: defaultdict[str, set[str]] = defaultdict(set)
    for document, theme in present.items():
        documents[theme].add(document)
    return [
        Known(row.id, row.anchor, row.centroid, row.keywords, frozenset(documents[row.id]))
        for row in live
    ]


def _rows(
    found: Sequence[Found], ids: Sequence[str], known: dict[str, ThemeRow], week: str
) -> list[ThemeRow]:
    """The rows of a fit's themes; a known theme keeps its anchor, its birth and its name."""
    if not found:
        return []
    over = parents(np.stack([t.centroid for t in found]), [len(t.members) for t in found])
    labels = {known[name].label for name in ids if name in known}
    rows = []
    for theme, name, parent in zip(found, ids, over, strict=True):
        old = known.get(name)
        rows.append(
            ThemeRow(
                id=name,
                label=old.label if old else distinct(theme.label, theme.keywords, labels),
                keywords=theme.keywords,
                created_week=old.created_week if old else week,
                anchor=old.anchor if old else theme.centroid,
                centroid=theme.centroid,
                radius=theme.radius,
                parent="" if parent == OUTSIDE else ids[parent],
            )
        )
    return rows


def _ended(changes: Sequence[Change]) -> dict[str, str]:
    return {c.theme: c.other for c in changes if c.event in ("merged", "ended")}


def _parameters(
    settings: ThemeSettings, model: str, texts: Texts, assigned: int
) -> dict[str, object]:
    return {
        **settings.model_dump(mode="json"),
        "model": model,
        "documents": len(texts),
        "assigned": assigned,
    }


# --- a week between fits -----------------------------------------------------


def follow(
    db: Database,
    settings: ThemeSettings,
    model: str,
    counts: Counter[str],
    *,
    week: str,
    namer: Namer | None = None,
) -> None:
    """Admit the week's documents to known themes and look for new ones among the rest."""
    live = store.live_themes(db, week)
    first, last = first_day(week).isoformat(), last_day(week).isoformat()
    new = store.texts_between(db, model, first, last, unassigned=True)
    admitted = _admit(new, live)
    born, founders = _new_themes(db, settings, model, live, admitted, week)
    born = with_names(db, born, founders, live, namer)
    store.save_week(
        db,
        week,
        fitted=False,
        parameters=_parameters(settings, model, new, len(admitted)),
        themes=born,
        members=[*admitted, *founders],
        events=[(row.id, "born", "", "among unassigned documents") for row in born],
    )
    counts["assigned"] += len(admitted) + len(founders)
    counts["outside"] += len(new) - len(admitted)
    counts["born"] += len(born)


def _admit(texts: Texts, live: Sequence[ThemeRow]) -> list[Membership]:
    if not live or not len(texts):
        return []
    radii = np.array([row.radius for row in live])
    nearest, similarity = assign(texts.vectors, _centroids(live), radii)
    return [
        Membership(live[theme].id, name, float(near))
        for name, theme, near in zip(texts.ids, nearest, similarity, strict=True)
        if theme != OUTSIDE
    ]


def _new_themes(
    db: Database,
    settings: ThemeSettings,
    model: str,
    live: Sequence[ThemeRow],
    admitted: Sequence[Membership],
    week: str,
) -> tuple[list[ThemeRow], list[Membership]]:
    """Themes among the unassigned documents of the last weeks, and their documents.

    A new theme also takes the older documents of the window that lie as near to it, so
    that it is not thought younger than it is.
    """
    first = first_day(shift(week, 1 - settings.seed_weeks)).isoformat()
    last = last_day(week).isoformat()
    taken = {member.document for member in admitted}
    oldest, _ = window(settings, week)
    pool = store.texts_between(db, model, first, last, unassigned=True, since=oldest)
    pool = _without(pool, taken)
    found = [
        theme
        for theme in seeds(pool.texts, pool.vectors, settings, settings.seed_likeness)
        if not _is_known(theme, live, settings)
    ]
    if not found:
        return [], []
    start = store.next_theme_number(db)
    labels = {row.label for row in live}
    rows = [
        ThemeRow(
            id=theme_id(start + number),
            label=distinct(theme.label, theme.keywords, labels),
            keywords=theme.keywords,
            created_week=week,
            anchor=theme.centroid,
            centroid=theme.centroid,
            radius=theme.radius,
        )
        for number, theme in enumerate(found)
    ]
    older = _without(
        store.texts_between(db, model, oldest, last, by="published", unassigned=True), taken
    )
    return rows, _admit(older, rows)


def _is_known(theme: Found, live: Sequence[ThemeRow], settings: ThemeSettings) -> bool:
    """Whether a known theme lies so near that this would only be its fringe."""
    if not live:
        return False
    return float((_centroids(live) @ theme.centroid).max()) >= settings.new_theme_cosine


def _without(texts: Texts, names: set[str]) -> Texts:
    keep = [row for row, name in enumerate(texts.ids) if name not in names]
    if len(keep) == len(texts):
        return texts
    return Texts(
        tuple(texts.ids[row] for row in keep),
        tuple(texts.texts[row] for row in keep),
        texts.vectors[keep],
    )


def _centroids(rows: Sequence[ThemeRow]) -> Vectors:
    return np.stack([row.centroid for row in rows])
