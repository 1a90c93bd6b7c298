"""The payload table: what the readers make of captured answers of real APIs.

    TRENDSCOUT_BENCH_DATA=DIR python -m benchmarks.payloads [--verbose]

reads every file of `$TRENDSCOUT_BENCH_DATA/payloads/<folder>/` with the reader of its folder
and prints, per folder: files, documents, records refused, files refused and why.
"""

import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from crawlers.parse import parse_files

READERS = {
    "arxiv_atom": "arxiv",
    "cordis_xml": "cordis",
    "openaire_graph": "openaire",
    "rss_real": "feed",
    "ted_eforms": "ted",
}


@dataclass(slots=True)
class Row:
    """What came of one folder."""

    folder: str
    files: int = 0
    documents: int = 0
    records_refused: int = 0
    files_refused: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)  # read, and nothing in them
    notes: list[str] = field(default_factory=list)


def reader_of(folder: str) -> str:
    """The reader for a folder of payloads: its own name unless the table says otherwise."""
    return READERS.get(folder, folder)


def table(root: Path) -> list[Row]:
    """One row per folder below *root*, files in the order of their names."""
    rows = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        row = Row(folder.name)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            _add(row, path)
        rows.append(row)
    return rows


def _add(row: Row, path: Path) -> None:
    """Read one file and count what came of it."""
    lines: list[str] = []
    empty: list[str] = []  # answers that list nothing
    found = parse_files(reader_of(row.folder), [path], refused=lines.append, empty=empty.append)
    documents = sum(1 for _ in found)
    reasons = [line.removeprefix(f"{path}: ").removeprefix(str(path)) for line in lines]
    row.files += 1
    row.documents += documents
    if documents:
        row.records_refused += len(reasons)
        row.notes += [f"{path.name}: {reason}" for reason in reasons]
    elif reasons:
        row.files_refused[path.name] = "; ".join(reasons)
    else:
        row.empty.append(path.name)


def main() -> int:
    """Print the table; 2 when there is no folder to read."""
    base = os.environ.get("TRENDSCOUT_BENCH_DATA")
    root = Path(base) / "payloads" if base else None
    if root is None or not root.is_dir():
        print("no payloads: set TRENDSCOUT_BENCH_DATA to a folder that holds payloads/")
        return 2
    rows = table(root)
    print(f"{'folder':<16}{'files':>6}{'documents':>11}{'records':>9}{'files':>9}{'files':>7}")
    print(f"{'':<16}{'':>6}{'':>11}{'refused':>9}{'refused':>9}{'empty':>7}")
    for row in rows:
        print(
            f"{row.folder:<16}{row.files:>6}{row.documents:>11}{row.records_refused:>9}"
            f"{len(row.files_refused):>9}{len(row.empty):>7}"
        )
    print("\nFiles refused, and why")
    for row in rows:
        for reason, count in Counter(row.files_refused.values()).items():
            names = [name for name, why in row.files_refused.items() if why == reason]
            print(f"  {row.folder}/{names[0]}{f' and {count - 1} more' * (count > 1)}: {reason}")
        for name in row.empty:
            print(f"  {row.folder}/{name}: read, and nothing is listed in it")
    if "--verbose" in sys.argv:
        print("\nRecords refused, and why")
        for row in rows:
            for note in row.notes:
                print(f"  {row.folder}/{note}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
