"""Bulk files as parts that can be saved at once; a large file is read by a process of its own.

Reading and saving cost about the same, so that on two cores the one hides most of the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

from config.errors import InputError, StageFailed
from pipelines.child import child
from pipelines.exchange import Limits
from pipelines.importing.rows import Reject
from pipelines.store.documents import BATCH, Prepared, prepared

LARGE = 4_000_000  # bytes, packed or not, for which a process is worth its start, a second

Part = list[Prepared | Reject]  # up to BATCH rows, in their order


@contextmanager
def reading(form: str, path: Path, limits: Limits, today: date) -> Iterator[Iterator[Part]]:
    """The parts of *path*, in the layout *form*, as read on the day *today*.

    InputError when the file breaks off, after the parts before that; StageFailed when the
    process that reads ends early.
    """
    if size_of(path) < LARGE:
        yield parts(form, path, limits, today)
        return
    with child(serve, form, path, limits, today) as end:
        yield received(end)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files of a folder; 0 when there is none."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())


def parts(form: str, path: Path, limits: Limits, today: date) -> Iterator[Part]:
    """Read *path* here; what was read before it broke off is handed out as well."""
    part: Part = []
    try:
        for row in import_module(f"pipelines.importing.{form}").read(path, limits):
            part.append(row if isinstance(row, Reject) else prepared(row, today))
            if len(part) == BATCH:
                yield part
                part = []
    except InputError:
        if part:
            yield part
        raise
    if part:
        yield part


def received(end: Connection) -> Iterator[Part]:
    """The parts that the process at the other end reads."""
    try:
        while found := end.recv():
            if isinstance(found, Exception):
                raise found
            yield found
    except (EOFError, OSError) as exc:  # between two parts, or within one
        raise StageFailed("the process that reads the file ended before the file did") from exc


def serve(end: Connection, form: str, path: Path, limits: Limits, today: date) -> None:
    """Send parts until the file ends, nothing last; or why it does not."""
    with suppress(ConnectionError):  # nobody is there any more
        try:
            for part in parts(form, path, limits, today):
                end.send(part)
            end.send([])
        except InputError as exc:
            end.send(exc)
