"""Progress of long work: a counter on a terminal, now and then a line under cron."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds between two lines under cron


@contextmanager
def counter(what: str) -> Iterator[Callable[[int], None]]:
    """A function that is told how many more are done."""
    if sys.stderr.isatty():
        with _bar(what) as advance:
            yield advance
    else:
        yield _lines(what)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f}"), TextColumn(what))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done: progress.advance(task, done)


def _lines(what: str) -> Callable[[int], None]:
    total, last = 0, time.monotonic()

    def advance(done: int) -> None:
        nonlocal total, last
        total += done
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            log.info("%s=%d", what, total)

    return advance
