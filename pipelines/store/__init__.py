"""The store: one SQLite file, opened here, read and written by the modules beside this one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from config.errors import StoreBusy, StoreError, StoreTooNew
from pipelines.database import Database
from pipelines.exchange import key_of as key_of
from pipelines.migrations import migrations

NAME = "trendscout.db"
BUSY_SECONDS = 30.0


def open_store(
    data: Path, *, read_only: bool = False, busy_seconds: float = BUSY_SECONDS
) -> Database:
    """The database of the data folder *data*, made and brought up to date when needed.

    Writers wait up to *busy_seconds* for each other, readers never wait (WAL). Raises
    StoreTooNew for a database of a newer trendscout, StoreBusy when it stays locked and
    StoreError, naming the file, when it cannot be used.
    """
    path = data / NAME
    with clear_errors(path):
        db = Database(_connect(path, read_only, busy_seconds))
        try:
            _check_version(db, path)
            if read_only:
                _check_migrated(db, path)
            else:
                _prepare(db)
        except BaseException:
            db.close()
            raise
    return db


def folder_of(db: Database) -> Path:
    """The data folder that holds *db*."""
    _, _, file = db.conn.execute("PRAGMA database_list").fetchone()  # "main" comes first
    return Path(file).parent


@contextmanager
def using_store(
    data: Path, *, read_only: bool = False, busy_seconds: float = BUSY_SECONDS
) -> Iterator[Database]:
    """`open_store` for the length of a block: closed at its end, errors of SQLite explained."""
    with (
        clear_errors(data / NAME),
        closing(open_store(data, read_only=read_only, busy_seconds=busy_seconds)) as db,
    ):
        yield db


def existing(data: Path) -> Path:
    """The database file of *data*; StoreError when nothing was ever stored there."""
    path = data / NAME
    if not path.is_file():
        raise StoreError(f"{path}: there is no database yet; import or collect something first")
    return path


@contextmanager
def empty_store() -> Iterator[Database]:
    """A database in memory with all tables and no rows."""
    with closing(Database(memory=True)) as db:
        migrations.apply(db)
        yield db


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the file system about *path*, as our own and with its name."""
    try:
        yield
    except sqlite3.Error as exc:
        raise explained(exc, path) from exc


def explained(error: sqlite3.Error, path: Path) -> StoreError:
    """What *error* means to the person whose database *path* is."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreBusy(f"{path}: another process holds the database ({text})")
    if "full" in text or "disk I/O" in text:
        return StoreError(f"{path}: the disk is full or failing ({text}); nothing was half saved")
    if "not a database" in text or "malformed" in text:
        return StoreError(f"{path}: not a usable database ({text}); restore it or move it away")
    if "unable to open" in text or "readonly" in text:
        return StoreError(f"{path}: cannot be opened ({text})")
    return StoreError(f"{path}: {text}")


def _connect(path: Path, read_only: bool, busy_seconds: float) -> sqlite3.Connection:
    if read_only:
        existing(path.parent)
        # `mode=ro` still takes part in WAL, so a reader sees what a running writer committed.
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", busy_seconds, uri=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreError(f"{path.parent}: the data folder cannot be made ({exc})") from exc
    return sqlite3.connect(path, busy_seconds)


def _prepare(db: Database) -> None:
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")  # safe with WAL: a crash loses no committed batch
    db.execute("PRAGMA wal_autocheckpoint=16000")  # pages: a bulk load waits less for the disk
    db.execute("PRAGMA cache_size=-65536")  # KiB: bulk loads touch many index pages
    db.execute("PRAGMA temp_store=FILE")
    if migrations.pending(db):
        migrations.apply(db)


def _check_version(db: Database, path: Path) -> None:
    # What an empty database would still need is everything this version knows.
    known = {one.name for one in migrations.pending(Database(memory=True))}
    newer = sorted({one.name for one in migrations.applied(db)} - known)
    if newer:
        raise StoreTooNew(f"{path}: written by a newer trendscout (it knows {newer[-1]})")


def _check_migrated(db: Database, path: Path) -> None:
    if migrations.pending(db):
        raise StoreError(f"{path}: written by an older trendscout; `trendscout status` updates it")
