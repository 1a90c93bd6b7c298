"""What a source's reader makes of saved responses: `trendscout parse SOURCE FILE…`."""

import base64
import binascii
import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import HttpUrl

from config.errors import InputError, SourceDrift
from config.models import Kind, Source
from crawlers.items import DocumentLine
from crawlers.readers import reader
from crawlers.readers.base import Reader, Reading, shown

if TYPE_CHECKING:
    from config.loader import Configuration

MAX_BYTES = 256 * 1024 * 1024  # of a file, and of what it unpacks to

_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)

_KINDS: dict[str, Kind] = {
    "cordis": "project", "kohesio": "project", "keep": "project", "sedia": "call",
    "ted": "tender", "epo": "patent", "feed": "news", "press_corner": "news",
}  # fmt: skip


class Saved(NamedTuple):
    """One response body from a file."""

    where: str  # file, and which interaction of it
    body: bytes = b""
    url: str = ""
    problem: str = ""  # why there is no body


def parse_files(
    source_name: str,
    paths: Iterable[Path],
    configuration: "Configuration | None" = None,
    *,
    refused: Callable[[str], None] | None = None,
) -> Iterator[DocumentLine]:
    """The documents in saved responses of *source_name*, in the order of the files.

    *source_name* is a reader (`cordis`, `openalex`, …, `feed`) or a source of *configuration*.
    A file is a plain body, gzip, a VCR cassette (YAML or JSON) or JSON with a `body`. For
    every file, interaction or record that cannot be read, *refused* gets one line that names
    it and says why (standard error unless given); the rest goes on. UsageError when there is
    no such reader.
    """
    source, name = _source(source_name, configuration)
    read_body, tell = reader(name), refused or _to_stderr
    for path in paths:
        for saved in saved_responses(Path(path)):
            found = _read(read_body, source, saved)
            for reason in found.rejected:
                tell(f"{saved.where}: {reason}")
            yield from found.documents


def _read(read_body: Reader, source: Source, saved: Saved) -> Reading:
    """What *read_body* makes of one body; a refusal is a reading without documents."""
    if saved.problem:
        return Reading(rejected=[saved.problem])
    try:
        return read_body(saved.body, source=source, url=saved.url)
    except SourceDrift as exc:
        return Reading(rejected=[str(exc)])
    except _BROKEN as exc:  # an answer that no guard of the reader foresaw
        return Reading(rejected=[f"cannot be read ({type(exc).__name__}: {exc})"])


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")


def _source(name: str, configuration: "Configuration | None") -> tuple[Source, str]:
    """The source as configured, or one made up for the reader *name*; and its reader."""
    configured = configuration.sources.get(name) if configuration else None
    if configured:
        return configured, configured.spider
    made_up = Source(
        name=name,
        title=f"Saved responses of {name}",
        summary="Made up for reading saved responses; nothing is crawled under this name.",
        kind=_KINDS.get(name, "publication"),
        url=HttpUrl("https://example.org/"),
    )
    return made_up, name


# --- files ----------------------------------------------------------------------


def saved_responses(path: Path) -> Iterator[Saved]:
    """The response bodies in *path*, or the reason why there are none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"larger than {MAX_BYTES} bytes")
        body = unpacked(path.read_bytes())
        found = _structure(body, path.suffix.lower())
    except OSError as exc:
        yield Saved(str(path), problem=exc.strerror or str(exc))
    except InputError as exc:
        yield Saved(str(path), problem=str(exc))
    else:
        yield from _unwrapped(found, body, str(path))


def _structure(body: bytes, suffix: str) -> Any:
    """The YAML or JSON value in *body*; None when it is a plain body."""
    head = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix in (".yml", ".yaml") or head.startswith((b"interactions:", b"---")):
        return _yaml(body)
    return _json(body) if head[:1] in (b"{", b"[") else None


def _unwrapped(found: Any, body: bytes, where: str) -> Iterator[Saved]:
    """The bodies that *found* wraps, or *body* as it is when it wraps none."""
    if isinstance(found, dict):
        listed = found.get("interactions", found.get("http_interactions"))
        if isinstance(listed, list):
            for number, interaction in enumerate(listed, start=1):
                yield _interaction(interaction, f"{where}, interaction {number}")
            return
        if _wraps_body(found):
            yield _wrapped(found, where)
            return
    if isinstance(found, list) and found and all(_wraps_body(one) for one in found):
        for number, one in enumerate(found, start=1):
            yield _wrapped(one, f"{where}, response {number}")
        return
    yield Saved(where, body)


def _wraps_body(found: Any) -> bool:
    """Whether *found* is a saved response; an article may have a `body` of its own."""
    around = {"url", "uri", "status", "status_code", "headers", "request", "encoding", "code"}
    return isinstance(found, dict) and "body" in found and (
        len(found) == 1 or bool(around & found.keys())
    )  # fmt: skip


def _wrapped(found: dict[str, Any], where: str) -> Saved:
    """A saved response `{"body": …}`, with or without its address."""
    url = found.get("url") or found.get("uri")
    try:
        body = _body(found["body"], str(found.get("encoding") or ""))
    except InputError as exc:
        return Saved(where, problem=str(exc))
    return Saved(where, body, url if isinstance(url, str) else "")


def _interaction(found: Any, where: str) -> Saved:
    """One exchange of a cassette."""
    response = found.get("response") if isinstance(found, dict) else None
    if not isinstance(response, dict) or "body" not in response:
        return Saved(where, problem="no response with a body")
    request = found.get("request")
    url = request.get("uri") or request.get("url") if isinstance(request, dict) else ""
    return _wrapped({"body": response["body"], "url": url}, where)


def _body(value: Any, encoding: str = "") -> bytes:
    """Bytes of a body saved as bytes, text, base64, JSON, or an object around one of them."""
    if isinstance(value, dict) and {"string", "base64_string"} & value.keys():
        encoded = value.get("base64_string")
        inner = encoded if encoded is not None else value.get("string")
        return _body(inner, "base64" if encoded is not None else encoding)
    if value is None:
        return b""
    if isinstance(value, bytes):
        return unpacked(value)
    if isinstance(value, str):
        return unpacked(_from_base64(value, encoding) or value.encode())
    return json.dumps(value).encode()


def _from_base64(text: str, encoding: str) -> bytes | None:
    """The bytes of base64 *text*; None when it is not. Unannounced base64 must make sense."""
    announced = encoding.lower() == "base64"
    if not announced and (len(text) < 8 or text.lstrip()[:1] in ("<", "{", "[")):
        return None
    try:
        found = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    sensible = found.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{", b"[")
    return found if announced or sensible or found.startswith(b"\x1f\x8b") else None


def unpacked(body: bytes) -> bytes:
    """*body* without its gzip wrapping, if it has one; InputError for a bomb or a torn file."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(io.BytesIO(body)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as exc:
        raise InputError(f"cannot be unpacked ({exc})") from exc
    if len(plain) > MAX_BYTES:
        raise InputError(f"unpacks to more than {MAX_BYTES} bytes")
    return plain


def _json(body: bytes) -> Any:
    """The JSON value in *body*, None when it is none: then the reader says why."""
    try:
        return json.loads(body.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        return None


def _yaml(body: bytes) -> Any:
    import yaml

    try:
        found = yaml.load(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        reason = " ".join(str(exc).split())[:200]
        raise InputError(f"not YAML ({reason}); it begins {shown(body)}") from exc
    if not isinstance(found, dict):
        raise InputError("a cassette holds `interactions`; this is something else")
    return found
