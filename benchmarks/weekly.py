"""A week on a large archive beside the same week on a small one.

    python -m benchmarks.weekly FOLDER [--archive 10000 --archive 100000]
                                       [--vectors VECTORS [--titles]]

Builds under FOLDER one data folder per archive from the arXiv abstracts in
TRENDSCOUT_BENCH_DATA and analyses it; it is kept, and a second call goes on where the first
one ended. Then a copy of each gets 1,000 new documents in each of the two following weeks,
an ordinary one and one with a new fit, and the whole `run` for each week is timed as a
process of its own. Rates of stages are read from the ledger that every run leaves.

The large archive takes about an hour on two cores, nearly all of it for what the language
stages do once per text. With --vectors, the folder in which `benchmarks.themes` keeps
vectors, these are taken from there, and the texts of the archive lend each other the
findings of its first 2,000: its tables are as large as with findings of their own. With
--titles too, they are vectors of titles, which take a tenth of the time to make where there
are none yet. What is timed, the two weeks, does all its work.
"""

import json
import os
import shutil
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from benchmarks.data import folder
from config.weeks import first_day, last_day, shift

NEW = 1000  # documents a week
LAST = "2017-W38"  # of every archive; an ordinary week follows, then the first of a quarter
WEEKS = {"ordinary": shift(LAST, 1), "refit": shift(LAST, 2)}
READ = 2000  # texts of a prepared archive that have findings of their own
BOUND = 1.2  # of a week's cost on the largest archive over that on the smallest
ORDINARY = 12  # weeks of a quarter, beside the one with a fit


@dataclass(frozen=True, slots=True)
class Timed:
    """One process: how long it took, what it computed, and how large it grew."""

    seconds: float
    cpu: float  # seconds, user and system: what a busy machine does not change
    gigabytes: float


def timed(*command: str) -> Timed:
    """Run *command* to its end; the benchmark ends with it when it fails."""
    started = time.perf_counter()
    process = os.posix_spawn(command[0], list(command), dict(os.environ))
    _, status, usage = os.wait4(process, 0)
    if code := os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(command)}: exit code {code}")
    cpu = usage.ru_utime + usage.ru_stime
    return Timed(time.perf_counter() - started, cpu, usage.ru_maxrss / 1024**2)


def trendscout(data: Path, *arguments: str) -> Timed:
    """Run the command line on *data*, in a process of its own."""
    return timed(sys.executable, "-m", "pipelines.cli", "--data", str(data), *arguments)


def abstracts() -> tuple[Any, int]:
    """The arXiv table, oldest first, and how many of it came by the end of LAST."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder() / "arxiv" / "arxiv_2012_2017.parquet")
    table = table.sort_by([("created", "ascending"), ("arxiv_id", "ascending")])
    until = last_day(LAST)
    return table, sum(_day(value) <= until for value in table["created"].to_pylist())


def build(
    data: Path, table: Any, size: int, cut: int, vectors: Path | None, *, titles: bool
) -> None:
    """An analysed archive of the *size* abstracts before the *cut*."""
    import pyarrow.parquet as pq

    data.mkdir(parents=True, exist_ok=True)
    if not (data / "trendscout.db").exists():
        file = data / "archive.parquet"
        pq.write_table(table.slice(cut - size, size), file, row_group_size=5000)
        trendscout(data, "import", "arxiv", str(file))
    if vectors is not None:
        prepare(data, vectors, titles=titles)
    trendscout(data, "run", "--no-collect", "--week", LAST)


def prepare(data: Path, vectors: Path, *, titles: bool) -> None:
    """Enrich and embed an archive with borrowed findings and kept vectors."""
    from benchmarks.arxiv import arxiv
    from config.loader import load_configuration
    from nlp.embed import configured_name
    from pipelines.analysis import Analysis, analyser, full
    from pipelines.enrich import enrich
    from pipelines.store import using_store
    from pipelines.store.embeddings import save_embeddings, texts_to_embed

    configuration = load_configuration()
    embedding = configuration.settings.embedding
    read = analyser(configuration, ())
    lenders: list[Analysis] = []

    def borrow(rows: Sequence[dict[str, Any]]) -> list[Analysis]:
        found = []
        if len(lenders) < READ:
            found = list(read(rows))
            lenders.extend(found)
        else:
            for number, row in enumerate(rows):
                lent, length = lenders[number % READ], len(full(row))
                inside = tuple(one for one in lent.mentions if one.end <= length)
                found.append(replace(lent, mentions=inside))
        return found

    with using_store(data) as db:
        enrich(db, configuration, Counter(), week=LAST, analyse=borrow, ahead=READ)
        model = configured_name(embedding)
        until = last_day(LAST).isoformat()
        wanted = set(texts_to_embed(db, model, embedding.languages, until=until))
        keys = dict(db.execute("SELECT id, text_key FROM documents").fetchall())
        corpus, _ = arxiv(vectors, titles=titles)
        rows = [row for row, name in enumerate(corpus.ids) if keys.get(name) in wanted]
        save_embeddings(db, model, [keys[corpus.ids[row]] for row in rows], corpus.vectors[rows])


def add_week(data: Path, fresh: Any, week: str) -> None:
    """The documents of the table *fresh*, dated into *week*."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = [first_day(week) + timedelta(days=number % 7) for number in range(len(fresh))]
    place = fresh.column_names.index("created")
    kind = fresh.schema.field("created").type
    dated = fresh.set_column(place, "created", pa.array(days, type=pa.date32()).cast(kind))
    file = data / "week.parquet"
    pq.write_table(dated, file)
    trendscout(data, "import", "arxiv", str(file))


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value)[:10])


def stages(data: Path, week: str) -> dict[str, tuple[float, dict[str, int]]]:
    """Seconds and counts of each stage that ended well for *week*, summed over its runs."""
    db = sqlite3.connect(data / "trendscout.db")
    rows = db.execute(
        "SELECT stage, started, ended, counts FROM stage_runs WHERE status = 'done' "
        "AND week = ? ORDER BY id",
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
        print(f"  {stage:10}{seconds:8.0f} s{rate}", flush=True)


def two_weeks(where: Path, table: Any, size: int, cut: int) -> dict[str, Timed]:
    """The weeks after an archive of *size*, one after the other, on a copy of it."""
    copy = where / f"week-{size}"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(where / f"archive-{size}", copy)
    found = {}
    for number, (name, week) in enumerate(WEEKS.items()):
        add_week(copy, table.slice(cut + number * NEW, NEW), week)
        found[name] = trendscout(copy, "run", "--no-collect", "--week", week)
        title = f"  the {name} week {week} with {NEW:,} new documents"
        print_stages(title, stages(copy, week))
    return found


def average(weeks: Mapping[str, Timed]) -> float:
    """Seconds of CPU of the average week of a quarter, in which one week has a fit."""
    return (ORDINARY * weeks["ordinary"].cpu + weeks["refit"].cpu) / (ORDINARY + 1)


@click.command()
@click.argument("where", type=click.Path(path_type=Path, file_okay=False))
@click.option("--archive", "sizes", type=int, multiple=True, default=(10_000, 100_000))
@click.option("--vectors", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--titles", is_flag=True, help="the archive's vectors are those of titles")
def main(where: Path, sizes: tuple[int, ...], vectors: Path | None, titles: bool) -> None:
    """Print the stages of the first run and of two weeks, and the ratios between archives."""
    table, cut = abstracts()
    results: dict[int, dict[str, Timed]] = {}
    for size in sorted({min(size, cut) for size in sizes}):
        data = where / f"archive-{size}"
        build(data, table, size, cut, vectors, titles=titles)
        print_stages(f"archive of {size:,} documents, first run for {LAST}", stages(data, LAST))
        results[size] = two_weeks(where, table, size, cut)
    least, most = min(results), max(results)
    for name in WEEKS:
        for size, found in results.items():
            one = found[name]
            target = "< 180 s" if size == most else ""
            print(
                f"{name:8} week on an archive of {size:7,}: {one.seconds:6.1f} s {target:8}"
                f" {one.cpu:6.1f} s of CPU, peak {one.gigabytes:.2f} GB (< 4)"
            )
        if least < most:
            large, small = results[most][name], results[least][name]
            print(
                f"{name:8} week, largest archive to smallest: {large.seconds / small.seconds:.2f}"
                f" in time, {large.cpu / small.cpu:.2f} in CPU (<= {BOUND})"
            )
    if least < most:
        large_week, small_week = average(results[most]), average(results[least])
        print(
            f"average week of a quarter: {large_week:.1f} s of CPU and {small_week:.1f} s, "
            f"{large_week / small_week:.2f} times (<= {BOUND})"
        )


if __name__ == "__main__":
    main()
