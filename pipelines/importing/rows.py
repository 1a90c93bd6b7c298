"""What a bulk reader yields, and the guarded streams it reads from."""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from config.errors import InputError
from pipelines.exchange import MAX_LINE, Limits, Record, read_line, read_record

MAX_RATIO = 200  # unpacked bytes per packed byte: texts reach 20, bombs 1000 and more
FREE_RATIO = 50_000_000  # unpacked bytes below which no ratio is asked for
MAX_UNPACKED = 20_000_000_000  # bytes of one member, several times the largest official file
SHOWN = 100_000  # characters of a refused row that the rejects file keeps


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was refused: where it stands, why, and the row itself."""

    where: str  # file and line
    reason: str
    row: str

    def as_line(self) -> str:
        """One JSON line of the rejects file; lone surrogates of a bad encoding are escaped."""
        values = {"where": self.where, "reason": self.reason, "row": self.row[:SHOWN]}
        if len(self.row) > SHOWN:
            values["cut"] = f"{len(self.row):,} characters in the file itself"
        return json.dumps(values)


Read = Record | Reject


def checked(values: dict[str, Any], where: str, limits: Limits, row: object = None) -> Read:
    """The record in *values*, or why it is none; *row* is what the file said."""
    try:
        return read_record(values, where, limits)
    except InputError as exc:
        return refused(where, exc, values if row is None else row)


def refused(where: str, error: Exception | str, row: object) -> Reject:
    """A reject whose reason does not repeat the place."""
    text = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False, default=str)
    return Reject(where, str(error).removeprefix(f"{where}: "), text)


# --- lines -----------------------------------------------------------------------


def read_lines(stream: IO[bytes], name: str, limits: Limits) -> Iterator[Read]:
    """Records and rejects of JSON lines; empty lines are passed over."""
    for where, line in numbered(stream, name):
        if isinstance(line, Reject):
            yield line
            continue
        try:
            yield read_line(line, where, limits)
        except InputError as exc:
            yield refused(where, exc, line.decode("utf-8", errors="replace").rstrip())


def numbered(stream: IO[bytes], name: str) -> Iterator[tuple[str, bytes | Reject]]:
    """Each line that is not empty with its place; one that is too long is never held whole."""
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        where = f"{name} line {number}"
        if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"{name}: UTF-16; UTF-8 is expected")
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            start = line[:1000].decode("utf-8", errors="replace")
            yield where, Reject(where, f"longer than {MAX_LINE:,} bytes", start)
        elif line.strip():
            yield where, line


# --- files -----------------------------------------------------------------------


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """What can be wrong with a whole file, as InputError with its name."""
    try:
        yield
    except FileNotFoundError as exc:
        raise InputError(f"{path}: no such file") from exc
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as exc:
        raise InputError(f"{path}: cannot be read ({exc})") from exc


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """*path* for reading; `.gz` is unpacked on the way, as long as it is no bomb."""
    with file_errors(path):
        if path.is_dir():
            raise InputError(f"{path}: a folder; a file is expected")
        size = path.stat().st_size
        if not size:
            raise InputError(f"{path}: the file is empty")
        with path.open("rb") as raw:
            if path.suffix == ".gz":
                with gzip.open(raw) as unpacked:
                    yield _buffered(Guarded(unpacked, size, str(path)))
            else:
                yield raw


class Guarded(io.RawIOBase):
    """A stream that stops with InputError when it unpacks to far more than was packed."""

    def __init__(self, inner: Any, packed: int, name: str) -> None:
        self._inner = inner
        self._limit = min(max(packed * MAX_RATIO, FREE_RATIO), MAX_UNPACKED)
        self._name = name
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data: bytes = self._inner.read(len(buffer))
        self._read += len(data)
        if self._read > self._limit:
            raise InputError(f"{self._name}: unpacks to more than {self._limit:,} bytes, refused")
        buffer[: len(data)] = data
        return len(data)


def _buffered(raw: Guarded) -> IO[bytes]:
    return io.BufferedReader(raw, 1 << 20)


# --- archives --------------------------------------------------------------------


class Folder:
    """The members of a zip or of a plain folder, by bare file name; nothing is unpacked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        self._members: dict[str, Any] = {}

    def __enter__(self) -> "Folder":
        with file_errors(self.path):
            if self.path.is_dir():
                files = sorted(one for one in self.path.rglob("*") if one.is_file())
                self._members = {one.name.lower(): one for one in files}
            else:
                self._zip = zipfile.ZipFile(_is_zip(self.path))
                self._members = {
                    _safe(info, self.path).rpartition("/")[2].lower(): info
                    for info in self._zip.infolist()
                    if not info.is_dir()
                }
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip:
            self._zip.close()

    def find(self, fits: Callable[[str], bool]) -> str:
        """The first member whose lower-case name *fits*, or an empty string."""
        return next((name for name in sorted(self._members) if fits(name)), "")

    def name(self, member: str) -> str:
        """What messages call *member*."""
        found = self._members[member]
        inside = found.filename if self._zip else found.relative_to(self.path)
        return f"{self.path.name}/{inside}"

    @contextmanager
    def open(self, member: str) -> Iterator[IO[bytes]]:
        """*member* for reading, guarded against bombs."""
        found = self._members[member]
        with file_errors(self.path / member):
            if self._zip is None:
                with opened(found) as stream:
                    yield stream
                return
            try:
                with self._zip.open(found) as inner:
                    yield _buffered(Guarded(inner, found.compress_size, self.name(member)))
            except (RuntimeError, NotImplementedError) as exc:  # encrypted, unknown method
                raise InputError(f"{self.name(member)}: cannot be unpacked ({exc})") from exc


def _is_zip(path: Path) -> Path:
    """*path*, when it begins as a zip does: a wrong address gives a web page with status 200."""
    with path.open("rb") as stream:
        start = stream.read(512)
    if not start.startswith(b"PK"):
        page = "a web page" if b"<html" in start.lower() or b"<!doctype" in start.lower() else ""
        raise InputError(f"{path}: {page or 'something else'}, not a zip archive")
    return path


def _safe(info: zipfile.ZipInfo, path: Path) -> str:
    """The member's name; InputError when it points outside or unpacks out of proportion."""
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
        raise InputError(f"{path}: member {info.filename!r} points outside the archive, refused")
    limit = min(max(info.compress_size * MAX_RATIO, FREE_RATIO), MAX_UNPACKED)
    if info.file_size > limit:
        size = f"{info.file_size:,} bytes from {info.compress_size:,}"
        raise InputError(f"{path}: member {info.filename!r} unpacks to {size}, refused")
    return name
