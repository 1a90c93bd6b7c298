"""Tables as bulk files hold them: CSV with named columns, or a JSON array of flat objects."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import IO, Any

from config.errors import InputError
from pipelines.importing.rows import Reject

MAX_CELL = 10_000_000  # characters; beyond it a quote was never closed
_UNDECODED = re.compile("[\udc80-\udcff]")
Cells = dict[str, str]
Placed = tuple[str, Cells | Reject]


def read_table(
    stream: IO[bytes], name: str, required: Sequence[str], others: Sequence[str] = ()
) -> Iterator[Placed]:
    """Each row by lower-case column name, with its place; a broken row comes as a Reject.

    Of a CSV only the columns *required* and *others* are handed out. InputError when the
    table as a whole is of no use: no header, a required column missing.
    """
    if name.lower().removesuffix(".gz").endswith(".json"):
        yield from _json_rows(stream, name)
    else:
        yield from _csv_rows(stream, name, required, others)


# --- CSV -------------------------------------------------------------------------


def _csv_rows(
    stream: IO[bytes], name: str, required: Sequence[str], others: Sequence[str]
) -> Iterator[Placed]:
    csv.field_size_limit(MAX_CELL)
    # Undecodable bytes become lone surrogates, so that one bad row does not cost the others.
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from _csv_body(text, name, required, others)
    finally:
        text.detach()  # the stream belongs to the caller


def _csv_body(
    text: io.TextIOWrapper, name: str, required: Sequence[str], others: Sequence[str]
) -> Iterator[Placed]:
    header = text.readline()
    delimiter = max(";,\t", key=header.count)
    columns = [cell.strip().lower() for cell in next(csv.reader([header], delimiter=delimiter), [])]
    missing = [column for column in required if column not in columns]
    wanted = {one: columns.index(one) for one in (*required, *others) if one in columns}
    if missing:
        raise InputError(f"{name} line 1: no column {', '.join(missing)}")
    rows = csv.reader(text, delimiter=delimiter)
    start = 2
    while True:
        where = f"{name} line {start}"
        try:
            cells = next(rows, None)
        except csv.Error as exc:
            yield where, Reject(where, f"not CSV: {exc}", "")
            start = rows.line_num + 2
            continue
        if cells is None:
            return
        start = rows.line_num + 2
        if not cells:
            continue
        yield where, _row(wanted, len(columns), cells, where, delimiter)


def _row(
    wanted: dict[str, int], width: int, cells: list[str], where: str, delimiter: str
) -> Cells | Reject:
    if len(cells) != width:
        reason = f"{len(cells)} columns, the header has {width}"
        return Reject(where, reason, delimiter.join(cells))
    row = {column: cells[index].strip() for column, index in wanted.items()}
    if not (joined := "".join(row.values())).isascii() and _UNDECODED.search(joined):
        return Reject(where, "not UTF-8", delimiter.join(cells))
    return row


# --- JSON ------------------------------------------------------------------------

_BLOCK = 1 << 20


def _json_rows(stream: IO[bytes], name: str) -> Iterator[Placed]:
    """Rows of a JSON array, decoded one at a time."""
    for number, value in enumerate(array_items(stream, name), start=1):
        where = f"{name} record {number}"
        if isinstance(value, dict):
            yield where, {str(key).lower(): _cell(cell) for key, cell in value.items()}
        else:
            yield where, Reject(where, "a JSON object is expected", json.dumps(value))


def array_items(stream: IO[bytes], name: str) -> Iterator[Any]:
    """The items of a JSON array without holding more than one; InputError names the record."""
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace")
    try:
        yield from _decoded(text, name)
    finally:
        text.detach()


def _decoded(text: io.TextIOWrapper, name: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    buffer = text.read(_BLOCK).lstrip()
    if not buffer.startswith("["):
        raise InputError(f"{name}: a JSON array is expected")
    buffer, number = buffer[1:], 0
    while True:
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(buffer)
        except (ValueError, RecursionError) as exc:
            more = text.read(max(_BLOCK, len(buffer)))
            if not more or len(buffer) > MAX_CELL:
                raise InputError(f"{name} record {number + 1}: not JSON: {exc}") from exc
            buffer += more
            continue
        # A number or word at the end of a block may go on in the next one.
        buffer, number = buffer[end:], number + 1
        yield value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)
