"""The stage that judges every theme of a week."""

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from config.configuration import Configuration
from config.errors import UsageError
from config.models import Settings, Stream
from config.weeks import first_day, last_day, shift, week_of, weeks_between
from nlp.arrays import Array, Integers
from nlp.crosssector import cross_sector
from nlp.documents import CrossSector, SectorPair, Signal
from nlp.evidence import Evidence, Facts, Tally, as_admitted
from nlp.former import FORMER_WEEKS, YEAR_WEEKS, grown
from nlp.growth import BLOCK_WEEKS
from nlp.independence import effective_number, groups_of
from nlp.neighbourhood import cosines
from nlp.sectorcorpus import sector_corpus
from nlp.signals import weekly_signals
from nlp.standing import REPLAY
from pipelines.database import Database
from pipelines.figures import Figures, figures
from pipelines.store import signals as store
from pipelines.store import themes as theme_store
from pipelines.store.sectors import first_together, sectors_between
from pipelines.store.themes import ThemeRow, followed
from pipelines.themes import window as fit_window

log = logging.getLogger(__name__)


def signals(db: Database, configuration: Configuration, counts: Counter[str], *, week: str) -> None:
    """Write one signal per live theme for *week* and for missed weeks before it.

    A week that was judged before is judged again from what was known then, and comes out
    the same. UsageError when the themes have not reached the week.
    """
    advanced = [when for when, _ in theme_store.advanced_weeks(db)]
    if week not in advanced:
        raise UsageError(f"the themes have not reached {week}; run `trendscout analyse` for it")
    judged = store.weeks_with_signals(db)
    for due in [when for when in advanced if when < week and when not in judged] + [week]:
        judge_week(db, configuration, counts, week=due)


def judge_week(
    db: Database, configuration: Configuration, counts: Counter[str], *, week: str
) -> None:
    """Compute and store the signals of one week."""
    settings = configuration.settings
    evidence = gather(db, settings, week)
    found = weekly_signals(evidence, settings.gates)
    crossings = cross_sectors(db, configuration, found, week)
    store.save_signals(
        db, week, [(signal, crossings.get(signal.theme, CrossSector())) for signal in found]
    )
    counts["signals"] += len(found)
    for signal in found:
        counts[signal.theme_class] += 1


def cross_sectors(
    db: Database, configuration: Configuration, found: Sequence[Signal], week: str
) -> Mapping[str, CrossSector]:
    """Whether each theme of *found* joins sectors, from its documents of the window."""
    settings = configuration.settings
    first, last = fit_window(settings.themes, week)
    documents = {one.id: one for one in sectors_between(db, first, last)}
    codes = [code for scheme, code in configuration.sectors if scheme == "ecosystem"]
    corpus = sector_corpus(documents.values(), codes, until=last_day(week))
    members = store.members_between(db, week, first, last)
    crossings = {
        signal.theme: cross_sector(
            [documents[name] for name in members.get(signal.theme, ()) if name in documents],
            corpus,
            seed=settings.themes.seed,
        )
        for signal in found
    }
    return since_ever(db, crossings, codes, before=first)


def since_ever(
    db: Database, crossings: Mapping[str, CrossSector], sectors: Sequence[str], *, before: str
) -> Mapping[str, CrossSector]:
    """*crossings* with the day of pairs that had met in documents before the window's first day."""
    met = {(pair.first, pair.second) for one in crossings.values() for pair in one.pairs}
    older = first_together(db, sorted(met), sectors, before=before)

    def told(pair: SectorPair) -> SectorPair:
        return replace(pair, since=older.get((pair.first, pair.second), pair.since))

    return {
        theme: replace(one, pairs=tuple(told(pair) for pair in one.pairs))
        for theme, one in crossings.items()
    }


# --- evidence ------------------------------------------------------------------


def gather(db: Database, settings: Settings, week: str) -> Evidence:
    """Everything known at the end of *week* that signals are computed from."""
    live = theme_store.live_themes(db, week)
    first, last = window(settings.streams.values(), week)
    counted = store.member_counts(db, week, first, last, replay=REPLAY)
    heard = store.all_counts(db, first, last, languages=settings.embedding.languages, replay=REPLAY)
    sources = {name: number for number, name in enumerate(sorted({row[2] for row in heard}))}
    streams = settings.stream_numbers
    places = {row.id: number for number, row in enumerate(live)}
    anchors = np.stack([row.anchor for row in live]) if live else np.empty((0, 0), np.float32)
    inside = tally(counted, places, streams, sources)
    everything = as_admitted(
        tally(heard, {"": -1}, streams, sources), inside, weeks_since_fit(db, week)
    )
    times = grown(
        inside,
        everything,
        *former(db, settings, week, places, sources),
        (len(live), len(streams), len(sources)),
        families(db, week, places),
    )
    return Evidence(
        week=week,
        themes=facts(db, live, counted, week, first, last, figures(db, settings, week), times),
        members=inside,
        everything=everything,
        sources=len(sources),
        streams=settings.streams,
        likeness=cosines(anchors),
    )


def former(
    db: Database,
    settings: Settings,
    week: str,
    themes: Mapping[str, int],
    sources: Mapping[str, int],
) -> tuple[Tally, Tally]:
    """Documents of themes, and all, in the year that ended three years before *week*."""
    end = shift(week, -FORMER_WEEKS)
    first = first_day(shift(end, 1 - YEAR_WEEKS)).isoformat()
    last = last_day(end).isoformat()
    heard = store.all_counts(db, first, last, languages=settings.embedding.languages, replay=0)
    # A store that reached back less far has nothing to look up.
    counted = store.member_counts(db, week, first, last, replay=0) if heard else []
    streams = settings.stream_numbers
    carried = {**carried_on(db, week, themes), **themes}
    return tally(counted, carried, streams, sources), tally(heard, {"": -1}, streams, sources)


def families(db: Database, week: str, themes: Mapping[str, int]) -> Integers:
    """A number for each theme, the same for those that were one three years before *week*."""
    parents = theme_store.split_off(db, shift(week, -FORMER_WEEKS), week)
    roots = [followed(parents, one) for one in themes]
    numbers = {name: number for number, name in enumerate(sorted(set(roots)))}
    return np.array([numbers[root] for root in roots], dtype=np.int64)


def carried_on(db: Database, week: str, themes: Mapping[str, int]) -> dict[str, int]:
    """The place among *themes* of what carries a retired theme on: its heir, or one of its family.

    A retired theme keeps its oldest documents, those that no fit looked at any more.
    """
    heirs = theme_store.heirs(db, week)
    parents = theme_store.split_off(db, shift(week, -FORMER_WEEKS), week)
    family: dict[str, int] = {}
    for theme, place in themes.items():
        family.setdefault(followed(parents, theme), place)
    found = {}
    for theme in heirs:
        heir = followed(heirs, theme)
        root = followed(parents, heir)
        if heir in themes or root in family:
            found[theme] = themes[heir] if heir in themes else family[root]
    return found


def weeks_since_fit(db: Database, week: str) -> int:
    """Weeks up to *week* whose documents came after the themes' last fit; 0 without one."""
    fits = [when for when, fitted in theme_store.advanced_weeks(db) if fitted and when <= week]
    return weeks_between(fits[-1], week) if fits else 0


def window(streams: Iterable[Stream], week: str) -> tuple[str, str]:
    """First and last day of the longest window, with room for the weeks that are replayed."""
    weeks = max((s.bin_weeks * (s.recent_bins + s.base_bins) for s in streams), default=52)
    first = first_day(shift(week, 1 - weeks - REPLAY - BLOCK_WEEKS))
    return first.isoformat(), last_day(week).isoformat()


def tally(
    rows: Sequence[store.Counted],
    themes: Mapping[str, int],
    streams: Mapping[str, int],
    sources: Mapping[str, int],
) -> Tally:
    """Counted rows as arrays, without themes that ended and kinds that no stream counts."""
    numbers = [
        (themes[theme], streams[kind], sources[source], age, known, count)
        for theme, kind, source, age, known, count in rows
        if theme in themes and kind in streams and source in sources
    ]
    table = np.array(numbers, dtype=np.int64).reshape(-1, 6)
    return Tally(*table.T)


def facts(
    db: Database,
    live: Sequence[ThemeRow],
    members: Sequence[store.Counted],
    week: str,
    first: str,
    last: str,
    kept: Figures,
    grown: Array,
) -> list[Facts]:
    """What is known of each live theme besides its counts, in their order."""
    born = store.birthdays(db, week, last)
    parties = store.parties(db, week, first, last)
    authors = store.signatures_of_authors(db, week, first, last)
    amounts = store.amounts(db, week, first, last)
    documents: Counter[str] = Counter()
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for theme, _, source, _, _, count in members:
        documents[theme] += count
        sources[theme].add(source)
    return [
        replace(
            _facts_of(
                row.id, week, documents[row.id], len(sources[row.id]), born.get(row.id),
                parties.get(row.id, {}), authors.get(row.id, []), amounts.get(row.id, 0.0),
            ),
            rising=kept.rising.get(row.id, math.nan),
            agreement=kept.agreement.get(row.id, math.nan),
            grown=float(grown[place]),
        )
        for place, row in enumerate(live)
    ]  # fmt: skip


def _facts_of(
    theme: str,
    week: str,
    documents: int,
    sources: int,
    born: tuple[str, str] | None,
    party: Mapping[str, float],
    authors: Sequence[tuple[str, ...]],
    amount: float,
) -> Facts:
    first, third = born or (last_day(week).isoformat(),) * 2
    age = (last_day(week) - date.fromisoformat(third)).days // 7
    variety = party.get("variety", effective_number([keys[0] for keys in authors]))
    return Facts(
        theme=theme,
        first_seen=week_of(date.fromisoformat(first)),
        age_weeks=age,
        organisations=int(party.get("organisations", 0)),
        countries=int(party.get("countries", 0)),
        sources=sources,
        groups=groups_of(authors),
        named=party.get("naming", 0) / max(documents, 1),
        signed=len(authors) / max(documents, 1),
        variety=variety,
        amount_eu=amount,
    )
