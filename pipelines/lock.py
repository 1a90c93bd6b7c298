"""One run at a time per data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import StoreBusy, StoreError


@contextmanager
def run_lock(data: Path) -> Iterator[None]:
    """Hold the data folder for the length of a block; StoreBusy when another run has it.

    The kernel frees the lock when its process ends, however it ends, so a killed run never
    leaves a folder locked. The file itself stays: removing it would let two runs in.
    """
    path = data / "run.lock"
    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise StoreError(f"{path}: cannot be made ({exc})") from exc
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip()
            raise StoreBusy(f"{data}: another run is under way (process {holder or '?'})") from exc
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)
