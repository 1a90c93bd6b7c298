"""Readers turn response bodies into documents: bytes in, values out, no network, no clock."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from config.errors import UsageError
from crawlers.readers.base import Reader

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
