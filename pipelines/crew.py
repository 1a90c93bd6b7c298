"""The analysis of texts on several cores of this machine.

Each process loads the models once and answers part after part until it is told to stop, or
until whoever asked is gone: a run that is killed leaves no process behind.
"""

import gc
import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from queue import SimpleQueue

from config.configuration import Configuration
from config.errors import StageFailed
from pipelines.analysis import Analyse, Analysis, Row, analyser
from pipelines.child import child

log = logging.getLogger(__name__)

PART = 128  # texts a process gets at once: about two seconds of work
LEAST = 500  # texts for which another process is worth its start, some seconds


def processes_for(texts: int, wanted: int) -> int:
    """How many processes to analyse *texts* with; *wanted* is the setting, 0 for one a core."""
    return max(1, min(wanted or os.cpu_count() or 1, texts // LEAST))


@contextmanager
def analysing(
    configuration: Configuration, organisations: Sequence[str], processes: int
) -> Iterator[Analyse]:
    """The analysis of rows by so many *processes*; findings come in the order of the rows.

    One process is this one. With more, the analysis raises StageFailed when one of them fails
    or is killed.
    """
    if processes == 1:
        yield analyser(configuration, organisations)
        return
    free: SimpleQueue[Connection] = SimpleQueue()
    with ExitStack() as crew:
        for _ in range(processes):
            free.put(crew.enter_context(child(serve, configuration, organisations)))
        log.info("texts are analysed by %d processes", processes)
        yield partial(_share, free, processes)


def _share(free: SimpleQueue[Connection], processes: int, rows: Sequence[Row]) -> list[Analysis]:
    """The findings of *rows*, each part by a process that is free."""

    def ask(part: Sequence[Row]) -> Sequence[Analysis]:
        end = free.get()
        try:
            return answer(end, part)
        finally:
            free.put(end)

    parts = [rows[at : at + PART] for at in range(0, len(rows), PART)]
    with ThreadPoolExecutor(processes) as threads:  # they only wait
        return [one for found in threads.map(ask, parts) for one in found]


def answer(end: Connection, part: Sequence[Row]) -> Sequence[Analysis]:
    """What the process at the other end makes of *part*; StageFailed when it cannot."""
    try:
        end.send(part)
        found = end.recv()
    except (EOFError, OSError) as exc:
        raise StageFailed("a process that analyses texts was killed") from exc
    if isinstance(found, Exception):
        raise StageFailed(f"a process that analyses texts failed: {found!r}") from found
    return list(found)


def serve(end: Connection, configuration: Configuration, organisations: Sequence[str]) -> None:
    """Answer parts until the other end is closed."""
    analyse = analyser(configuration, organisations)
    gc.freeze()  # what is loaded stays; collecting need not look through it
    with suppress(EOFError, OSError):  # nobody is there any more
        while True:
            part = end.recv()
            try:
                found: Sequence[Analysis] | Exception = analyse(part)
            except Exception as exc:  # noqa: BLE001  (whatever it is, the run has to hear of it)
                found = exc
            end.send(found)
