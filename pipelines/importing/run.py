"""Import: from bulk files to documents, with a rejects file beside the database."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import IO

from config.errors import InputError, UsageError
from config.models import Settings
from pipelines.database import Database
from pipelines.exchange import Limits, Record, key_of
from pipelines.importing.rows import Read, Reject
from pipelines.store.documents import BATCH, Prepared, prepared, save_batch

log = logging.getLogger(__name__)

FORMATS = ("cordis", "arxiv", "jsonl")
SHOWN = 5  # refused rows a file that are logged; the rejects file has all of them


@dataclass
class Imported:
    """What an import came to."""

    counts: Counter[str] = field(default_factory=Counter)
    rejects: list[Path] = field(default_factory=list)  # files with refused rows
    broken: list[str] = field(default_factory=list)  # files that could not be read to their end


def limits_of(settings: Settings, today: date) -> Limits:
    """The days documents may carry; a day of grace, since it is tomorrow somewhere."""
    return Limits(settings.earliest, today + timedelta(days=1))


def import_files(
    db: Database,
    data: Path,
    form: str,
    paths: Sequence[Path],
    *,
    settings: Settings,
    today: date,
    progress: Callable[[int], None] = lambda done: None,
) -> Imported:
    """Read *paths* into the store, batch by batch; a repeated import changes nothing.

    A killed import is simply started again: what is stored is recognised by its content.
    A file that cannot be read is reported and the next one goes on; InputError at the end
    when there was such a file or not one row could be used.
    """
    if form not in FORMATS:
        raise UsageError(f"{form}: one of {', '.join(FORMATS)} is expected")
    read = import_module(f"pipelines.importing.{form}").read
    limits = limits_of(settings, today)
    result = Imported()
    for path in paths:
        with rejects_file(data, path.stem, str(path.resolve()), result.rejects) as rejects:
            try:
                rows = sorted_out(read(path, limits), rejects, result.counts)
                save_all(db, rows, result.counts, today, progress)
            except InputError as exc:
                log.error("%s", exc)
                result.broken.append(str(exc))
    return result


def finished(result: Imported) -> None:
    """InputError when a file broke off, or when nothing at all could be used."""
    if result.broken:
        raise InputError("; ".join(result.broken))
    if result.counts["rejected"] and result.counts.total() == result.counts["rejected"]:
        raise InputError(f"not one row could be used; see {result.rejects[0]}")


def save_all(
    db: Database,
    rows: Iterable[Record],
    counts: Counter[str],
    today: date,
    progress: Callable[[int], None] = lambda done: None,
    *,
    keep_available: bool = False,
) -> None:
    """Save *rows* in batches, one transaction each; adds `new`, `updated`, `unchanged`.

    A thread reads one batch ahead, but only while SQLite works by itself: inserting rows
    gives Python's lock away for each of them, and would wait for it as often.
    """
    reading = batches(rows)

    def next_batch() -> list[Prepared]:
        return [prepared(row, today) for row in next(reading, ())]

    with ThreadPoolExecutor(1, "reading") as reader:
        coming = reader.submit(next_batch)

        def read_on() -> None:
            nonlocal coming
            coming = reader.submit(next_batch)

        while batch := coming.result():
            counts.update(save_batch(db, batch, keep_available=keep_available, meanwhile=read_on))
            progress(len(batch))


def batches(rows: Iterable[Record]) -> Iterator[list[Record]]:
    """*rows* by the batch; what was read before a file broke off is handed out as well."""
    batch: list[Record] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except InputError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def sorted_out(
    rows: Iterable[Read], rejects: Callable[[Reject], None], counts: Counter[str]
) -> Iterator[Record]:
    """The records of *rows*; rejects are handed on and counted."""
    for row in rows:
        if isinstance(row, Reject):
            rejects(row)
            counts["rejected"] += 1
            if counts["rejected"] <= SHOWN:
                log.warning("%s: %s", row.where, row.reason)
        else:
            yield row


@contextmanager
def rejects_file(
    data: Path, stem: str, identity: str, written: list[Path]
) -> Iterator[Callable[[Reject], None]]:
    """Collect refused rows in `rejects/<stem>-<key>.jsonl`; made anew, absent when none was.

    *identity* tells two files of the same name apart, and gives a repeated import the same
    file, so that nothing is listed twice.
    """
    folder = data / "rejects"
    path = folder / f"{stem}-{key_of(identity)[:8]}.jsonl"
    partial = path.with_suffix(".part")
    stream: IO[str] | None = None

    def keep(reject: Reject) -> None:
        nonlocal stream
        if stream is None:
            folder.mkdir(parents=True, exist_ok=True)
            stream = partial.open("w", encoding="utf-8")
        stream.write(reject.as_line() + "\n")

    try:
        yield keep
    finally:
        if stream is not None:
            stream.close()
            partial.replace(path)
            written.append(path)
        else:
            path.unlink(missing_ok=True)
