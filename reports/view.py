"""The report as ready sentences: what every rendering shows, decided once.

Templates hold layout and no decisions, so page, mail, Markdown and print say the same.
The values are plain JSON types; texts are cleaned but not yet escaped.
"""

from collections import Counter

from reports import wording as say
from reports.cards import CLASS_MARKS, View, card_view
from reports.front import front
from reports.method import method_lines, track_record
from reports.model import Bar, BlindSpot, Change, SourceHealth, WatchLine, WeeklyReport

# Sources and changes that are named; the sheet holds all.
SILENT, SPOKEN, CHANGES = 8, 24, 12


def view(report: WeeklyReport) -> View:
    """Everything a template needs, in the order it is read."""
    numbers = {card.theme: place for place, card in enumerate(report.cards, start=1)}
    return {
        "title": "Emerging themes this week",
        "week": report.week,
        "days": say.week_range(report.first_day, report.last_day),
        "audience": say.plain(report.audience.title, 120),
        "audience_kind": report.audience.kind,
        "audience_note": say.plain(report.audience.note, 1200),
        "front": front(report),
        "cards": [card_view(card, numbers[card.theme], report) for card in report.cards],
        "watch": [watch_view(line) for line in report.watch],
        "caution": [watch_view(line) for line in report.caution],
        "changes": [change_view(change) for change in report.changes[:CHANGES]],
        "changes_more": max(len(report.changes) - CHANGES, 0),
        "changes_title": f"Changes since {report.previous}" if report.previous else "Changes",
        "changes_none": (
            "No significant change." if report.previous else "First issue: nothing to compare with."
        ),
        "regional": report.audience.kind != "all",
        "blind_spots": [blind_spot_view(spot) for spot in report.blind_spots],
        "silent_priorities": silent_view(report),
        "sources": spoken(report),
        "sources_summary": sources_sentence(report),
        "silent_sources": [source_view(source) for source in report.silent_sources[:SILENT]],
        "silent_more": max(len(report.silent_sources) - SILENT, 0),
        "bars_title": "Themes per priority"
        if report.audience.kind != "all"
        else "Themes per region",
        "bars": [bar_view(bar) for bar in report.bars],
        "cells": [
            {
                "technology": say.plain(cell.technology, 60),
                "sector": say.plain(cell.sector, 60),
                "documents": cell.documents,
                "lift": f"{say.number(cell.lift)} (at least {say.number(cell.low)})",
            }
            for cell in report.cells
        ],
        "points": len(report.points),
        "method": method_lines(report),
        "track_record": track_record(report),
        "backtest": report.track_record.backtest,
    }


def watch_view(line: WatchLine) -> View:
    return {
        "label": say.title(say.plain(line.label, 90)),
        "class": line.theme_class,
        "class_name": say.CLASS_NAMES[line.theme_class],
        "mark": CLASS_MARKS.get(line.theme_class, "·"),
        "growth": say.growth(line.growth),
        "documents": say.count(line.documents, "document", "documents"),
        "why": say.brief(line.why) if line.why else "",
        "new": line.new,
    }


def change_view(change: Change) -> View:
    return {
        "kind": say.CHANGE_NAMES[change.kind],
        "label": say.title(say.plain(change.label, 90)),
        "from": say.CLASS_NAMES[change.before] if change.before else "",
        "to": say.CLASS_NAMES[change.after] if change.after else "",
        "why": say.plain(change.why, 260),
    }


def blind_spot_view(spot: BlindSpot) -> View:
    here = [say.plain(actor.name, 60) for actor in spot.actors]
    return {
        "label": say.title(say.plain(spot.label, 90)),
        "growth": say.growth(spot.growth),
        "documents": say.count(spot.documents, "document", "documents"),
        "actors": f"local: {say.listed(here)}" if here else "no local organisation takes part",
    }


def silent_view(report: WeeklyReport) -> list[View]:
    """Priority by priority for a region; counted by region in the report for all."""
    if report.audience.kind != "all":
        return [
            {"label": say.plain(one.title, 120), "detail": one.id}
            for one in report.silent_priorities
        ]
    counts = Counter(one.region_name for one in report.silent_priorities)
    if not counts:
        return []
    names = ", ".join(f"{say.plain(name, 60)} {n}" for name, n in sorted(counts.items()))
    total = f"{counts.total()} of {say.count(report.priorities, 'priority', 'priorities')}"
    return [{"label": total, "detail": names}]


def bar_view(bar: Bar) -> View:
    return {"label": say.plain(bar.label, 70), "flagged": bar.flagged, "themes": bar.themes}


def source_view(source: SourceHealth) -> View:
    state = {True: "heard", False: "not heard from", None: "imported"}[source.heard]
    return {
        "title": say.plain(source.title, 80),
        "state": state,
        "documents": source.documents,
        "reason": say.plain(source.reason, 160),
    }


def spoken(report: WeeklyReport) -> str:
    """Whose documents the week rests on, the largest first."""
    found = [
        f"{say.plain(one.title, 80)} ({one.documents:,})" for one in report.sources if one.documents
    ]
    if not found:
        return "No source had a document this week."
    return f"{say.first_of(found, SPOKEN)}."


def sources_sentence(report: WeeklyReport) -> str:
    """How complete the week's evidence is."""
    crawled = [source for source in report.sources if source.heard is not None]
    if not crawled:
        return "No source was crawled for this week: the report rests on imported archives."
    heard = sum(bool(source.heard) for source in crawled)
    if heard == len(crawled) == 1:
        return "The one source was heard from."
    if heard == len(crawled):
        return f"All {len(crawled)} sources were heard from."
    return f"{heard} of {len(crawled)} sources were heard from."
