"""How fast bulk files are imported, and how much memory it takes.

    python -m benchmarks.bulk [--projects 50000]

writes a CORDIS zip in the official layout (five participations a project, invented words),
imports it into a fresh database, imports it again, and does the same with the arXiv table in
the folder TRENDSCOUT_BENCH_DATA when there is one. Each import runs in a process of its own,
so that its peak memory is its own; that of the process which reads for it is added.
"""

import argparse
import csv
import io
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from config.models import Settings
from pipelines.importing.run import import_files
from pipelines.store import using_store

ARXIV = "arxiv/arxiv_2012_2017.parquet"
PARTNERS = 5
TOPICS = 500
ORGANISATIONS = 30_000

PROJECT = (
    "id acronym status title startDate endDate totalCost ecMaxContribution topics "
    "ecSignatureDate frameworkProgramme masterCall subCall fundingScheme nature objective "
    "contentUpdateDate rcn grantDoi keywords legalBasis"
)
ORGANIZATION = (
    "projectID projectAcronym organisationID vatNumber name shortName SME activityType street "
    "postCode city country nutsCode geolocation organizationURL contactForm contentUpdateDate "
    "rcn order role ecContribution netEcContribution totalCost endOfParticipation active"
)


def write_archive(path: Path, projects: int) -> None:
    """A zip as CORDIS publishes it: semicolons, quotes, both decimal signs."""
    words = Words()
    calls = [words.text(6) for _ in range(TOPICS)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        add(packed, "project.csv", PROJECT, (
            [number(i), f"AC{i}", "SIGNED", words.text(10), "2024-01-01", "2027-01-01", "1000,5",
             "900,25", f"T-{i % TOPICS}", f"2023-11-{i % 28 + 1:02d}", "HORIZON", "C", "S", "RIA",
             "", words.text(220), "2025-01-01 10:00:00", i, f"10.3030/{i}", "one, two, three",
             "HORIZON.2.4"]
            for i in range(projects)
        ))  # fmt: skip
        add(packed, "organization.csv", ORGANIZATION, (
            [number(i // PARTNERS), "AC", i % ORGANISATIONS, "", organisation(i), "O", "false",
             "REC", "Street 1", "1", "City", "EL" if i % 7 == 0 else "DE", "DED21", "1,2", "", "",
             "2026-06-03 12:20:56", "1", i % PARTNERS + 1,
             "participant" if i % PARTNERS else "coordinator", "528340.97", "1", "960619,95",
             "false", ""]
            for i in range(projects * PARTNERS)
        ))  # fmt: skip
        add(packed, "topics.csv", "projectID topic title", (
            [number(i), f"T-{i % TOPICS}", calls[i % TOPICS]] for i in range(projects)
        ))  # fmt: skip
        fields = "projectID euroSciVocCode euroSciVocPath euroSciVocTitle euroSciVocDescription"
        add(packed, "euroSciVoc.csv", fields, (
            [number(i // 2), f"/23/{i % 100}", f"/x/{i % 100}", f"field {i % 100}", ""]
            for i in range(projects * 2)
        ))  # fmt: skip
        add(packed, "legalBasis.csv", "projectID legalBasis title uniqueProgrammePart", (
            [number(i), "HORIZON.2.4", "Digital", "true"] for i in range(projects)
        ))  # fmt: skip


class Words:
    """Invented words, the same on every machine."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = [
            "".join(self._random.choices(letters, k=self._random.randint(3, 10)))
            for _ in range(20_000)
        ]

    def text(self, length: int) -> str:
        """*length* words."""
        return " ".join(self._random.choices(self._words, k=length))


def number(project: int) -> str:
    """A project id as CORDIS gives them."""
    return str(101_000_000 + project)


def organisation(participation: int) -> str:
    """One of the organisations, spread over the projects."""
    return f"ORGANISATION {participation * 7919 % ORGANISATIONS}"


def add(packed: zipfile.ZipFile, name: str, header: str, rows: Iterable[list[object]]) -> None:
    """One member, written as it goes."""
    with packed.open(name, "w") as member, io.TextIOWrapper(member, "utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(header.split())
        writer.writerows(rows)


def import_one(form: str, path: Path, data: Path) -> str:
    """Import and say how it went: counts, rate, processor seconds, peak memory."""
    started = time.perf_counter()
    with using_store(data) as db:
        result = import_files(
            db, data, form, [path], settings=Settings(streams={}), today=date.today()
        )
    seconds = time.perf_counter() - started
    count = result.counts.total()
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    peak = sum(one.ru_maxrss for one in used) / 1024
    processor = sum(one.ru_utime + one.ru_stime for one in used)
    counts = ", ".join(f"{value} {key}" for key, value in sorted(result.counts.items()))
    return (
        f"{form:<7} {count:>7} rows {seconds:7.1f} s {count / seconds:8.0f}/s "
        f"{processor:7.1f} s processor {peak:6.0f} MB peak  ({counts})"
    )


def main() -> None:
    """Both formats, first load and repeated load."""
    parser = argparse.ArgumentParser(description="Rates of bulk import.")
    parser.add_argument("--projects", type=int, default=50_000)
    parser.add_argument("--one", nargs=3, metavar=("FORMAT", "PATH", "DATA"), help="internal")
    options = parser.parse_args()
    if options.one:
        form, path, data = options.one
        print(import_one(form, Path(path), Path(data)))
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "cordis.zip"
        write_archive(archive, options.projects)
        sets = [("cordis", archive)]
        shared = Path(os.environ.get("TRENDSCOUT_BENCH_DATA", "")) / ARXIV
        if shared.is_file():
            sets.append(("arxiv", shared))
        for form, path in sets:
            command = [sys.executable, "-m", "benchmarks.bulk", "--one", form, str(path)]
            for _ in ("first", "again"):
                subprocess.run([*command, str(Path(folder) / form)], check=True)


if __name__ == "__main__":
    main()
