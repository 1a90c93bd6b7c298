"""Readers turn response bodies into documents: bytes in, values out, no network, no clock."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TextIO, cast

from config.errors import UsageError
from config.models import Source
from crawlers.readers.base import Reader, Reading

TableReader = Callable[[TextIO, Source], Iterator[Reading]]

_HELPERS = {"__init__", "base", "countries"}


def reader_names() -> list[str]:
    """Every reader there is: the modules of this package that are not helpers."""
    return sorted(
        path.stem
        for path in Path(__file__).parent.glob("*.py")
        if path.stem not in _HELPERS and not path.stem.startswith("_")
    )


@cache
def reader(name: str) -> Reader:
    """The `read` of `crawlers/readers/<name>.py`; UsageError when there is none."""
    if name not in reader_names():
        raise UsageError(f"no reader {name!r}; there are: {', '.join(reader_names())}")
    return cast(Reader, import_module(f"crawlers.readers.{name}").read)


def table_reader(name: str) -> TableReader | None:
    """The `read_table` of a reader whose source gives tables too large for one reading."""
    module = import_module(f"crawlers.readers.{name}") if name in reader_names() else None
    return cast("TableReader | None", getattr(module, "read_table", None))
