"""Everything behind the page as a workbook; no crawled text can become a formula or a link."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from reports.model import ThemeRow, WeeklyReport
from reports.wording import plain, safe_url

Cell = str | int | float | bool | None
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]
LONGEST = 2000  # characters of a cell: what a person would still read
WIDE = {"theme", "label", "keywords", "why", "title", "address", "reasons", "reason", "priority"}


def render_xlsx(report: WeeklyReport, rows: Sequence[ThemeRow]) -> bytes:
    """The workbook's bytes; the same report gives the same bytes."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(buffer, options) as book:
        # The day after the week ends, not the clock: the same week gives the same bytes.
        book.set_properties({"created": datetime.fromisoformat(report.last_day)})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        for name, header, lines in sheets(report, rows):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(header):
                sheet.write_string(0, column, title, bold)
                sheet.set_column(column, column, 44 if title in WIDE else 15)
            last = 0
            for last, line in enumerate(lines, start=1):
                for column, value in enumerate(line):
                    _write(sheet, last, column, value)
            sheet.autofilter(0, 0, max(last, 1), len(header) - 1)
    return buffer.getvalue()


def sheets(report: WeeklyReport, rows: Sequence[ThemeRow]) -> Iterable[Sheet]:
    """Each sheet's name, header and lines."""
    yield (
        "themes",
        ("theme", "label", "class", "flagged", "score", "growth", "growth low", "growth high", "q",
         "documents", "recent", "organisations", "countries", "first seen", "since",
         "crosses sectors", "cross score", "sectors", "part of", "confidence", "best match",
         "priority", "keywords", "not shown", "not judged", "why"),
        (
            (row.theme, row.label, row.theme_class, row.flagged, row.score, row.growth.ratio,
             row.growth.low, row.growth.high, row.growth.q, row.documents, row.recent,
             row.organisations, row.countries, row.first_seen, row.since, row.cross_sector,
             row.cross_score,
             "; ".join(f"{name} {share:.2f}" for name, share in sorted(row.sectors.items())),
             row.part_of, row.confidence, row.match, row.priority, ", ".join(row.keywords),
             "; ".join(row.missing), ", ".join(row.not_judged), row.why)
            for row in rows
        ),
    )  # fmt: skip
    yield (
        "evidence",
        ("theme", "label", "title", "source", "published", "kind", "address"),
        (
            (card.theme, card.label, link.title, link.source, link.published, link.kind,
             safe_url(link.url))
            for card in report.cards
            for link in card.links
        ),
    )  # fmt: skip
    yield (
        "priorities",
        ("theme", "label", "region", "priority", "title", "confirmed", "match", "reasons"),
        (
            (card.theme, card.label, one.region_name, one.id, one.title, one.confirmed, one.score,
             "; ".join(one.reasons))
            for card in report.cards
            for one in card.priorities
        ),
    )  # fmt: skip
    yield (
        "changes",
        ("theme", "label", "change", "before", "after", "why"),
        ((c.theme, c.label, c.kind, c.before, c.after, c.why) for c in report.changes),
    )
    yield (
        "blind spots",
        ("theme", "label", "growth", "growth low", "growth high", "documents", "local actors"),
        (
            (spot.theme, spot.label, spot.growth.ratio, spot.growth.low, spot.growth.high,
             spot.documents, ", ".join(actor.name for actor in spot.actors))
            for spot in report.blind_spots
        ),
    )  # fmt: skip
    yield (
        "silent priorities",
        ("region", "priority", "title"),
        ((one.region_name, one.id, one.title) for one in report.silent_priorities),
    )
    yield (
        "meetings",
        ("technology", "sector", "documents", "times chance", "at least", "theme"),
        ((c.technology, c.sector, c.documents, c.lift, c.low, c.theme) for c in report.cells),
    )
    yield (
        "sources",
        ("source", "title", "heard", "documents", "reason"),
        ((s.source, s.title, s.heard, s.documents, s.reason) for s in report.sources),
    )


def _write(sheet: Any, row: int, column: int, value: Cell) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no")
    elif isinstance(value, int | float):
        if math.isfinite(value):
            sheet.write_number(row, column, round(value, 4))
    else:
        # Forced to a string: a title that begins with = or @ stays a title.
        sheet.write_string(row, column, plain(value, LONGEST))
