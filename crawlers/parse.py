"""What a source's reader makes of saved responses: `trendscout parse SOURCE FILE…`."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import HttpUrl

from config.errors import SourceDrift
from config.models import Kind, Source
from crawlers.items import DocumentLine
from crawlers.readers import TableReader, reader, reader_names, table_reader
from crawlers.readers.base import Reader, Reading, is_json, parse_json
from crawlers.saved import Saved, saved_responses

if TYPE_CHECKING:
    from config.configuration import Configuration

_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)

_MOST = 1000  # values inside a body that are tried as answers

_KINDS: dict[str, Kind] = {
    "cordis": "project", "kohesio": "project", "keep": "project", "sedia": "call",
    "ted": "tender", "epo": "patent", "feed": "news", "press_corner": "news",
}  # fmt: skip


def parse_files(
    source_name: str,
    paths: Iterable[Path],
    configuration: "Configuration | None" = None,
    *,
    refused: Callable[[str], None] | None = None,
    empty: Callable[[str], None] | None = None,
) -> Iterator[DocumentLine]:
    """The documents in saved responses of *source_name*, in the order of the files.

    *source_name* is a reader (`cordis`, `openalex`, …, `feed`) or a source of *configuration*;
    where both have the name and the source is read by another reader, the reader is meant.
    A file is a plain body, gzip, JSON lines, a VCR cassette (YAML or JSON), a HAR file or JSON
    with a `body`; a `.csv` may be of any size where the reader takes a table in parts. For every
    file, interaction or record that cannot be read, *refused* gets one line that names it and
    says why, and *empty* one for an answer that lists nothing (standard error unless given);
    the rest goes on. UsageError when there is no such reader.
    """
    source, name = _source(source_name, configuration)
    read_body, tell, tell_empty = reader(name), refused or _to_stderr, empty or _to_stderr
    read_table = table_reader(name)
    for path in map(Path, paths):
        if read_table and path.suffix.lower() == ".csv":
            readings = ((str(path), part) for part in _parts(read_table, source, path))
        else:
            saved = saved_responses(path)
            readings = ((one.where, _read(read_body, source, one)) for one in saved)
        for where, found in readings:
            for reason in found.rejected:
                tell(f"{where}: {reason}")
            if not found.documents and not found.rejected:
                tell_empty(f"{where}: read, and nothing is listed in it")
            yield from found.documents


def _parts(read_table: TableReader, source: Source, path: Path) -> Iterator[Reading]:
    """The readings of a table, however large; the last one says why it is not read further."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            yield from read_table(lines, source)
    except OSError as exc:
        yield Reading(rejected=[exc.strerror or str(exc)])
    except SourceDrift as exc:
        yield Reading(rejected=[str(exc)])


def _read(read_body: Reader, source: Source, saved: Saved) -> Reading:
    """What *read_body* makes of one body; a refusal is a reading without documents.

    A JSON body that is refused may hold the answer among other things that somebody saved:
    then what can be read inside it counts.
    """
    if saved.problem:
        return Reading(rejected=[saved.problem])
    found = _tried(read_body, source, saved)
    if not found.rejected or found.documents or not is_json(saved.body):
        return found
    try:
        values = _inside(parse_json(saved.body))
    except SourceDrift:
        return found
    inner = [_tried(read_body, source, saved._replace(body=value)) for value in values]
    readable = [one for one in inner if one.documents]
    documents = [document for one in readable for document in one.documents]
    if not documents:
        return found
    return Reading(documents, rejected=[why for one in readable for why in one.rejected])


def _tried(read_body: Reader, source: Source, saved: Saved) -> Reading:
    try:
        return read_body(saved.body, source=source, url=saved.url)
    except SourceDrift as exc:
        reason = str(exc)
    except _BROKEN as exc:  # an answer that no guard of the reader foresaw
        reason = f"cannot be read ({type(exc).__name__}: {exc})"
    return Reading(rejected=[reason if saved.status < 300 else f"HTTP {saved.status}: {reason}"])


def _inside(found: Any) -> list[bytes]:
    """The values of a JSON object that may be answers: objects, lists, and texts of either."""
    values = list(found.values())[:_MOST] if isinstance(found, dict) else []
    texts = (one for one in values if isinstance(one, str) and one.lstrip()[:1] in ("<", "{", "["))
    return [json.dumps(one).encode() for one in values if one and isinstance(one, dict | list)] + [
        one.encode("utf-8", errors="replace") for one in texts
    ]


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")


def _source(name: str, configuration: "Configuration | None") -> tuple[Source, str]:
    """The source as configured, or one made up for the reader *name*; and its reader."""
    configured = configuration.sources.get(name) if configuration else None
    if configured and (configured.spider == name or name not in reader_names()):
        return configured, configured.spider
    made_up = Source(
        name=name,
        title=f"Saved responses of {name}",
        summary="Made up for reading saved responses; nothing is crawled under this name.",
        kind=_KINDS.get(name, "publication"),
        url=HttpUrl("https://example.org/"),
    )
    return made_up, name
