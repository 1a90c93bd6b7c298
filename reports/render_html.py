"""One printable page that needs nothing from outside: styles and drawings stand in it."""

from markupsafe import Markup

from reports import charts
from reports.model import WeeklyReport
from reports.templating import environment, template_text
from reports.view import view


def render_html(report: WeeklyReport) -> str:
    """The report as a single HTML file; everything that was crawled is escaped."""
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            view(report),
            style=Markup(template_text("style.css")),
            sparks=[Markup(charts.sparkline(card.sparkline)) for card in report.cards],
            map=Markup(charts.emergence_map(report.points)),
            heat=Markup(charts.heat_map(report.cells)),
            bar_chart=Markup(charts.bars(report.bars)),
        )
    )
