"""A week on a large archive beside the same week on a small one.

    python -m benchmarks.weekly FOLDER [--archive 10000 --archive 100000]

Builds under FOLDER one data folder per archive from the arXiv abstracts in
TRENDSCOUT_BENCH_DATA and analyses it (the large one takes about an hour on two cores; it is
kept, and a second call goes on where the first one ended). Then a copy of each gets 1,000
new documents in the following week, and the whole `run` for that week is timed as a
process of its own. Rates of stages are read from the ledger that every run leaves.
"""

import json
import os
import shutil
import sqlite3
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from benchmarks.data import folder
from config.weeks import first_day, shift, week_of

NEW = 1000


@dataclass(frozen=True, slots=True)
class Timed:
    """One process: how long it took and how large it grew."""

    seconds: float
    gigabytes: float


def timed(*command: str) -> Timed:
    """Run *command* to its end; the benchmark ends with it when it fails."""
    started = time.perf_counter()
    process = os.posix_spawn(command[0], list(command), dict(os.environ))
    _, status, usage = os.wait4(process, 0)
    if code := os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(command)}: exit code {code}")
    return Timed(time.perf_counter() - started, usage.ru_maxrss / 1024**2)


def trendscout(data: Path, *arguments: str) -> Timed:
    """Run the command line on *data*, in a process of its own."""
    return timed(sys.executable, "-m", "pipelines.cli", "--data", str(data), *arguments)


def abstracts() -> Any:
    """The arXiv table, oldest first."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder() / "arxiv" / "arxiv_2012_2017.parquet")
    return table.sort_by([("created", "ascending"), ("arxiv_id", "ascending")])


def build(data: Path, table: Any, size: int, cut: int) -> str:
    """An analysed archive of the *size* abstracts before the *cut*; returns its last week."""
    import pyarrow.parquet as pq

    week = week_of(_day(table["created"][cut - 1].as_py()))
    data.mkdir(parents=True, exist_ok=True)
    if not (data / "trendscout.db").exists():
        file = data / "archive.parquet"
        pq.write_table(table.slice(cut - size, size), file, row_group_size=5000)
        trendscout(data, "import", "arxiv", str(file))
    trendscout(data, "run", "--no-collect", "--week", week)
    return week


def add_week(data: Path, table: Any, week: str, cut: int) -> None:
    """The 1,000 documents after the *cut*, dated into *week*."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fresh = table.slice(cut, NEW)
    days = [first_day(week) + timedelta(days=number % 7) for number in range(len(fresh))]
    place = fresh.column_names.index("created")
    kind = fresh.schema.field("created").type
    dated = fresh.set_column(place, "created", pa.array(days, type=pa.date32()).cast(kind))
    file = data / "week.parquet"
    pq.write_table(dated, file)
    trendscout(data, "import", "arxiv", str(file))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def stages(data: Path, week: str) -> dict[str, tuple[float, dict[str, int]]]:
    """Seconds and counts of each stage that ended well for *week*, summed over its runs."""
    db = sqlite3.connect(data / "trendscout.db")
    rows = db.execute(
        "SELECT stage, started, ended, counts FROM stage_runs WHERE status = 'done' "
        "AND (week = ? OR stage = 'import') ORDER BY id",
        [week],
    ).fetchall()
    db.close()
    found: dict[str, tuple[float, dict[str, int]]] = {}
    for stage, started, ended, counts in rows:
        seconds, sums = found.get(stage, (0.0, {}))
        took = datetime.fromisoformat(ended) - datetime.fromisoformat(started)
        for key, value in json.loads(counts).items():
            sums[key] = sums.get(key, 0) + value
        found[stage] = (seconds + took.total_seconds(), sums)
    return found


def print_stages(title: str, found: dict[str, tuple[float, dict[str, int]]]) -> None:
    """One line per stage: seconds, and documents per second where it counts documents."""
    print(title)
    for stage, (seconds, counts) in found.items():
        done = max((counts.get(key, 0) for key in ("new", "documents", "embedded")), default=0)
        rate = f"{done / max(seconds, 1):10,.0f} documents/s" if done else ""
        print(f"  {stage:10}{seconds:8.0f} s{rate}")


@click.command()
@click.argument("where", type=click.Path(path_type=Path, file_okay=False))
@click.option("--archive", "sizes", type=int, multiple=True, default=(10_000, 100_000))
def main(where: Path, sizes: tuple[int, ...]) -> None:
    """Print the stages of the first run, the week's run, and the ratio between archives."""
    table, cut = abstracts(), max(sizes)  # all archives end where the largest ends
    results: dict[int, Timed] = {}
    for size in sorted(sizes):
        data = where / f"archive-{size}"
        last = build(data, table, size, cut)
        print_stages(f"archive of {size:,} documents, first run for {last}", stages(data, last))
        copy, week = where / f"week-{size}", shift(last, 1)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(data, copy)
        add_week(copy, table, week, cut)
        results[size] = trendscout(copy, "run", "--no-collect", "--week", week)
        print_stages(f"  the week {week} with {NEW:,} new documents", stages(copy, week))
    for size, result in results.items():
        target = "< 180 s" if size == cut else ""
        print(
            f"run on an archive of {size:7,}: {result.seconds:6.1f} s {target:8}"
            f" peak {result.gigabytes:.2f} GB (< 4)"
        )
    if len(results) > 1:
        ratio = results[max(results)].seconds / results[min(results)].seconds
        print(f"ratio of the largest to the smallest archive: {ratio:.2f} (<= 1.2)")


if __name__ == "__main__":
    main()
