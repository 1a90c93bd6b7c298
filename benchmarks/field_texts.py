"""Texts whose fields are known: patents by their codes, projects by their EuroSciVoc labels.

One text in five, by a hash of its id, is held out: no head learns from it, in this folder of
data or in another one.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, cast

from benchmarks.gold_sample import rows as csv_rows

EVERY = 5  # one text in so many is held out
_CODE = re.compile(r"([A-H]\d\d[A-Z])\s*(\d+)/")


@dataclass(frozen=True, slots=True)
class Filed:
    """A text and its fields; a patent has one."""

    id: str
    text: str
    fields: frozenset[str]

    @property
    def held_out(self) -> bool:
        """Whether the text is there to judge, not to learn from."""
        return int.from_bytes(blake2b(self.id.encode(), digest_size=8).digest()) % EVERY == 0


def patents(data: Path) -> list[Filed]:
    """Patent abstracts with the WIPO technology field of their first code that has one."""
    fields = concordance(data)
    found = []
    for row in rows(data / "patents" / "uspto_sample.csv.gz"):
        codes = (field_of(code, fields) for code in row["classifications_cpc"].split(";"))
        if row["abstract"].strip() and (field := next(filter(None, codes), "")):
            found.append(Filed(row["patent_id"], row["abstract"], frozenset([field])))
    return found


def concordance(data: Path) -> dict[tuple[str, str], str]:
    """Technology field of an IPC subclass, or of a subclass and main group, by WIPO's table."""
    found = {}
    for row in rows(data / "taxonomies" / "ipc_technology.csv"):
        code = row["ipc"].rstrip("%")
        found[code[:4], code[4:].strip()] = row["field_name"].strip()
    return found


def field_of(code: str, fields: dict[tuple[str, str], str]) -> str:
    """The field of an IPC or CPC symbol ("G01N33/50"); empty when the table has none."""
    match = _CODE.match(code.strip())
    if not match:
        return ""
    return fields.get((match[1], match[2])) or fields.get((match[1], ""), "")


def projects(data: Path) -> list[Filed]:
    """Horizon Europe projects: call topic and deliverables, with fields of science (level 2).

    Projects without deliverables are left out: the title of a topic such as "ERC starting
    grants" says nothing about the project.
    """
    found = []
    for row in rows(data / "cordis" / "he_projects_joined.csv.gz"):
        fields = frozenset(filter(None, map(second_level, row["euroSciVoc"].split("|"))))
        if fields and row["deliv_text"].strip():
            text = f"{row['topic_title']}. {row['deliv_text']}"
            found.append(Filed(row["projectID"], text, fields))
    return found


def second_level(path: str) -> str:
    """`/natural sciences/physical sciences/optics` -> `natural sciences/physical sciences`."""
    return "/".join(path.split("/")[1:3]) if path.count("/") >= 2 else ""


def science_fields(data: Path) -> list[tuple[str, str]]:
    """The concepts of EuroSciVoc as (level-2 field they belong to, label)."""
    table = rows(data / "taxonomies" / "euroscivoc.csv")
    listed = [(second_level(row["euroSciVocPath"]), row["label_en"]) for row in table]
    return [(field, label) for field, label in listed if field]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file, packed or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv_rows(cast(IO[str], file))
