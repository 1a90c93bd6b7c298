"""Saved responses: plain bodies, gzip, VCR cassettes, HAR files, JSON around a body."""

import base64
import binascii
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from config.errors import InputError
from crawlers.readers.base import shown

_ENCODING = re.compile(
    r"""^(\s{0,20}<\?xml[^>]{0,100}?)\s{1,20}encoding\s{0,20}=\s{0,20}["'][\w.-]{1,40}["']"""
)
MAX_BYTES = 256 * 1024 * 1024  # of a file, and of what it unpacks to


class Saved(NamedTuple):
    """One response body from a file."""

    where: str  # file, and which interaction of it
    body: bytes = b""
    url: str = ""
    status: int = 200
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
    if suffix in (".yml", ".yaml") or head.startswith((b"interactions:", b"http_inter", b"---")):
        return _yaml(body)
    return _json(body) if head[:1] in (b"{", b"[") else None


def _unwrapped(found: Any, body: bytes, where: str) -> Iterator[Saved]:
    """The bodies that *found* wraps, or *body* as it is when it wraps none."""
    if interactions := _interactions(found):
        for number, interaction in enumerate(interactions, start=1):
            yield _interaction(interaction, f"{where}, interaction {number}")
    elif isinstance(found, dict) and _body_key(found):
        yield _wrapped(found, where)
    elif isinstance(found, list) and found and all(map(_body_key, found)):
        for number, one in enumerate(found, start=1):
            yield _wrapped(one, f"{where}, response {number}")
    elif isinstance(found, _Lines):
        for number, one in found:
            yield Saved(f"{where}, line {number}", json.dumps(one).encode())
    else:
        yield Saved(where, body)


def _interactions(found: Any) -> list[Any]:
    """The exchanges of a cassette or of a HAR file; the first Ruby cassettes were a bare list."""
    if isinstance(found, dict):
        log = found.get("log")
        inside = log.get("entries") if isinstance(log, dict) else None
        listed = found.get("interactions", found.get("http_interactions", inside))
        return listed if isinstance(listed, list) else []
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found if all({"request", "response"} <= one.keys() for one in found) else []
    return []


_AROUND = {"url", "uri", "headers", "request", "encoding", "code", "isBase64Encoded"} | {
    "status", "status_code", "statusCode",
}  # fmt: skip


def _body_key(found: Any) -> str:
    """The key of the body in a saved response, else nothing: an article may have a `body` too."""
    if not isinstance(found, dict):
        return ""
    if "body" in found and (len(found) == 1 or _AROUND & found.keys()):
        return "body"
    told = {"headers", "status", "status_code"} & found.keys()
    return next((k for k in ("content", "text") if told and isinstance(found.get(k), str)), "")


def _wrapped(found: dict[str, Any], where: str) -> Saved:
    """A saved response `{"body": …}`, with or without its address."""
    url = found.get("url") or found.get("uri")
    encoding = "base64" if found.get("isBase64Encoded") else str(found.get("encoding") or "")
    try:
        coding = _content_coding(found.get("headers"))
        body = _body(found[_body_key(found)], encoding, coding)
    except InputError as exc:
        return Saved(where, problem=str(exc))
    status = _status(found)
    if not body.strip():
        return Saved(where, problem=f"the body is empty (status {status})")
    return Saved(where, body, url if isinstance(url, str) else "", status)


def _status(found: dict[str, Any]) -> int:
    """The status among the names that clients give it; 200 when it is not said."""
    names = ("status_code", "statusCode", "status", "code")
    value = next((found[name] for name in names if name in found), None)
    text = str(value.get("code") if isinstance(value, dict) else value)
    return int(text) if re.fullmatch(r"[1-5]\d\d", text) else 200


def _interaction(found: Any, where: str) -> Saved:
    """One exchange of a cassette; HAR calls the body `content`, and that its `text`."""
    response = found.get("response") if isinstance(found, dict) else None
    if isinstance(response, dict) and isinstance(content := response.get("content"), dict):
        response = {**response, "body": content.get("text"), "encoding": content.get("encoding")}
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
    if isinstance(value, dict):
        for key in ("base64_string", "raw_gzip", "raw"):  # the last two of R's vcr
            if value.get(key) is not None:
                return _body(value[key], "base64", coding)
        if "string" in value:
            return _body(value["string"], encoding, coding)
    if value is None:
        return b""
    if isinstance(value, bytes):
        return unpacked(value, coding)
    if isinstance(value, str):
        return unpacked(_from_base64(value, encoding) or _from_text(value), coding)
    return json.dumps(value).encode()


def _from_text(text: str) -> bytes:
    """*text* as UTF-8: JSON that was saved as a JSON text is taken out of it, and what XML says
    of the encoding it came in is no longer true."""
    if text[:1] == '"' and isinstance(inner := _json(text.encode()), str):
        text = inner
    return _ENCODING.sub(r"\1", text, count=1).encode("utf-8", errors="replace")


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


class _Lines(list[tuple[int, Any]]):
    """The objects of JSON lines with their numbers."""


def _json(body: bytes) -> Any:
    """The JSON value in *body*, or its lines; None when it is neither: the reader says why."""
    text = body.decode("utf-8-sig", errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _json_lines(text)


def _json_lines(text: str) -> _Lines | None:
    lines = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    try:
        found = _Lines((number, json.loads(line)) for number, line in lines)
    except (ValueError, RecursionError):
        return None
    return found if all(isinstance(one, dict) for _, one in found) else None


def _yaml(body: bytes) -> Any:
    import yaml

    try:
        found = yaml.load(body, Loader=_loader())
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        reason = " ".join(str(exc).split())[:200]
        raise InputError(f"not YAML ({reason}); it begins {shown(body)}") from exc
    if not isinstance(found, dict | list):
        raise InputError("a cassette holds `interactions`; this is something else")
    return found


@cache
def _loader() -> Any:
    """A safe loader that takes the values behind tags of Python 2 and Ruby as they stand."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Knows binary values, and no classes."""

    def plain(loader: Any, _: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", plain)
    Loader.add_multi_constructor("tag:yaml.org,2002:python/", plain)
    Loader.add_constructor("!binary", Loader.construct_yaml_binary)
    return Loader
