"""Kohesio, projects of cohesion policy: the bulk CSV, and the site's API."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers.base import (
    Reading,
    as_list,
    day_or_none,
    is_json,
    parse_json,
    read_each,
    read_records,
)
from crawlers.readers.countries import country_code

_SITE = "https://kohesio.ec.europa.eu/en/projects"


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The projects in *body*. They are dated by their start, the only date they have."""
    v.not_html(body)
    if not is_json(body):
        return _table(body, source)
    found = v.envelope(parse_json(body), "Kohesio")
    if "list" not in found and found.get("label"):
        documents, rejected = read_records([found], lambda one: _detail(one, source))
        return Reading(documents, rejected=rejected)
    rows = found.get("list")
    if not isinstance(rows, list):
        raise SourceDrift(
            f"list: missing; Kohesio says: {found.get('error') or sorted(found)[:8]} "
            f"{found.get('message', '')}".strip()
        )
    total = v.number(found.get("numberResults"))
    if "offset=" not in url or re.search(r"offset=0(&|$)", url):
        v.no_rows_for(total, len(rows))
    documents, rejected = read_records(rows, lambda one: _listed(one, source))
    return Reading(documents, total, rejected=rejected)


def _entity(value: Any) -> str:
    """`Q3456` of an entity address."""
    found = re.search(r"Q\d+", v.words(value))
    if not found:
        raise ValueError(f"entity: none in {v.words(value)[:60]!r}")
    return found[0]


def _listed(one: dict[str, Any], source: Source) -> DocumentLine:
    """An entry of the API's list: parallel lists, English first and the original beside it."""
    key = _entity(one.get("item") or one.get("link"))
    title, original = v.words(one.get("labels")), v.words(one.get("originalLabels"))
    text = v.words(one.get("descriptions"))
    return _line(
        source,
        key,
        title=title or original,
        text=text or v.words(one.get("originalDescriptions")) or v.words(one.get("snippet")),
        language="en" if title else "",
        starts=one.get("startTimes"),
        countries=v.text_list(one.get("countrycode")),
        amount_eu=v.words(one.get("euBudgets")),
    )


def _detail(one: dict[str, Any], source: Source) -> DocumentLine:
    """A single project of the API."""
    countries = v.text_list(one.get("countryCode"))
    country = country_code(next(iter(countries), ""))
    programmes = [p.get("programLabel") for p in as_list(one.get("program")) if isinstance(p, dict)]
    return _line(
        source,
        _entity(one.get("item") or one.get("link") or one.get("id")),
        title=one.get("label"),
        text=v.words(one.get("description")),
        language="en",
        starts=one.get("startTime"),
        countries=countries,
        amount_eu=v.words(one.get("euBudget")),
        programme=v.words(programmes) or v.words(one.get("fundLabel")),
        keywords=v.text_list(one.get("categoryLabels")) + v.text_list(one.get("themeLabels")),
        organisations=[
            found
            for each in as_list(one.get("beneficiaries"))
            for found in parties.organisation(
                each.get("beneficiaryLabel"), country=country, role="beneficiary"
            )
        ],
    )


def _line(
    source: Source,
    key: str,
    *,
    starts: Any,
    countries: list[str],
    amount_eu: str,
    programme: str = "",
    nuts: str = "",
    **fields: Any,
) -> DocumentLine:
    places = [v.topic("nuts", nuts, nuts)] if nuts else []
    codes = (country_code(one) for one in countries)
    places += [v.topic("country", code, code) for code in codes if code]
    return v.record(
        source,
        f"kohesio:{key}",
        kind="project",
        url=f"{_SITE}/{key}",
        published=v.first([day_or_none(v.words(starts))], f"{key}: start date"),
        topics=places,
        funding=v.funding(programme, v.amount(amount_eu)),
        licence=v.CC_BY,
        **fields,
    )


# --- bulk CSV -------------------------------------------------------------------


_HEADER = 100_000  # characters of the line that names the columns
_ROWS = 1_000  # of one reading
_CELL = 131_072  # characters; beyond it a quote was never closed


def read_table(lines: TextIO, source: Source) -> Iterator[Reading]:
    """The file of one country by the names of its columns, some rows at a time: a file of any
    size is read in the memory of those. SourceDrift when it is another table or breaks off."""
    csv.field_size_limit(_CELL)  # of the whole process: whoever reads a table says what it takes
    header = lines.readline(_HEADER)
    delimiter = max(",;\t", key=header.count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    if not {"Operation_Unique_Identifier", "Operation_Start_Date"} <= set(names):
        raise SourceDrift(f"not Kohesio's table: its columns are {', '.join(names)[:120]}")
    rows = csv.DictReader(lines, fieldnames=names, delimiter=delimiter)
    done, readable = 0, False
    try:
        while some := list(islice(rows, _ROWS)):
            documents, rejected = read_each(some, lambda row: _row(row, source), done + 1)
            done, readable = done + len(some), readable or bool(documents)
            yield Reading(documents, len(some), rejected=rejected)
    except csv.Error as exc:
        raise SourceDrift(f"the table cannot be read: {exc}") from exc
    if not readable:
        raise SourceDrift(f"none of {done} rows can be read")


def table_text(body: bytes) -> TextIO:
    """*body* as lines, without a copy of it."""
    return io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", errors="replace", newline="")


def _table(body: bytes, source: Source) -> Reading:
    """The whole table at once."""
    parts = list(read_table(table_text(body), source))
    return Reading(
        [document for part in parts for document in part.documents],
        sum(part.total or 0 for part in parts),
        rejected=[why for part in parts for why in part.rejected],
    )


def _row(row: dict[str, Any], source: Source) -> DocumentLine:
    if None in row or None in row.values():
        raise ValueError(f"columns: {sum(x is not None for x in row.values())} values do not fit")
    english = row.get("Operation_Name_English") or ""
    country = row.get("CountryCode") or row.get("Country_Code") or ""
    nuts = next((c for n in "321" if (c := v.nuts_code(row.get(f"NUTS{n}_Code")))), "")
    name = row.get("Beneficiary_Name") or row.get("Beneficiary_Label") or ""
    return _line(
        source,
        _entity(row["Operation_Unique_Identifier"]),
        title=english or row.get("Operation_Name_Programme_Language"),
        text=row.get("Operation_Summary_English")
        or row.get("Operation_Summary_Programme_Language")
        or "",
        language="en" if english else "",
        starts=row["Operation_Start_Date"],
        countries=[country],
        amount_eu=row.get("Project_EU_Budget") or "",
        programme=row.get("Programme_Name") or row.get("Fund_Code") or "",
        nuts=nuts,
        organisations=list(
            parties.organisation(name, country=country_code(country), nuts=nuts, role="beneficiary")
        ),
    )
