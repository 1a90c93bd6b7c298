"""Development data into Document JSON lines for `trendscout import jsonl`.

    python -m benchmarks.convert --out var/converted [NAME…]

reads the folder given by TRENDSCOUT_BENCH_DATA (or --data) and writes `<name>.jsonl` for each
NAME that is there:

    projects      FP7 and Horizon 2020 project texts (title, objective)
    he_projects   Horizon Europe projects: deliverable texts, fields of science, participants
    briefs        FP7 results in brief (teasers)
    reports       Horizon 2020 report summaries
    calls         call topics of two collections; the same identifier is written once
    patents       US patent abstracts with CPC sections

Limits, to be kept in mind when these texts are used:

- A project is published and available on the day its grant was signed where the file has it,
  else on its start day (Horizon Europe: 1 January of the year of its call). The real day it
  became known may lie months before or after.
- The FP7 and Horizon 2020 file names countries, not participants: none are written.
- Briefs carry the day of their last change, which is no time axis.
- Sources differ in what they select: compare within one source, never growth across them.
"""

import argparse
import csv
import gzip
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

from config.errors import InputError
from crawlers.readers.base import day_or_none, plain_text
from crawlers.readers.countries import country_code
from pipelines.exchange import Limits, read_record, write_line

CC_BY = "CC-BY-4.0"
LIMITS = Limits(date(1990, 1, 1), date.today() + timedelta(days=1))
Row = dict[str, str]
Values = dict[str, Any]


def rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Rows of a CSV, plain or `.gz`, with their place."""
    csv.field_size_limit(10_000_000)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as stream:
        reader = csv.DictReader(stream)
        for row in reader:
            cells = {key: (value or "").strip() for key, value in row.items() if key}
            yield f"{path.name} line {reader.line_num}", cells


def day(*texts: str) -> str:
    """The first of *texts* that holds a day, or nothing."""
    return next((found.isoformat() for text in texts if (found := day_or_none(text))), "")


def american(text: str) -> str:
    """`4/13/2023` as an ISO day."""
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    return f"{found[3]}-{int(found[1]):02d}-{int(found[2]):02d}" if found else text


def split(text: str) -> list[str]:
    """Values joined with `|`."""
    return [one for part in text.split("|") if (one := part.strip())]


# --- projects ----------------------------------------------------------------------


def projects(data: Path) -> Iterator[tuple[str, Values]]:
    """Each collection keeps a source of its own, so that nobody reads growth across them."""
    for where, row in rows(data / "cordis/projects_fp7_h2020.csv.gz"):
        number = row["project_id"]  # one of the collections has none
        yield (
            where,
            {
                "id": f"cordis:{number}" if number else "",
                "source": f"cordis_{row['source']}",
                "kind": "project",
                "title": row["title"],
                "text": plain_text(row["objective"]),
                "url": f"https://cordis.europa.eu/project/id/{number}" if number else "",
                "published": day(row["ec_signature_date"], row["start_date"]),
                "topics": topics("call_topic", split(row["topics"])),
                "funding": {"programme": row["programme"]},
                "licence": CC_BY,
            },
        )


def he_projects(data: Path) -> Iterator[tuple[str, Values]]:
    """No objective is in this file: title, topic and deliverable titles are what there is."""
    partners = he_partners(data)
    for where, row in rows(data / "cordis/he_projects_joined.csv.gz"):
        number = row["projectID"]
        title = row["title_from_report"] or row["topic_title"] or row["acronym"]
        parts = (row["acronym"], row["topic_title"], row["deliv_text"])
        paths = [path for path in split(row["euroSciVoc"]) if path.startswith("/")]
        year = re.fullmatch(r"(\d{4})(\.0)?", row["call_year"])
        yield (
            where,
            {
                "id": f"cordis:{number}",
                "source": "cordis_he",
                "kind": "project",
                "title": title,
                "text": "\n".join(part for part in parts if part and part != title),
                "url": f"https://cordis.europa.eu/project/id/{number}",
                "published": f"{year[1]}-01-01" if year else "",
                "topics": [
                    *(
                        {"scheme": "euroscivoc", "code": p, "label": p.rpartition("/")[2]}
                        for p in paths
                    ),
                    *topics("call_topic", [row["topic"]]),
                ],
                "organisations": partners.get(number, []),
                "funding": {"programme": "HORIZON"},
                "licence": CC_BY,
            },
        )


def he_partners(data: Path) -> dict[str, list[Values]]:
    """Participants by project, in their order; 64,000 rows, so they are held."""
    found: dict[str, list[tuple[int, Values]]] = {}
    for _, row in rows(data / "cordis/he_organization.csv.gz"):
        if not row["name"]:
            continue
        code = row["nutsCode"]
        partner = {
            "name": row["name"][:500],
            "country": country_code(row["country"]),
            "nuts": code if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{0,3}", code) else "",
            "role": row["role"],
        }
        place = int(row["order"]) if row["order"].isdigit() else 999
        found.setdefault(row["projectID"], []).append((place, partner))
    return {
        number: [one for _, one in sorted(those, key=lambda pair: pair[0])]
        for number, those in found.items()
    }


# --- texts about results -----------------------------------------------------------


def briefs(data: Path) -> Iterator[tuple[str, Values]]:
    """Teasers as news."""
    for where, row in rows(data / "cordis/fp7_results_in_brief.csv.gz"):
        yield (
            where,
            {
                "id": f"cordis-article:{row['brief_rcn']}",
                "source": "cordis_briefs",
                "kind": "news",
                "title": row["title"],
                "text": plain_text(row["teaser"]),
                "url": f"https://cordis.europa.eu/article/rcn/{row['brief_rcn']}",
                "published": day(row["last_update"]),
                "topics": topics("call_topic", split(row["topics"])),
                "licence": CC_BY,
            },
        )


def reports(data: Path) -> Iterator[tuple[str, Values]]:
    """Periodic reports as publications."""
    for where, row in rows(data / "cordis/h2020_report_summaries.csv"):
        parts = (row["summary"], row["workPerformed"], row["finalResults"])
        yield (
            where,
            {
                "id": f"cordis-result:{row['rcn']}",
                "source": "cordis_reports",
                "kind": "publication",
                "title": row["title"],
                "text": plain_text("\n\n".join(part for part in parts if part)),
                "language": row["language"],
                "published": day(row["lastUpdateDate"]),
                "topics": topics("call_topic", row["topics"].split(";")),
                "licence": CC_BY,
            },
        )


# --- demand and patents ------------------------------------------------------------


def calls(data: Path) -> Iterator[tuple[str, Values]]:
    """Topics of both collections; of an identifier in both, the first."""
    seen: set[str] = set()
    for where, values in (*dated_calls(data), *work_programme(data)):
        if values["id"] not in seen:
            seen.add(values["id"])
            yield where, values


def dated_calls(data: Path) -> Iterator[tuple[str, Values]]:
    """The collection with opening days."""
    for where, row in rows(data / "calls/calls_2019_2024_mjarmak.csv"):
        yield where, call(row["identifier"], row["title"], row["description"], row["start_date"])


def work_programme(data: Path) -> Iterator[tuple[str, Values]]:
    """The topics of the 2023-24 work programme, American days."""
    for where, row in rows(data / "calls/he_topics_2023_workprogramme.csv"):
        opened = american(row["Date open"])
        yield where, call(row["Identifier"], row["Title"], row["Topic Discription"], opened)


def call(identifier: str, title: str, text: str, opened: str) -> Values:
    """One call topic, published when it opened; some identifiers have blanks in them."""
    identifier = "".join(identifier.split())
    page = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/"
    return {
        "id": f"sedia:{identifier}",
        "source": "sedia",
        "kind": "call",
        "title": title,
        "text": plain_text(text),
        "url": f"{page}topic-details/{identifier.lower()}",
        "published": day(opened),
        "topics": topics("call_topic", [identifier]),
        "licence": CC_BY,
    }


def patents(data: Path) -> Iterator[tuple[str, Values]]:
    """An abstract has no title here: its first words stand for one."""
    for where, row in rows(data / "patents/uspto_sample.csv.gz"):
        text = row["abstract"]
        codes = re.findall(r"[A-HY]\d{2}[A-Z](?:\d+/\d+)?", row["classifications_cpc"])
        yield (
            where,
            {
                "id": f"uspto:{row['patent_id']}",
                "source": "uspto",
                "kind": "patent",
                "title": text[:100].rpartition(" ")[0] or text[:100],
                "text": text,
                "language": "en",
                "published": day(row["publication_date"]),
                "topics": topics("cpc", list(dict.fromkeys(codes))),
                "licence": "public domain",
            },
        )


def topics(scheme: str, codes: list[str]) -> list[Values]:
    """Codes as topics of one scheme."""
    return [{"scheme": scheme, "code": one.strip()} for one in codes if one.strip()]


SETS: dict[str, Callable[[Path], Iterator[tuple[str, Values]]]] = {
    "projects": projects,
    "he_projects": he_projects,
    "briefs": briefs,
    "reports": reports,
    "calls": calls,
    "patents": patents,
}


def convert(name: str, data: Path, stream: TextIO) -> tuple[int, int]:
    """Write one set; returns how many documents and how many refused rows it has."""
    written = refused = 0
    for where, values in SETS[name](data):
        given = {key: value for key, value in values.items() if value not in ("", [])}
        try:
            record = read_record({"language": "en", **given}, where, LIMITS)
        except InputError as exc:
            refused += 1
            print(f"refused: {exc}", file=sys.stderr)
            continue
        stream.write(write_line(record) + "\n")
        written += 1
    return written, refused


def main() -> None:
    """Convert the sets that are named, or all."""
    parser = argparse.ArgumentParser(description="Development data into JSON lines.")
    parser.add_argument("names", nargs="*", choices=[[], *SETS], metavar="NAME")
    parser.add_argument("--data", type=Path, default=os.environ.get("TRENDSCOUT_BENCH_DATA"))
    parser.add_argument("--out", type=Path, default=Path("var/converted"))
    options = parser.parse_args()
    if not options.data or not Path(options.data).is_dir():
        parser.exit(2, "no data folder: give --data DIR or set TRENDSCOUT_BENCH_DATA\n")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or SETS:
        target = options.out / f"{name}.jsonl"
        try:
            with target.open("w", encoding="utf-8") as stream:
                written, refused = convert(name, Path(options.data), stream)
        except FileNotFoundError as exc:
            target.unlink(missing_ok=True)
            print(f"{name}: skipped, {exc.filename} is not there")
            continue
        print(f"{name}: {written} documents, {refused} refused: {target}")


if __name__ == "__main__":
    main()
