"""The 200 real texts of the gold set, picked at random by a fixed seed.

The repository holds no texts, so they are drawn anew from the data folder each time; the hash
that the gold file keeps of each one tells when a source is not the same any more.
"""

import csv
import gzip
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import IO, cast

from nlp.documents import Document

SEED = 20161120
TRAINING_DRAWS = {20170317: 1, 20180419: 2}  # seed: times the size of the gold set
FURTHER_SEED = 20190601
FURTHER = {"project": 4000, "publication": 2000, "brief": 1000, "call": 500}  # at most
LONGEST_BODY = 1200  # characters; what is labelled is labelled completely
# Blocks of eight that are alike, so that a part of the set is as balanced as the whole.
BLOCKS = 25
PER_BLOCK = {"project": 4, "publication": 2, "brief": 1, "call": 1}

# An end of sentence: not after "e.g." or an initial, and something like a sentence follows.
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Za-z])(?<!\be\.g)(?<!\bi\.e)(?<!\bal)[.!?][)\"'\u2019\u201d]?(?=\s)"
)
_ARXIV = re.compile(r"(\d{4})\.\d+")


@dataclass(frozen=True, slots=True)
class Sample:
    """One text of the gold set, cut to what is labelled."""

    id: str
    split: str  # dev: to tune on, test: to report on
    text: str

    @property
    def text_hash(self) -> str:
        """The first 16 hexadecimal digits of the text's SHA-256."""
        return sha256(self.text.encode()).hexdigest()[:16]


def samples(folder: Path) -> list[Sample]:
    """The 200 texts in the order in which they are labelled; half of each kind is for tuning."""
    drawn = {
        kind: draw(read(folder), BLOCKS * PER_BLOCK[kind], kind, SEED)
        for kind, read in KINDS.items()
    }
    result = []
    for block in range(BLOCKS):
        for kind, many in PER_BLOCK.items():
            for place in range(many):
                key, text = drawn[kind][block * many + place]
                # Kinds with one text per block change sides from block to block.
                side = place if many > 1 else block + (kind == "call")
                result.append(Sample(f"{kind}:{tidy(key)}", "test" if side % 2 else "dev", text))
    return result


def training_samples(folder: Path) -> list[Sample]:
    """The texts to learn from: drawn alike, each once, none of them in the gold set."""
    taken = {one.id for one in samples(folder)}
    drawn: list[Sample] = []
    for seed, times in TRAINING_DRAWS.items():
        for kind, read in KINDS.items():
            found = (row for row in read(folder) if f"{kind}:{tidy(row[0])}" not in taken)
            some = draw(found, times * BLOCKS * PER_BLOCK[kind], kind, seed)
            drawn += [Sample(f"{kind}:{tidy(key)}", "training", text) for key, text in some]
        taken |= {one.id for one in drawn}
    return drawn


def further_samples(folder: Path) -> list[Sample]:
    """Further texts, drawn alike, none of the others; technologies are marked in some."""
    taken = {one.id for one in [*samples(folder), *training_samples(folder)]}
    drawn: list[Sample] = []
    for kind, read in KINDS.items():
        found = [row for row in read(folder) if f"{kind}:{tidy(row[0])}" not in taken]
        usable = {key for key, title, body in found if title.strip() and body.strip()}
        many = min(FURTHER[kind], len(usable))
        some = draw(iter(found), many, kind, FURTHER_SEED)
        drawn += [Sample(f"{kind}:{tidy(key)}", "further", text) for key, text in some]
    return drawn


def draw(
    found: Iterator[tuple[str, str, str]], many: int, kind: str, seed: int
) -> list[tuple[str, str]]:
    """*many* of (key, title, body) as (key, cut text); the first of a repeated key counts."""
    texts: dict[str, tuple[str, str]] = {}
    for key, title, body in found:
        if title.strip() and body.strip():
            texts.setdefault(key, (title, body))
    keys = random.Random(f"{seed}/{kind}").sample(sorted(texts), many)
    return [(key, full(*texts[key])) for key in keys]


def tidy(key: str) -> str:
    """An arXiv number as arXiv writes it; in the data folder some were read as fractions."""
    match = _ARXIV.fullmatch(key)
    if not match:
        return key
    digits = 5 if match[1] >= "1501" else 4  # arXiv counts with five digits since 2015
    return f"{float(key):.{digits}f}"


def full(title: str, body: str) -> str:
    """What is labelled: as `Document.full`, white space made plain, the body cut."""
    day = date(2000, 1, 1)  # plays no part
    short = cut(" ".join(body.split()))
    return Document("", "", "", " ".join(title.split()), short, day, day).full


def cut(body: str) -> str:
    """*body* up to the last end of a sentence within its first `LONGEST_BODY` characters."""
    if len(body) <= LONGEST_BODY:
        return body
    ends = [match.end() for match in _SENTENCE_END.finditer(body, 0, LONGEST_BODY)]
    if ends:
        return body[: ends[-1]]
    short = body[:LONGEST_BODY]
    return short.rpartition(" ")[0] or short


# --- where the texts come from ------------------------------------------------------


def projects(folder: Path) -> Iterator[tuple[str, str, str]]:
    """FP7 and H2020 projects with their objectives."""
    with gzip.open(folder / "cordis" / "projects_fp7_h2020.csv.gz", "rt", encoding="utf-8") as file:
        for row in rows(cast(IO[str], file)):
            yield (
                row["project_id"].removesuffix(".0") or row["acronym"],
                row["title"],
                row["objective"],
            )


def briefs(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Results in brief of FP7 projects: title and teaser."""
    with gzip.open(
        folder / "cordis" / "fp7_results_in_brief.csv.gz", "rt", encoding="utf-8"
    ) as file:
        for row in rows(cast(IO[str], file)):
            yield row["brief_rcn"].removesuffix(".0"), row["title"], row["teaser"]


def calls(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Call topics of both files; the later snapshot wins where a topic is in both."""
    for name, keys in (
        ("calls_2019_2024_mjarmak.csv", ("identifier", "title", "description")),
        ("he_topics_2023_workprogramme.csv", ("Identifier", "Title", "Topic Discription")),
    ):
        with (folder / "calls" / name).open(encoding="utf-8-sig", newline="") as file:
            for row in rows(file):
                key, title, body = (row[one] for one in keys)
                yield key.strip(), title, body


def publications(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Abstracts of arXiv, 2012 to 2017."""
    from pyarrow import parquet

    table = parquet.read_table(
        folder / "arxiv" / "arxiv_2012_2017.parquet", columns=["arxiv_id", "title", "abstract"]
    )
    for batch in table.to_batches():
        columns = [batch.column(name).to_pylist() for name in batch.schema.names]
        for key, title, abstract in zip(*columns, strict=True):
            yield str(key), title or "", abstract or ""


def rows(file: IO[str]) -> Iterator[dict[str, str]]:
    """Rows of a CSV file with empty text for what is missing."""
    csv.field_size_limit(10_000_000)
    for row in csv.DictReader(file):
        yield {key: value or "" for key, value in row.items() if key}


KINDS = {"project": projects, "publication": publications, "brief": briefs, "call": calls}
