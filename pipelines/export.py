"""Export: documents, mentions, themes, signals and matches of one week, for other programs.

JSON lines follow docs/formats.md. In sheets every text is written as text, so
that a title from the web that begins with `=` is never run as a formula.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any

from config.errors import StoreError, UsageError
from config.weeks import last_day
from pipelines.database import Database
from pipelines.exchange import as_values
from pipelines.store import exports
from pipelines.store.documents import records_until
from pipelines.store.reports import ThemeState, states_of_week, was_analysed

Row = dict[str, Any]

MAX_CELL = 32_767  # characters of one cell, Excel's own limit
MAX_ROWS = 1_048_576
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(db: Database, what: str, week: str, form: str, stream: IO[bytes]) -> int:
    """Write the rows of *what* to *stream*; returns how many. UsageError for an unknown one."""
    if what not in EXPORTS or form not in FORMATS:
        choice = f"{', '.join(EXPORTS)} as {', '.join(FORMATS)}"
        raise UsageError(f"export {what} as {form}: there are {choice}")
    if what in ("themes", "signals", "matches") and not was_analysed(db, week):
        raise UsageError(f"{week} has not been analysed: run `trendscout analyse --week {week}`")
    return FORMATS[form](EXPORTS[what](db, week), stream)


@contextmanager
def output(path: Path) -> Iterator[IO[bytes]]:
    """*path* for writing: it appears whole or not at all."""
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as stream:
            yield stream
        partial.replace(path)
    except OSError as exc:
        raise StoreError(f"{path}: cannot be written ({exc})") from exc
    finally:
        partial.unlink(missing_ok=True)


# --- rows ------------------------------------------------------------------------


def _documents(db: Database, week: str) -> Iterator[Row]:
    return (as_values(record) for record in records_until(db, last_day(week)))


def _themes(db: Database, week: str) -> Iterator[Row]:
    members = exports.members_of_week(db, week)
    known = exports.technologies_of_week(db, week)
    new = exports.new_technologies_of_week(db, week)
    for state in states_of_week(db, week):
        technologies = [*known.get(state.theme, []), *new.get(state.theme, [])]
        yield theme_line(state, members.get(state.theme, []), technologies)


def theme_line(state: ThemeState, members: list[str], technologies: list[str]) -> Row:
    """One theme as every evaluation reads it; the keys and their order are a contract."""
    signal, cross, growth = state.signal, state.cross, state.signal.growth
    pairs = [
        {
            "first": pair.first,
            "second": pair.second,
            "documents": pair.documents,
            "lift": pair.lift,
            "low": pair.low,
            "q": pair.q,
            "since": pair.since,
        }
        for pair in cross.pairs
    ]
    return {
        "theme": state.theme,
        "week": signal.week,
        "label": state.label,
        "keywords": list(state.keywords),
        "class": signal.theme_class,
        "flagged": signal.flagged,
        "score": signal.score,
        "growth": {"ratio": growth.ratio, "low": growth.low, "high": growth.high, "q": growth.q},
        "cross_sector": {
            "flagged": cross.flagged,
            "score": cross.score,
            "sectors": cross.sectors,
            "pairs": pairs,
        },
        "documents": signal.documents,
        "recent": signal.recent,
        "organisations": signal.organisations,
        "first_seen": signal.first_seen,
        "technologies": technologies,
        "document_ids": members,
    }


EXPORTS: dict[str, Callable[[Database, str], Iterator[Row]]] = {
    "documents": _documents,
    "mentions": exports.mentions_until,
    "themes": _themes,
    "signals": exports.signals_of_week,
    "matches": exports.matches_of_week,
}

# --- formats ---------------------------------------------------------------------


def write_jsonl(rows: Iterable[Row], stream: IO[bytes]) -> int:
    """One JSON object a line; not-a-number becomes null, which JSON knows."""
    count = 0
    for row in rows:
        stream.write(json.dumps(_finite(row), ensure_ascii=False, allow_nan=False).encode() + b"\n")
        count += 1
    return count


def write_csv(rows: Iterable[Row], stream: IO[bytes]) -> int:
    """Comma-separated with a header and a byte order mark, as spreadsheets open it best."""
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    columns, rows = _columns(rows)
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([_csv_cell(row.get(column)) for column in columns])
        count += 1
    text.detach()  # the stream belongs to the caller
    return count


def write_xlsx(rows: Iterable[Row], stream: IO[bytes]) -> int:
    """One sheet; texts are written as texts, numbers as numbers."""
    from xlsxwriter import Workbook

    packed = io.BytesIO()
    book = Workbook(packed, {"constant_memory": True})
    sheet = book.add_worksheet("export")
    columns, rows = _columns(rows)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column)
    count = 0
    for count, row in enumerate(rows, start=1):
        if count >= MAX_ROWS:
            raise UsageError(f"more than {MAX_ROWS - 1:,} rows: choose csv or jsonl")
        for place, column in enumerate(columns):
            value = _flat(row.get(column))
            if isinstance(value, str):
                sheet.write_string(count, place, _fitting(value))
            else:
                sheet.write_number(count, place, value)
    book.close()
    stream.write(packed.getvalue())
    return count


FORMATS: dict[str, Callable[[Iterable[Row], IO[bytes]], int]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "xlsx": write_xlsx,
}
# Optional keys that the first row may lack.
_OPTIONAL = ("url", "language", "keywords", "topics", "organisations", "author_keys", "funding")


def _columns(rows: Iterable[Row]) -> tuple[list[str], Iterable[Row]]:
    """The columns, from the first row and what documents may have besides."""
    stream = iter(rows)
    first = next(stream, None)
    if first is None:
        return ["empty"], ()
    more = [*_OPTIONAL, "licence"] if "published" in first else []
    return list(dict.fromkeys([*first, *more])), chain([first], stream)


def _flat(value: Any) -> str | int | float:
    """One cell: numbers stay numbers, what is nested becomes JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else ""
    if isinstance(value, str):
        return value
    return json.dumps(_finite(value), ensure_ascii=False)


def _csv_cell(value: Any) -> str:
    """CSV knows no types: the apostrophe is how spreadsheets are told that this is text."""
    flat = _flat(value)
    if isinstance(flat, str) and flat.lstrip(" \n").startswith(_FORMULA):
        return f"'{flat}"
    return str(flat)


def _fitting(text: str) -> str:
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _finite(value: Any) -> Any:
    """*value* with None for infinities and not-a-number, at any depth."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float) and not (abs(value) < float("inf")):
        return None
    return value
