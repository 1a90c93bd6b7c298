"""arXiv metadata: a parquet table, OAI-PMH answers, or the dump in JSON lines.

All of it is CC0 and describes the same papers; a paper has the id `arxiv:<its id>` whichever
way it came.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from config.errors import InputError, SourceDrift
from config.models import Source
from crawlers.items import author_keys
from crawlers.readers import arxiv
from crawlers.readers.base import parse_day
from pipelines.exchange import Limits
from pipelines.importing.rows import Read, Reject, checked, numbered, opened, refused

COLUMNS = ("arxiv_id", "title", "abstract", "categories")
DAYS = ("created", "announced_date")  # the first that the table has
SHARED = {"source": "arxiv", "kind": "publication", "language": "en", "licence": "CC0-1.0"}
BATCH = 1000  # rows held at a time


def read(path: Path, limits: Limits) -> Iterator[Read]:
    """Records and rejects of one file; its name says which of the three layouts it has."""
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        return _table(path, limits)
    if name.endswith(".xml"):
        return _harvest(path, limits)
    if name.endswith((".json", ".jsonl")):
        return _dump(path, limits)
    raise InputError(f"{path}: .parquet, .xml, .json or .jsonl is expected")


# --- parquet ---------------------------------------------------------------------


def _table(path: Path, limits: Limits) -> Iterator[Read]:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with opened(path) as stream, ParquetFile(stream) as table:
            names = table.schema_arrow.names
            missing = [column for column in COLUMNS if column not in names]
            day = next((column for column in DAYS if column in names), None)
            if missing or day is None:
                raise InputError(f"{path}: no column {', '.join(missing or DAYS)}")
            keys = ["author_keys"] if "author_keys" in names else []
            batches = table.iter_batches(BATCH, columns=[*COLUMNS, day, *keys])
            number = 0
            for batch in batches:
                for row in batch.to_pylist():
                    number += 1
                    yield _row(row, day, f"{path.name} row {number}", limits)
    except (ArrowException, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: not a usable parquet file ({exc})") from exc


def _row(row: dict[str, Any], day: str, where: str, limits: Limits) -> Read:
    given = row["arxiv_id"] or ""
    created = row[day]
    categories = (row["categories"] or "").replace(",", " ").split()
    values = SHARED | {
        # The key stays as the file has it: other files about the same table refer to it.
        "id": f"arxiv:{given}" if given else "",
        "title": row["title"],
        "text": row["abstract"],
        "url": f"https://arxiv.org/abs/{repaired(given)}" if given else "",
        "published": created.date() if isinstance(created, datetime) else created,
        "topics": _topics(categories),
        "author_keys": (row.get("author_keys") or "").split(),
    }
    return checked(values, where, limits, row)


def repaired(identifier: str) -> str:
    """The paper's own number when a table kept it as a decimal fraction.

    `1201.033` lost a zero and `1501.0403800000001` gained digits. Numbers have four digits
    behind the point until 2014 and five from 2015 on.
    """
    month, point, number = identifier.partition(".")
    digits = 5 if month >= "1501" else 4
    if not point or not (month + number).isdigit() or len(month) != 4 or len(number) == digits:
        return identifier
    return f"{float(identifier):.{digits}f}".zfill(5 + digits)


def _topics(categories: list[str]) -> list[dict[str, str]]:
    return [{"scheme": "arxiv", "code": one, "label": one} for one in dict.fromkeys(categories)]


# --- dump in JSON lines ------------------------------------------------------------


def _dump(path: Path, limits: Limits) -> Iterator[Read]:
    with opened(path) as stream:
        for where, line in numbered(stream, path.name):
            yield line if isinstance(line, Reject) else _paper(line, where, limits)


def _paper(line: bytes, where: str, limits: Limits) -> Read:
    """One paper of the dump: first version's day, names only as one-way keys."""
    try:
        row = json.loads(line)
        versions = row.get("versions") or [{}]
        published = parse_day(versions[0].get("created") or row.get("update_date"))
        names = row.get("authors_parsed") or []
        values = SHARED | {
            "id": f"arxiv:{row['id']}",
            "title": row["title"],
            "text": row.get("abstract") or "",
            "url": f"https://arxiv.org/abs/{row['id']}",
            "published": published,
            "topics": _topics(row.get("categories", "").split()),
            "author_keys": author_keys(f"{name[1]} {name[0]}" for name in names),
        }
    except (ValueError, RecursionError) as exc:
        return refused(where, exc, line.decode("utf-8", errors="replace"))
    except (KeyError, TypeError, AttributeError, IndexError) as exc:
        reason = f"not a paper of the dump: {type(exc).__name__} {exc}"
        return refused(where, reason, line.decode("utf-8", errors="replace"))
    return checked(values, where, limits, line.decode("utf-8", errors="replace"))


# --- OAI-PMH -----------------------------------------------------------------------

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_SOURCE = Source.model_validate(
    {
        "name": "arxiv",
        "title": "arXiv",
        "summary": "Preprints harvested with OAI-PMH and handed over as files by the user.",
        "kind": "publication",
        "url": "https://arxiv.org",
        "licence": "CC0-1.0",
    }
)


def _harvest(path: Path, limits: Limits) -> Iterator[Read]:
    """Records of saved OAI-PMH answers, one element at a time; the crawler's reader reads them."""
    from lxml import etree

    with opened(path) as stream:
        try:
            for number, (line, body) in enumerate(_elements(stream), start=1):
                yield from _oai_record(body, f"{path.name} line {line} record {number}", limits)
        except etree.XMLSyntaxError as exc:
            raise InputError(f"{path} line {exc.lineno}: not XML: {exc.msg}") from exc


def _elements(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each `record` with its line, forgotten once it is handed out.

    Fed by the line: what is whole before a broken place is still handed out.
    """
    from lxml import etree

    parser = etree.XMLPullParser(
        ("end",),
        tag=f"{_OAI}record",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    while part := stream.readline(1 << 20):
        parser.feed(part)
        for _, found in parser.read_events():
            element: Any = found
            yield element.sourceline or 0, etree.tostring(element, with_tail=False)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    parser.close()


def _oai_record(body: bytes, where: str, limits: Limits) -> Iterator[Read]:
    envelope = b'<OAI-PMH xmlns="%s"><ListRecords>%s</ListRecords></OAI-PMH>'
    try:
        answer = envelope % (_OAI[1:-1].encode(), body)
        reading = arxiv.read(answer, source=_SOURCE)
    except SourceDrift as exc:
        yield refused(where, exc, body.decode(errors="replace"))
        return
    for document in reading.documents:
        yield checked(SHARED | document, where, limits)
