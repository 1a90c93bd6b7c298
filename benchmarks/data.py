"""Where the optional development data lies: a folder named by TRENDSCOUT_BENCH_DATA."""

import gzip
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def folder() -> Path:
    """The data folder; the benchmark ends with a clear line when there is none."""
    named = os.environ.get("TRENDSCOUT_BENCH_DATA", "")
    if not named or not Path(named).is_dir():
        sys.exit("set TRENDSCOUT_BENCH_DATA to the folder with the development data")
    return Path(named)


def pack(path: Path, lines: Iterable[str]) -> None:
    """Write a table that `nlp.packed` reads; the same lines give the same bytes."""
    # Neither a time stamp nor a name stands in the header.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.writelines(f"{line}\n".encode() for line in lines)


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
