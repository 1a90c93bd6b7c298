"""The print edition, set by typst from the same sentences as the page.

The texts reach typst as JSON, never as markup, so nothing in them can be a command. Only
typst's embedded fonts are used: the same week gives the same bytes on every machine.
"""

import json
from datetime import UTC, datetime
from importlib.resources import as_file, files

from reports import charts
from reports.model import WeeklyReport
from reports.view import view

FONT = "Libertinus Serif"


def render_pdf(report: WeeklyReport) -> bytes:
    """The PDF's bytes, at most four pages with up to five cards."""
    import typst

    content = {
        **view(report),
        "sparks": [charts.sparkline(card.sparkline) for card in report.cards],
        "map": charts.in_font(charts.emergence_map(report.points), FONT),
        "heat": charts.in_font(charts.heat_map(report.cells), FONT),
        "bar_chart": charts.in_font(charts.bars(report.bars), FONT),
    }
    day = datetime.fromisoformat(report.last_day).replace(tzinfo=UTC)
    with as_file(files("reports") / "templates" / "report.typ") as template:
        compiler = typst.Compiler(
            template,
            root=template.parent,
            font_paths=typst.Fonts(include_system_fonts=False),
            sys_inputs={"report": json.dumps(content, ensure_ascii=False)},
        )
        made = compiler.compile(format="pdf", timestamp=day)
    if not isinstance(made, bytes):
        raise TypeError("typst returned no single document")
    return made
