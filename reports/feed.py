"""The list of published issues: an Atom feed and a page to start from."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from reports.mail import published_at
from reports.templating import environment, template_text
from reports.wording import plain, title, week_range

FEED_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Issue:
    """One published report as the list shows it."""

    week: str
    first_day: str
    last_day: str
    audience: str
    kind: str
    title: str  # of the audience
    headline: str
    summary: str

    @property
    def address(self) -> str:
        """Relative to the folder of all reports."""
        return f"{self.week}/{self.audience}/report.html"


def read_issue(text: str) -> Issue:
    """How the report in *text* (a `report.json`) appears in the list.

    KeyError, TypeError or ValueError when it is something else.
    """
    record = json.loads(text)
    return Issue(
        record["week"],
        record["first_day"],
        record["last_day"],
        record["audience"]["code"],
        record["audience"]["kind"],
        title(plain(record["audience"]["title"], 120)),
        record["front"]["headline"],
        plain(" ".join(record["front"]["sentences"]), 600),
    )


def render_feed(issues: Sequence[Issue]) -> str:
    """Atom, newest week first; entry ids depend on week and audience alone."""
    entries = [
        {
            "id": uuid.uuid5(uuid.NAMESPACE_URL, f"trendscout/{one.week}/{one.audience}").urn,
            "title": f"{one.week}, {one.title}: {one.headline}",
            "updated": published_at(one.last_day).isoformat(),
            "summary": one.summary,
            "address": one.address,
        }
        for one in ordered(issues)[:FEED_LENGTH]
    ]
    updated = entries[0]["updated"] if entries else "1970-01-01T00:00:00+00:00"
    return environment().get_template("feed.xml.j2").render(entries=entries, updated=updated)


def render_index(issues: Sequence[Issue]) -> str:
    """The page above all reports."""
    weeks: list[dict[str, Any]] = []
    for week, group in groupby(ordered(issues), key=lambda one: one.week):
        members = list(group)
        days = week_range(members[0].first_day, members[0].last_day)
        weeks.append({"week": week, "days": days, "issues": members})
    style = Markup(template_text("style.css"))
    return environment().get_template("index.html.j2").render(weeks=weeks, style=style)


def ordered(issues: Sequence[Issue]) -> list[Issue]:
    """Newest week first; within it the overall report, then regions, then clusters."""
    kinds = ("all", "region", "cluster")
    by_title = sorted(issues, key=lambda one: (kinds.index(one.kind), one.title, one.audience))
    return sorted(by_title, key=lambda one: one.week, reverse=True)
