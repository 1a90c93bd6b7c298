"""How fast extraction is beside the bare tagger, and how its memory behaves over many texts.

Speed is abstracts a second of processor time, which others on the machine cannot slow much;
with two processes it is the sum of both, as two free cores would give.
"""

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from config.configuration import Configuration
from config.loader import load_configuration
from config.models import Technology
from nlp.clean import mask
from nlp.extraction import BATCH, Extractor, Text, extractor
from nlp.language import detect
from pipelines.crew import analysing

TRIES = 2  # the better counts
AHEAD = 2000  # texts handed over at once, as the stage does
MARKS = (2_000, 10_000, 50_000)
PAGE = os.sysconf("SC_PAGE_SIZE")

Row = dict[str, Any]
Work = Callable[[Extractor, Sequence[Text]], None]


def abstracts(data: Path, count: int) -> list[Row]:
    """The first *count* abstracts, with `title, text, language`."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(data / "arxiv/arxiv_2012_2017.parquet")
    batches = file.iter_batches(batch_size=1000, columns=["title", "abstract"])
    rows = islice((row for batch in batches for row in batch.to_pylist()), count)
    return [{"title": row["title"], "text": row["abstract"], "language": ""} for row in rows]


def speed_table(data: Path, configuration: Configuration, count: int) -> None:
    """One process, one with 20,000 concepts more, and two."""
    texts = [
        Text(f"{row['title']}\n{row['text']}", len(row["title"])) for row in abstracts(data, count)
    ]
    finder = extractor(configuration)
    more = {**configuration.technologies, **many_concepts()}
    larger = extractor(replace(configuration, technologies=more))
    print(f"\n{'speed':34}{'abstracts per processor second':>32}")
    bare = per_second(finder, texts, tag_only)
    print(f"  {'bare nlp.pipe':32}{bare:10.0f}")
    whole = per_second(finder, texts, enrich_like)
    print(f"  {'language and all findings':32}{whole:10.0f}   ({whole / bare:.2f} of bare)")
    slower = 1 - per_second(larger, texts, enrich_like) / whole
    print(
        f"  {'with 20,000 concepts more':32}{whole * (1 - slower):10.0f}   ({slower:+.1%} slower)"
    )
    halves = [texts[0::2], texts[1::2]]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        two_bare = sum(pool.map(in_a_process, halves, [tag_only] * 2))
        two = sum(pool.map(in_a_process, halves, [enrich_like] * 2))
    print(f"  {'bare nlp.pipe, two processes':32}{two_bare:10.0f}")
    print(f"  {'all findings, two processes':32}{two:10.0f}   ({two / two_bare:.2f} of bare)")


def in_a_process(texts: Sequence[Text], work: Work) -> float:
    """Texts a second of *work* in this process, which loads its own models."""
    finder = extractor(load_configuration())
    gc.freeze()  # as the stage's processes do
    return per_second(finder, texts, work)


def per_second(finder: Extractor, texts: Sequence[Text], work: Work) -> float:
    """Texts a second of processor time; the better of two tries."""
    work(finder, texts[:100])  # everything loaded
    rates = []
    for _ in range(TRIES):
        start = time.process_time()
        work(finder, texts)
        rates.append(len(texts) / (time.process_time() - start))
    return max(rates)


def tag_only(finder: Extractor, texts: Iterable[Text]) -> None:
    """The tagger alone, as `extract` runs it."""
    with finder.nlp.memory_zone():
        for _ in finder.nlp.pipe([mask(one.text) for one in texts], batch_size=BATCH):
            pass


def enrich_like(finder: Extractor, texts: Sequence[Text]) -> None:
    """What the stage does with a text, without the database."""
    for one in texts:
        detect(one.text)
    for _ in finder.extract(texts):
        pass


def many_concepts() -> dict[str, Technology]:
    """20,000 invented technologies of two and three words."""
    roots = ("ferro", "aero", "photo", "cryo", "nano", "bio", "thermo", "hydro", "electro", "opto")
    ends = ("static", "dynamic", "genic", "lytic", "phobic")
    first = [root + end for root in roots for end in ends]
    second = ("membrane", "reactor", "sensor", "polymer", "circuit", "laser", "turbine", "valve")
    names = [f"{a} {b} {c}" for a in first for b in first for c in second][:20_000]
    return {
        f"bench_{i}": Technology(id=f"bench_{i}", label=name, fields=("bench",))
        for i, name in enumerate(names)
    }


def stream_table(data: Path, configuration: Configuration, documents: int, processes: int) -> None:
    """Memory and rate while *documents* texts go through the stage's own processes.

    The abstracts come round again with other numbers in their titles. Rates are by the clock
    and by the processor time of the slowest process.
    """
    print(f"\n{documents:,} texts, {processes} processes{'':6}{'MB':>8}{'texts/s':>10}{'free':>10}")
    known = abstracts(data, 120_000)
    texts = islice(numbered(cycle(known)), documents)
    with analysing(configuration, (), processes) as analyse:
        analyse(known[: AHEAD // 4])  # everything loaded
        workers = [one.pid or 0 for one in multiprocessing.active_children()] or [os.getpid()]
        started, before, done = time.perf_counter(), list(map(busy, workers)), 0
        while rows := list(islice(texts, AHEAD)):
            analyse(rows)
            done += len(rows)
            if any(done - len(rows) < mark <= done for mark in (*MARKS, documents)):
                clock = done / (time.perf_counter() - started)
                spent = max(busy(one) - first for one, first in zip(workers, before, strict=True))
                memory = sum(map(resident, {*workers, os.getpid()})) / 1e6
                print(f"  after {done:>9,}{'':13}{memory:10.0f}{clock:10.0f}{done / spent:10.0f}",
                      flush=True)  # fmt: skip


def numbered(rows: Iterable[Row]) -> Iterator[Row]:
    """*rows* with a number at the end of each title, so that no two are the same."""
    for number, row in enumerate(rows):
        yield {**row, "title": f"{row['title']} {number}"}


def busy(process: int) -> float:
    """Seconds of processor time that *process* has had."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> int:
    """Bytes of memory that *process* holds now."""
    return int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1]) * PAGE
