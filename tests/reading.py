"""Help for the tests of readers: a source, a saved payload, a reading."""

from importlib import import_module
from pathlib import Path
from typing import Any

from config.models import Source
from crawlers.readers.base import Reading

PAYLOADS = Path(__file__).parent / "payloads"


def source_of(name: str, **values: Any) -> Source:
    """A source named like its reader; *values* replace what is not said."""
    given = {
        "name": name,
        "title": f"Tests of {name}",
        "summary": "A source that exists for the tests of its reader, and for nothing else.",
        "kind": "publication",
        "url": "https://example.org/",
        "spider": name,
    }
    return Source(**(given | values))


def payload(path: str) -> bytes:
    """The bytes of `tests/payloads/<path>`."""
    return (PAYLOADS / path).read_bytes()


def read(name: str, body: bytes, url: str = "") -> Reading:
    """What the reader *name* makes of *body*."""
    reading: Reading = import_module(f"crawlers.readers.{name}").read(
        body, source=source_of(name), url=url
    )
    return reading
