"""Pictures as SVG text: Altair describes them, vl-convert draws them, no browser, no network.

Colours are Okabe and Ito's, told apart by colour-blind readers; class is also shown by
shape, so nothing rests on colour alone. Without data there is no picture: the answer is
empty and the page says so in words.
"""

import json
import math
import re
import zlib
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec

from reports.model import Bar, Cell, Growth, Point, ThemeClass
from reports.wording import CLASS_NAMES, plain

P = ParamSpec("P")
INK, FAINT, GRID = "#1c2733", "#5b6875", "#dfe4ea"
COLOURS: dict[ThemeClass, str] = {
    "emerging": "#0072b2",
    "weak_signal": "#56b4e9",
    "established": "#009e73",
    "hype": "#d55e00",
    "fading": "#8a929b",
}
SHAPES: dict[ThemeClass, str] = {
    "emerging": "triangle-up",
    "weak_signal": "circle",
    "established": "square",
    "hype": "diamond",
    "fading": "triangle-down",
}
RECENT_BARS = 3  # about the recent window of thirteen weeks
SANS = "Helvetica, Arial, sans-serif"
_RATIOS = (0.05, 50.0)  # what the map can hold; beyond it a theme sits on the edge


def in_font(svg: str, font: str) -> str:
    """The same drawing with its texts set in *font*."""
    return svg.replace(f'font-family="{SANS}"', f'font-family="{font}"')


def drawing(describe: Callable[P, str]) -> Callable[P, str]:
    """Remember drawings, since reports share most of them, and build them quickly.

    Altair checks every part against its schema while it is put together, which takes ten
    times as long as the drawing; vl-convert refuses a wrong description anyway.
    """

    @lru_cache(maxsize=512)
    @wraps(describe)
    def quickly(*args: P.args, **kwargs: P.kwargs) -> str:
        from altair.utils import schemapi

        with schemapi.debug_mode(False):
            return describe(*args, **kwargs)

    return quickly  # type: ignore[return-value]


@drawing
def sparkline(counts: tuple[int, ...]) -> str:
    """Documents per four weeks as small bars, the recent ones darker."""
    if not any(counts):
        return ""
    values = [
        {"place": place, "count": count, "recent": place >= len(counts) - RECENT_BARS}
        for place, count in enumerate(counts)
    ]
    import altair as alt

    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar()
        .encode(
            x=alt.X("place:O", axis=None, scale=alt.Scale(paddingInner=0.25)),
            y=alt.Y("count:Q", axis=None),
            color=alt.condition(
                "datum.recent", alt.value(COLOURS["emerging"]), alt.value("#b9c4cf")
            ),
        )
        .properties(width=150, height=34)
    )
    return _svg(chart)


@drawing
def emergence_map(points: tuple[Point, ...]) -> str:
    """Recent evidence against growth, with the 90 % interval; cards carry their number."""
    values = [_point(point) for point in points if _drawable(point.growth)]
    if not values:
        return ""
    import altair as alt

    shown = [one for one in SHAPES if any(value["name"] == CLASS_NAMES[one] for value in values)]
    names = [CLASS_NAMES[one] for one in shown]
    x = alt.X(
        "recent:Q",
        title="recent documents",
        scale=alt.Scale(type="log", nice=False, padding=16),
        axis=alt.Axis(format="d", tickCount=4, grid=False),
    )
    y_scale = alt.Scale(type="log", nice=False, padding=16)
    y_axis = alt.Axis(values=[0.25, 0.5, 1, 2, 4, 8, 16, 32], format="~g")
    base = alt.Chart(alt.InlineData(values=values))
    legend = alt.Legend(title=None, orient="top", columns=len(names))
    intervals = base.mark_rule(color="#9fabb7", strokeWidth=1).encode(
        x=x,
        y=alt.Y("low:Q", scale=y_scale, axis=y_axis, title="share of the corpus, times before"),
        y2="high:Q",
    )
    marks = base.mark_point(filled=True, opacity=1).encode(
        x=x,
        y=alt.Y("ratio:Q", scale=y_scale, axis=y_axis, title="share of the corpus, times before"),
        color=alt.Color(
            "name:N",
            scale=alt.Scale(domain=names, range=[COLOURS[one] for one in shown]),
            legend=legend,
        ),
        shape=alt.Shape(
            "name:N",
            scale=alt.Scale(domain=names, range=[SHAPES[one] for one in shown]),
            legend=legend,
        ),
        size=alt.condition("datum.card", alt.value(130), alt.value(45)),
    )
    numbers = base.mark_text(dy=-13, fontWeight="bold", fontSize=12, color=INK).encode(
        x=x, y=alt.Y("ratio:Q", scale=y_scale), text="card:N"
    )
    line = (
        alt.Chart(alt.InlineData(values=[{"one": 1}]))
        .mark_rule(color=FAINT, strokeDash=[3, 3])
        .encode(y=alt.Y("one:Q", scale=y_scale))
    )
    return _svg((line + intervals + marks + numbers).properties(width=300, height=190))


@drawing
def heat_map(cells: tuple[Cell, ...]) -> str:
    """Technologies by sectors, significant cells only; the number is of documents."""
    if not cells:
        return ""
    import altair as alt

    values = [
        {
            "technology": plain(cell.technology, 34),
            "sector": plain(cell.sector, 30),
            "low": round(cell.low, 3),
            "documents": cell.documents,
        }
        for cell in cells
    ]
    dark = 0.6 * max(cell.low for cell in cells)  # from here on ink cannot be read
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X("sector:N", title=None, axis=alt.Axis(labelAngle=-30, orient="top")),
        y=alt.Y("technology:N", title=None),
    )
    boxes = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "low:Q",
            scale=alt.Scale(scheme="blues", domainMin=0),
            legend=alt.Legend(
                title="times chance, at least", orient="bottom", gradientLength=120, tickCount=3
            ),
        )
    )
    numbers = base.mark_text(fontSize=11).encode(
        text="documents:Q",
        color=alt.condition(f"datum.low > {dark}", alt.value("white"), alt.value(INK)),
    )
    return _svg((boxes + numbers).properties(width=alt.Step(46), height=alt.Step(22)))


@drawing
def bars(values: tuple[Bar, ...]) -> str:
    """Themes per region or priority: flagged ones dark, the others light."""
    if not any(bar.themes for bar in values):
        return ""
    import altair as alt

    rows = [
        {"label": plain(bar.label, 42), "kind": kind, "themes": number, "place": place}
        for bar in values
        for place, (kind, number) in enumerate(
            (
                ("emerging themes", bar.flagged),
                ("other themes that match", bar.themes - bar.flagged),
            )
        )
    ]
    most = max(bar.themes for bar in values)
    ticks = list(range(0, most + 1, max(1, most // 5)))
    labels = list(dict.fromkeys(str(row["label"]) for row in rows))
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            y=alt.Y("label:N", title=None, sort=labels, axis=alt.Axis(labelLimit=230)),
            x=alt.X("themes:Q", title="themes", axis=alt.Axis(values=ticks, format="d")),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(
                    domain=["emerging themes", "other themes that match"],
                    range=[COLOURS["emerging"], "#b9d3e6"],
                ),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            order=alt.Order("place:O"),
        )
        .properties(width=230, height=alt.Step(18))
    )
    return _svg(chart)


# --- drawing -----------------------------------------------------------------


def _drawable(growth: Growth) -> bool:
    bounds = (growth.ratio, growth.low, growth.high)
    return all(math.isfinite(bound) and bound > 0 for bound in bounds)


def _point(point: Point) -> dict[str, Any]:
    low, high = _RATIOS
    growth = point.growth
    ratio, lower, upper = (
        min(max(value, low), high) for value in (growth.ratio, growth.low, growth.high)
    )
    return {
        "recent": max(point.recent, 1),
        "ratio": ratio,
        "low": lower,
        "high": upper,
        "name": CLASS_NAMES[point.theme_class],
        "card": str(point.number) if point.number else "",
    }


def _svg(chart: Any) -> str:
    """The chart as an `<svg>` element that can stand inside a page."""
    axis = {
        "labelColor": FAINT,
        "titleColor": FAINT,
        "titleFontWeight": "normal",
        "labelFontSize": 11,
        "titleFontSize": 11,
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
    }
    chart = chart.configure(
        font=SANS,
        background="transparent",
        padding=2,
        axis=axis,
        legend={"labelColor": FAINT, "titleColor": FAINT, "titleFontWeight": "normal"},
        view={"stroke": None},
    )
    return _drawn(json.dumps(chart.to_dict(validate=False), sort_keys=True))


def _drawn(specification: str) -> str:
    """The drawing of a Vega-Lite description in JSON."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(specification)
    # Identifiers are counted over the process and would clash when several drawings stand
    # in one page: name them after the drawing and count anew.
    own = f"d{zlib.crc32(specification.encode()):08x}"
    names = dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg))
    for place, name in enumerate(names):
        svg = svg.replace(f'id="{name}"', f'id="{own}-{place}"')
        svg = svg.replace(f"url(#{name})", f"url(#{own}-{place})")
    return str(svg)
