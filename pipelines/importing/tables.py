"""Tables as bulk files hold them: CSV with named columns, or a JSON array of flat objects."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import IO, Any

from config.errors import InputError
from pipelines.importing.rows import Reject

MAX_CELL = 10_000_000  # characters; beyond it a quote was never closed
_UNDECODED = re.compile("[\udc80-\udcff]")
Cells = tuple[str, ...]  # of the columns that were asked for, in that order
Placed = tuple[str, Cells | Reject]


def read_table(
    stream: IO[bytes], name: str, columns: Sequence[str], required: Sequence[str]
) -> Iterator[Placed]:
    """The cells of *columns* (lower case) in each row, with its place; empty where it has none.

    A broken row comes as a Reject. InputError when the table as a whole is of no use: no
    header, a column missing that is *required*.
    """
    if name.lower().removesuffix(".gz").endswith(".json"):
        yield from _json_rows(stream, name, columns)
    else:
        yield from _csv_rows(stream, name, columns, required)


# --- CSV -------------------------------------------------------------------------


def _csv_rows(
    stream: IO[bytes], name: str, columns: Sequence[str], required: Sequence[str]
) -> Iterator[Placed]:
    csv.field_size_limit(MAX_CELL)
    # Undecodable bytes become lone surrogates, so that one bad row does not cost the others.
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from _csv_body(text, name, columns, required)
    finally:
        text.detach()  # the stream belongs to the caller


def _csv_body(
    text: io.TextIOWrapper, name: str, columns: Sequence[str], required: Sequence[str]
) -> Iterator[Placed]:
    header = text.readline()
    delimiter = max(";,\t", key=header.count)
    names = [cell.strip().lower() for cell in next(csv.reader([header], delimiter=delimiter), [])]
    if missing := [column for column in required if column not in names]:
        raise InputError(f"{name} line 1: no column {', '.join(missing)}")
    width = len(names)
    # A column that is not there is read from an empty cell behind the last.
    pick = itemgetter(*(names.index(one) if one in names else width for one in columns))
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
        if len(cells) == width:
            cells.append("")
            found = tuple(map(str.strip, pick(cells)))
            if (joined := "".join(found)).isascii() or not _UNDECODED.search(joined):
                yield where, found
            else:
                yield where, Reject(where, "not UTF-8", delimiter.join(cells[:width]))
        elif cells:
            reason = f"{len(cells)} columns, the header has {width}"
            yield where, Reject(where, reason, delimiter.join(cells))


# --- JSON ------------------------------------------------------------------------

_BLOCK = 1 << 20


def _json_rows(stream: IO[bytes], name: str, columns: Sequence[str]) -> Iterator[Placed]:
    """Rows of a JSON array, decoded one at a time."""
    for number, value in enumerate(array_items(stream, name), start=1):
        where = f"{name} record {number}"
        if isinstance(value, dict):
            cells = {key.lower(): cell for key, cell in value.items()}
            yield where, tuple(_cell(cells.get(column)) for column in columns)
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
