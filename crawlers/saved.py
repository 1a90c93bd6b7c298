"""Saved responses: plain bodies, gzip, VCR cassettes, and JSON around a body."""

import base64
import binascii
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from config.errors import InputError
from crawlers.readers.base import shown

MAX_BYTES = 256 * 1024 * 1024  # of a file, and of what it unpacks to


class Saved(NamedTuple):
    """One response body from a file."""

    where: str  # file, and which interaction of it
    body: bytes = b""
    url: str = ""
    problem: str = ""  # why there is no body


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
        coding = _content_coding(found.get("headers"))
        body = _body(found["body"], str(found.get("encoding") or ""), coding)
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
    return _wrapped({**response, "url": url}, where)


def _content_coding(headers: Any) -> str:
    """The `Content-Encoding` among saved headers, whose values are texts or lists of them."""
    named = headers.items() if isinstance(headers, dict) else ()
    for name, value in named:
        if str(name).lower() == "content-encoding":
            value = value[0] if isinstance(value, list) and value else value
            return str(value).strip().lower()
    return ""


def _body(value: Any, encoding: str = "", coding: str = "") -> bytes:
    """Bytes of a body saved as bytes, text, base64, JSON, or an object around one of them."""
    if isinstance(value, dict) and {"string", "base64_string"} & value.keys():
        encoded = value.get("base64_string")
        inner = encoded if encoded is not None else value.get("string")
        return _body(inner, "base64" if encoded is not None else encoding, coding)
    if value is None:
        return b""
    if isinstance(value, bytes):
        return unpacked(value, coding)
    if isinstance(value, str):
        return unpacked(_from_base64(value, encoding) or value.encode(), coding)
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


def unpacked(body: bytes, coding: str = "") -> bytes:
    """*body* without its compression; InputError for a bomb or a torn file.

    gzip and Zstandard are known by their first bytes, deflate and Brotli only by the name
    that a cassette gives in `Content-Encoding`. A body that was stored plain stays as it is.
    """
    begins_plain = body.lstrip()[:1] in (b"{", b"[", b"<")
    try:
        if body.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(body)) as stream:
                plain = stream.read(MAX_BYTES + 1)
        elif body.startswith(b"\x28\xb5\x2f\xfd"):
            plain = _unzstd(body)
        elif coding == "deflate" and not begins_plain:
            plain = _inflated(body)
        elif coding == "br" and not begins_plain:
            plain = _unbrotli(body)
        else:
            return body
    except (OSError, EOFError, zlib.error) as exc:
        raise InputError(f"cannot be unpacked ({exc})") from exc
    if len(plain) > MAX_BYTES:
        raise InputError(f"unpacks to more than {MAX_BYTES} bytes")
    return plain


def _inflated(body: bytes) -> bytes:
    """Deflate with its zlib header, or without: some servers leave it out."""
    stream = zlib.decompressobj(15 if body[:1] == b"\x78" else -15)
    return _whole(stream.decompress(body, MAX_BYTES + 1), stream.eof)


def _unzstd(body: bytes) -> bytes:
    from backports import zstd

    stream = zstd.ZstdDecompressor()
    try:
        return _whole(stream.decompress(body, MAX_BYTES + 1), stream.eof)
    except zstd.ZstdError as exc:
        raise OSError(str(exc)) from exc


def _unbrotli(body: bytes) -> bytes:
    import brotli  # type: ignore[import-untyped]

    stream = brotli.Decompressor()
    try:
        plain = bytes(stream.process(body, output_buffer_limit=MAX_BYTES + 1))
    except brotli.error as exc:
        raise OSError(str(exc)) from exc
    return _whole(plain, stream.is_finished())


def _whole(plain: bytes, ended: bool) -> bytes:
    """*plain* when its stream *ended*, or is too long anyway; EOFError for a torn one."""
    if not ended and len(plain) <= MAX_BYTES:
        raise EOFError("it ends too early")
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
