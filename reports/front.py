"""The front page: at most 150 words that are read in a minute."""

from collections.abc import Sequence

from reports import wording as say
from reports.cards import View, step
from reports.model import Change, ThemeCard, WeeklyReport


def front(report: WeeklyReport) -> View:
    """At most 150 words: what is new, what changed class, one decision, the counts."""
    return {
        "headline": headline(report),
        "sentences": [sentence for sentence in _front_sentences(report) if sentence],
        "decision": decision(report),
        "numbers": [
            _number(report.documents, "document this week", "documents this week"),
            _number(_speaking(report), "source with news", "sources with news"),
            _number(report.themes, "theme followed", "themes followed"),
            _number(report.flagged, "emerging theme", "emerging themes"),
        ],
    }


def headline(report: WeeklyReport) -> str:
    """The one line a reader remembers; a region hears first of what touches its priorities."""
    if report.previous and not report.changes:
        return "No significant change this week"
    regional = report.audience.kind == "region"
    near = [card for card in report.cards if card.priorities or not regional]
    arrived = [
        change
        for change in report.changes
        if change.kind in ("new", "promoted") and change.after == "emerging"
    ]
    shown = {card.theme for card in near}
    arrived_near = [change for change in arrived if change.theme in shown]
    title = say.plain(report.audience.title, 60)
    if arrived_near:
        return f"New {f'for {title}' if regional else 'on the radar'}: {_labels(arrived_near)}"
    if near:
        return f"{'Still growing' if report.previous else 'First issue'}: {_labels(near)}"
    if arrived and regional:
        return f"New, but outside the priorities of {title}: {_labels(arrived)}"
    lost = [change for change in report.changes if change.kind == "unmatched"]
    if lost and regional:
        return f"No longer within the priorities of {title}: {_labels(lost)}"
    if report.flagged:
        return "Nothing new that concerns you this week"
    return "No emerging theme this week"


def _labels(values: Sequence[Change] | Sequence[ThemeCard]) -> str:
    """The first two labels, and how many more there are."""
    return say.first_of((say.plain(one.label, 60) for one in values), 2)


def _front_sentences(report: WeeklyReport) -> list[str]:
    return [_what_is_there(report), _what_changed(report), _what_is_missing(report)]


def _what_is_there(report: WeeklyReport) -> str:
    if not report.documents:
        return "No new document became available this week; what follows rests on earlier ones."
    if not report.flagged:
        return (
            f"None of {say.count(report.themes, 'theme', 'themes')} is flagged as emerging. "
            "An empty week is an ordinary result, not an error."
        )
    crossing = sum(card.cross_sector for card in report.cards)
    text = (
        f"{say.in_words(report.flagged).capitalize()} of "
        f"{say.count(report.themes, 'theme', 'themes')} "
        f"{'is' if report.flagged == 1 else 'are'} flagged as emerging"
    )
    if crossing:
        verb = "joins" if crossing == 1 else "join"
        text += f"; {say.in_words(crossing)} of those shown {verb} unlike sectors"
    return text + "."


def _what_changed(report: WeeklyReport) -> str:
    if not report.previous:
        return "This is the first issue, so there is nothing to compare with yet."
    if not report.changes:
        return f"Nothing entered, left or changed class since {report.previous}."
    kinds = [change.kind for change in report.changes]
    left = sum(kind in ("demoted", "dropped") for kind in kinds)
    matches = sum(kind in ("matched", "unmatched") for kind in kinds)
    moved = len(kinds) - left - matches
    parts = []
    if moved:
        parts.append(
            f"{say.in_words(moved)} {'theme' if moved == 1 else 'themes'} came up or changed"
        )
    if left:
        parts.append(f"{say.in_words(left)} went back")
    if matches:
        noun = "match with a priority" if matches == 1 else "matches with priorities"
        parts.append(f"{say.in_words(matches)} {noun} came or went")
    return f"Since {report.previous}, {say.listed(parts)}; the reasons are listed below."


def _what_is_missing(report: WeeklyReport) -> str:
    silent = report.silent_sources
    if not silent:
        return ""
    names = say.first_of((say.plain(source.title, 60) for source in silent), 3)
    return f"Not heard from: {names}. What they would have said is missing here."


def decision(report: WeeklyReport) -> str:
    """One suggestion for the week."""
    if not report.cards:
        return "No decision needed this week."
    # The first theme there is something to do about, else the first one.
    able = (card for card in report.cards if card.next_step.action != "watch")
    card = next(able, report.cards[0])
    label, day = say.plain(card.label, 80), say.day(card.next_step.by)
    return f"{step(card.next_step)}, because of {label}, by {day}."


def _number(value: int, one: str, many: str) -> dict[str, str]:
    return {"value": f"{value:,}", "name": one if value == 1 else many}


def _speaking(report: WeeklyReport) -> int:
    return sum(source.documents > 0 for source in report.sources)
