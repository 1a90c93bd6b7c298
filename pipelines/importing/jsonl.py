"""Documents as JSON lines (docs/formats.md)."""

from collections.abc import Iterator
from pathlib import Path

from pipelines.exchange import Limits
from pipelines.importing.rows import Read, opened, read_lines


def read(path: Path, limits: Limits) -> Iterator[Read]:
    """Records and rejects of one file, plain or `.gz`."""
    with opened(path) as stream:
        yield from read_lines(stream, path.name, limits)
