"""What `trendscout status` shows: sources and their health, documents, themes, last runs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.models import Source
from pipelines.database import Database
from pipelines.store.documents import document_counts
from pipelines.store.runs import last_crawls, last_stages, theme_counts

COLOURS = {"healthy": "green", "unusual": "yellow", "failed": "red", "never read": "yellow"}


def show_status(
    db: Database, sources: Mapping[str, Source], console: Console, *, today: date
) -> None:
    """Print the tables to *console*."""
    console.print(source_table(last_crawls(db), sources, today))
    console.print(_table("Documents", DOCUMENTS, document_counts(db)))
    console.print(_table("Themes", ("class", "themes"), theme_counts(db)))
    console.print(_table("Last stages", STAGES, map(_stage_row, last_stages(db, limit=12))))


DOCUMENTS = ("kind", "source", "language", "documents", "duplicates", "first", "last")
STAGES = ("started", "stage", "week", "status", "counts")
SOURCES = (
    *("source", "crawl", "state", "last success", "new", "updated", "dropped", "reported"),
    *("errors", "reason"),
)


def source_table(
    crawls: Mapping[str, Mapping[str, Any]], sources: Mapping[str, Source], today: date
) -> Table:
    """One line a source, those that need a person first."""
    rows = [source_row(source, crawls.get(name), today) for name, source in sources.items()]
    order = {state: number for number, state in enumerate(("failed", "unusual", "never read"))}
    rows.sort(key=lambda row: (order.get(row["state"], 9), row["crawl"], row["source"]))
    return _table("Sources", SOURCES, rows)


def source_row(source: Source, crawl: Mapping[str, Any] | None, today: date) -> dict[str, Any]:
    """What is known of one source, empty cells for what is not."""
    if crawl is None:
        state = "paused" if source.crawl == "paused" else "never read"
        row = {"source": source.name, "crawl": source.crawl, "state": state}
        return row | {"reason": source.paused_because}
    success = crawl["success"] or ""
    age = (today - date.fromisoformat(success)).days if success else None
    return {
        "source": source.name,
        "crawl": source.crawl,
        "state": crawl["verdict"],
        "last success": f"{success} ({age} d ago)" if success else "never",
        "new": crawl["new"],
        "updated": crawl["updated"],
        "dropped": crawl["dropped"],
        "reported": crawl["reported_total"],
        "errors": crawl["errors"],
        "reason": crawl["reason"] or source.paused_because,
    }


def _stage_row(row: Mapping[str, Any]) -> dict[str, Any]:
    counts = " ".join(f"{key}={value}" for key, value in sorted(row["counts"].items()))
    return {**row, "counts": counts}


def _table(title: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Table:
    """Cells are plain text: a title from the web must not become markup."""
    table = Table(title=title, title_justify="left", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        cells = ("" if (value := row.get(column)) is None else str(value) for column in columns)
        table.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in cells))
    return table
