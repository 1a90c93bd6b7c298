"""What a source's reader makes of saved responses: `trendscout parse SOURCE FILE…`."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import HttpUrl

from config.errors import SourceDrift
from config.models import Kind, Source
from crawlers.items import DocumentLine
from crawlers.readers import reader, reader_names
from crawlers.readers.base import Reader, Reading
from crawlers.saved import Saved, saved_responses

if TYPE_CHECKING:
    from config.loader import Configuration

_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)

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
    with a `body`. For every file, interaction or record that cannot be read, *refused* gets
    one line that names it and says why, and *empty* one for an answer that lists nothing
    (standard error unless given); the rest goes on. UsageError when there is no such reader.
    """
    source, name = _source(source_name, configuration)
    read_body, tell, tell_empty = reader(name), refused or _to_stderr, empty or _to_stderr
    for path in paths:
        for saved in saved_responses(Path(path)):
            found = _read(read_body, source, saved)
            for reason in found.rejected:
                tell(f"{saved.where}: {reason}")
            if not found.documents and not found.rejected:
                tell_empty(f"{saved.where}: read, and nothing is listed in it")
            yield from found.documents


def _read(read_body: Reader, source: Source, saved: Saved) -> Reading:
    """What *read_body* makes of one body; a refusal is a reading without documents."""
    if saved.problem:
        return Reading(rejected=[saved.problem])
    try:
        return read_body(saved.body, source=source, url=saved.url)
    except SourceDrift as exc:
        reason = str(exc)
    except _BROKEN as exc:  # an answer that no guard of the reader foresaw
        reason = f"cannot be read ({type(exc).__name__}: {exc})"
    return Reading(rejected=[reason if saved.status < 300 else f"HTTP {saved.status}: {reason}"])


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
