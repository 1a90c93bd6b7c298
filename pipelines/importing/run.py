"""Import: from bulk files to documents, with a rejects file beside the database."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO

from config.errors import InputError, UsageError
from config.models import Settings
from pipelines.database import Database
from pipelines.exchange import Limits, key_of
from pipelines.importing.reading import Part, reading
from pipelines.importing.rows import Reject
from pipelines.store.documents import Prepared, save_batch

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
    limits = limits_of(settings, today)
    result = Imported()
    for path in paths:
        with rejects_file(data, path.stem, str(path.resolve()), result.rejects) as rejects:
            try:
                with reading(form, path, limits, today) as parts:
                    save_all(db, parts, rejects, result.counts, progress)
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
    parts: Iterator[Part],
    rejects: Callable[[Reject], None],
    counts: Counter[str],
    progress: Callable[[int], None] = lambda done: None,
    *,
    keep_available: bool = False,
) -> None:
    """Save *parts*, each in a transaction; adds `new`, `updated`, `unchanged`, `rejected`.

    A thread gets the next part, but only while SQLite works by itself: inserting rows gives
    Python's lock away for each of them, and would wait for it as often.
    """
    with ThreadPoolExecutor(1, "reading") as reader:
        coming: Future[Part] = reader.submit(next, parts, [])

        def read_on() -> None:
            nonlocal coming
            coming = reader.submit(next, parts, [])

        while part := coming.result():
            rows = sorted_out(part, rejects, counts)
            counts.update(save_batch(db, rows, keep_available=keep_available, meanwhile=read_on))
            progress(len(rows))


def sorted_out(
    part: Part, rejects: Callable[[Reject], None], counts: Counter[str]
) -> list[Prepared]:
    """The rows of *part* to be saved; rejects are handed on and counted."""
    rows: list[Prepared] = []
    for row in part:
        if isinstance(row, Reject):
            rejects(row)
            counts["rejected"] += 1
            if counts["rejected"] <= SHOWN:
                log.warning("%s: %s", row.where, row.reason)
        else:
            rows.append(row)
    return rows


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
