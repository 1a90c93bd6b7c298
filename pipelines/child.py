"""A process of its own at the other end of a pipe, which ends when this one does."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any


@contextmanager
def child(work: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """Our end of a pipe to a process that runs `work(end, *arguments)`, for the length of a block.

    *work* has to end when the other end is closed: `recv` raises EOFError then, `send` a
    ConnectionError. So a run that is killed leaves no process behind.
    """
    # Not forked: a process that runs threads, as models do, cannot be copied safely.
    starting = multiprocessing.get_context("spawn")
    ours, theirs = starting.Pipe()
    process = starting.Process(target=_begin, args=(work, theirs, *arguments), daemon=True)
    process.start()
    theirs.close()  # else nobody would notice that the process is gone
    try:
        yield ours
    finally:
        ours.close()
        process.join()


def _begin(work: Callable[..., None], end: Connection, *arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other end decides when to stop
    work(end, *arguments)
