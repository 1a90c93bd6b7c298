"""Dated events: how long before its date was a topic flagged?

The list (`benchmarks.eventlist`) is found in texts, matched to themes and set against the
weeks of flags. `python -m benchmarks.events` checks the list and counts it. In order:

    events = load_events()
    mentioned = mentions(texts, events)                          # once for a corpus
    documents = documents_in_time(mentioned, months, events)
    events_of = {theme: matches([mentioned[row] for row in rows]) for theme, rows in ...}
    found = lead_times(first_flags, events_of, documents, events, (first_week, last_week))
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from benchmarks.eventlist import Events, TechnologyEvent, fold, load_events
from config.weeks import last_day

__all__ = ["Events", "documents_in_time", "lead_times", "load_events", "matches", "mentions"]

SHARE, LEAST = 0.30, 3  # of a theme's documents that must name an event
VISIBLE = 10  # documents of a corpus that must name an event before it is judged
AFTER_PEAK = 36  # months after its peak in which a hype did not grow


# --- finding events in texts and themes --------------------------------------


def mentions(texts: Sequence[str], events: Events) -> list[frozenset[str]]:
    """For each text, the ids of the events of which it contains a term as a phrase.

    Whole words only; case, hyphens and plural do not matter ("Smart-Contracts" is
    "smart contract"). Title and abstract should both be in the text. Compute it once
    for a corpus and pass the rows of a theme on to `matches`.
    """
    starting: dict[str, list[tuple[list[str], str]]] = {}
    for event in events.all:
        for term in event.terms:
            words = fold(term).split()
            starting.setdefault(words[0], []).append((words, event.id))
    found = []
    for text in texts:
        words = fold(text).split()
        found.append(
            frozenset(
                id
                for place, word in enumerate(words)
                for phrase, id in starting.get(word, ())
                if words[place : place + len(phrase)] == phrase
            )
        )
    return found


def matches(mentioned: Sequence[frozenset[str]]) -> list[str]:
    """The events that a theme is about, most named first (ties by id).

    *mentioned* holds what `mentions` returned for the documents of the theme. The rule:
    an event belongs to the theme when at least 30 % of its documents, and at least 3,
    contain one of the event's terms. Label and keywords play no part, so the way themes
    are named cannot move the result. A theme can match several events, and an event
    several themes.
    """
    counts: dict[str, int] = {}
    for ids in mentioned:
        for id in ids:
            counts[id] = counts.get(id, 0) + 1
    least = max(LEAST, SHARE * len(mentioned))
    return sorted((id for id, n in counts.items() if n >= least), key=lambda id: (-counts[id], id))


def documents_in_time(
    mentioned: Sequence[frozenset[str]], months: Sequence[str], events: Events
) -> dict[str, int]:
    """How many documents name each event while it can be judged, by event id.

    *months* holds the month of each document (`2015-03`), in step with *mentioned*. A
    technology counts documents before the month in which it took off, a hype those up to
    36 months after its peak. Events without a document have 0.
    """
    ends = {one.id: one.took_off for one in events.technologies}
    ends |= {one.id: later(one.peak, AFTER_PEAK + 1) for one in events.hypes}
    counts = dict.fromkeys(ends, 0)
    for ids, month in zip(mentioned, months, strict=True):
        for id in ids:
            counts[id] += month < ends[id]
    return counts


# --- lead times --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lead:
    """One event set against the flags of the themes that are about it."""

    event: str
    kind: Literal["technology", "hype"]
    month: str  # in which the technology took off, or the hype was at its peak
    documents: int  # of the corpus that name it while it can be judged
    themes: int  # that matched it
    judged: bool  # whether it counts in the shares
    flagged: str | None  # week of the first stable flag of its themes
    months: int | None  # from the flag to *month*; above 0: flagged before


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """All events, and the figures over the judged ones (None: nothing to judge)."""

    leads: tuple[Lead, ...]
    technologies: int  # judged
    before: float | None  # share of them flagged before their month
    median_months: float | None  # over those flagged at all, early or late
    hypes: int  # judged
    hypes_flagged: float | None  # share of them flagged by 36 months after the peak


def lead_times(
    first_flags: Mapping[str, str | None],
    events_of: Mapping[str, Sequence[str]],
    documents: Mapping[str, int],
    events: Events,
    span: tuple[str, str],
) -> LeadTimes:
    """How long before their dates events were flagged; pure, no clock and no files.

    first_flags: theme -> ISO week of its first stable flag (`2015-W26`), None when it was
        never flagged. Themes of separate cut-offs may be given under separate names, with
        the week of the cut-off.
    events_of: theme -> event ids, from `matches`; a theme that is missing matched nothing.
    documents: event id -> documents, from `documents_in_time`.
    span: first and last ISO week in which flags could be raised.

    The first flag of an event is the earliest of its themes. Lead time is counted in whole
    calendar months from the month in which that week ends to the month of the event, so a
    flag in the month itself is 0 and not "before".
    A technology is judged when it took off after the first month of *span*, and not after
    the last, and 10 documents named it before. A hype is judged when *span* meets the time
    from its announcement to 36 months after its peak and 10 documents named it by then;
    it counts as flagged when its first flag lies no later than that, also when it was
    still growing then: the share is an upper bound of false alarms. The share of
    technologies flagged before counts those that no theme matched as missed.
    """
    start, end = month_of(span[0]), month_of(span[1])
    weeks: dict[str, list[str | None]] = {}
    for theme, ids in events_of.items():
        for id in ids:
            weeks.setdefault(id, []).append(first_flags.get(theme))
    leads = []
    for event in events.all:
        seen = weeks.get(event.id, [])
        week = min((one for one in seen if one is not None), default=None)
        count = documents.get(event.id, 0)
        if isinstance(event, TechnologyEvent):
            month, inside = event.took_off, start < event.took_off <= end
        else:
            month = event.peak
            inside = start <= later(event.peak, AFTER_PEAK) and event.announced <= end
        leads.append(
            Lead(
                event=event.id,
                kind="technology" if isinstance(event, TechnologyEvent) else "hype",
                month=month,
                documents=count,
                themes=len(seen),
                judged=inside and count >= VISIBLE,
                flagged=week,
                months=None if week is None else months_between(month_of(week), month),
            )
        )
    return _summary(leads)


def _summary(leads: Sequence[Lead]) -> LeadTimes:
    technologies = [one for one in leads if one.judged and one.kind == "technology"]
    hypes = [one for one in leads if one.judged and one.kind == "hype"]
    months = [one.months for one in technologies if one.months is not None]
    early = sum(one > 0 for one in months)
    wrong = sum(one.months is not None and one.months >= -AFTER_PEAK for one in hypes)
    return LeadTimes(
        leads=tuple(leads),
        technologies=len(technologies),
        before=early / len(technologies) if technologies else None,
        median_months=median(months) if months else None,
        hypes=len(hypes),
        hypes_flagged=wrong / len(hypes) if hypes else None,
    )


# --- months ------------------------------------------------------------------


def month_of(week: str) -> str:
    """The month in which an ISO week ends; UsageError when there is no such week."""
    return f"{last_day(week):%Y-%m}"


def months_between(start: str, end: str) -> int:
    """How many months *end* lies after *start*, negative when it lies before."""
    return _number(end) - _number(start)


def later(month: str, months: int) -> str:
    """The month that lies *months* after *month*."""
    year, number = divmod(_number(month) + months, 12)
    return f"{year}-{number + 1:02d}"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def main() -> None:
    events = load_events()
    early = sum(one.took_off < "2018" for one in events.technologies)
    read = sum(one.confidence == "verified" for one in events.all)
    print(f"technologies {len(events.technologies)}: {early} until 2017, the others later")
    print(f"hypes {len(events.hypes)}; sources read for {read} of {len(events.all)} entries")


if __name__ == "__main__":
    main()
