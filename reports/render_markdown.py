"""The report as Markdown, for wikis and tickets."""

import re
from typing import Any

from reports.model import WeeklyReport
from reports.templating import environment
from reports.view import view

_SPECIAL = re.compile(r"([\\`*_\[\]#|~$])")
_LIST_MARK = re.compile(r"^(?:([-+=])|(\d+)([.)]))(?=\s|$)")


def render_markdown(report: WeeklyReport) -> str:
    """Front page, cards and lists; every text is escaped before the template sees it."""
    return environment().get_template("report.md.txt.j2").render(escaped(view(report)))


def escaped(value: Any, key: str = "") -> Any:
    """*value* with every text in it escaped; addresses were checked and stay as they are."""
    if isinstance(value, dict):
        return {name: escaped(one, name) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [escaped(one) for one in value]
    if isinstance(value, str) and key != "url":
        return escape(value)
    return value


def escape(text: str) -> str:
    """*text* as it stands, whatever Markdown or HTML it imitates."""
    text = _SPECIAL.sub(r"\\\1", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LIST_MARK.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", text)
