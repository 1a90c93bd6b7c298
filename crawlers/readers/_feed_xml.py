"""RSS, RDF and Atom: read strictly, else repaired, else tolerantly, else by feedparser."""

import base64
import html.entities
import re
from typing import Any
from urllib.parse import urljoin

from config.errors import SourceDrift
from crawlers.readers._entry import Entry, given
from crawlers.readers._tree import inner_markup
from crawlers.readers.base import absolute_url, parse_xml, shown

_START = re.compile(rb"<\?xml|<(?:[\w-]+:)?(?:rss|feed|RDF|entry)\b", re.IGNORECASE)
_ROOT = re.compile(rb"<((?:\w+:)?(?:rss|feed|RDF))[\s>]", re.IGNORECASE)
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding=["']([\w.-]+)["']""")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?!(?:#\d+|#x[0-9a-fA-F]+|\w+);)")
_NAMED = re.compile(r"&(\w+);")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_ENTRY_TAG = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")


def xml_entries(body: bytes, url: str) -> tuple[list[Entry], str | None]:
    """The entries by the strictest way that reads all of them."""
    if wide := _WIDE.get(body[:2]):
        body = body.decode(wide, errors="replace").encode()
    begin = _START.search(body)
    if begin is None:
        what = "an HTML page" if re.search(rb"<html\b", body[:2000], re.I) else "something else"
        raise SourceDrift(f"{what} instead of a feed; it begins {shown(body)}")
    body = body[begin.start() :]
    root = None if _misdeclared(body) else _parsed(body)
    if root is None:
        body = _repaired(body)
        root = _parsed(body)
    if root is not None:
        return _of_root(root, url)
    root = _parsed(body, recover=True)
    found = _of_root(root, url) if root is not None else ([], None)
    if len(found[0]) < len(_ENTRY_TAG.findall(body)) or _nested(root):
        other = _by_feedparser(body, url)
        found = max(other, found, key=lambda answer: len(answer[0]))
    if not found[0]:
        raise SourceDrift(f"not a feed that can be read; it begins {shown(body)}")
    return found


def _parsed(body: bytes, *, recover: bool = False) -> Any | None:
    try:
        return parse_xml(body, recover=recover)
    except SourceDrift:
        return None


def _nested(root: Any | None) -> bool:
    """Whether an entry ended up in another one, whose text then holds both."""
    tags = ("{*}item", "{*}entry")
    return root is not None and any(
        next(child.iter(*tags), None) is not None for node in root.iter(*tags) for child in node
    )


def _misdeclared(body: bytes) -> bool:
    """Whether *body* declares another encoding but is plainly UTF-8."""
    declared = _DECLARED.match(body)
    if declared is None or declared[1].lower() in (b"utf-8", b"utf8") or body.isascii():
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _repaired(body: bytes) -> bytes:
    """*body* as UTF-8 without what XML forbids: bare ampersands, HTML entities, controls."""
    text = _FORBIDDEN.sub(" ", _decoded(body))
    text = re.sub(r"^<\?xml[^>]*\?>", "", text)
    # Entities of the feed's own go, as its bombs are made of them.
    for name in set(re.findall(r"<!ENTITY\s+(\w+)", text)):
        text = text.replace(f"&{name};", "")
    text = _DOCTYPE.sub("", text, count=1)
    text = _AMPERSAND.sub("&amp;", text)
    return _NAMED.sub(_numbered, text).encode()


def _decoded(body: bytes) -> str:
    declared = _DECLARED.match(body)
    for encoding in ("utf-8", declared[1].decode("ascii") if declared else "utf-8", "cp1252"):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", errors="replace")


def _numbered(found: re.Match[str]) -> str:
    """XML's own entities as they are, HTML's as numbers, unknown ones as text."""
    if found[1] in ("amp", "lt", "gt", "quot", "apos"):
        return found[0]
    character = html.entities.html5.get(found[1] + ";")
    return "".join(f"&#{ord(c)};" for c in character) if character else f"&amp;{found[1]};"


def _of_root(root: Any, url: str) -> tuple[list[Entry], str | None]:
    """Entries and next page below *root*; SourceDrift when it is no feed."""
    # Some feeds come wrapped in a page.
    root = next(root.iter("{*}rss", "{*}feed", "{*}RDF", "{*}rdf"), root)
    kind = _local(root)
    if kind in ("feed", "entry"):
        base = _atom_link(root, url) or url
        nodes = root.iterchildren("{*}entry") if kind == "feed" else [root]
        return [_atom_entry(node, root, base) for node in nodes], _next_page(root, url)
    if kind not in ("rss", "RSS", "RDF", "rdf", "channel"):
        raise SourceDrift(f"a <{kind}> document instead of a feed")
    channel = root if kind == "channel" else next(root.iterchildren("{*}channel"), None)
    if channel is None and kind.lower() == "rss":
        raise SourceDrift("an RSS document without a channel")
    base = urljoin(url, _text(channel, "link").strip()) if channel is not None else url
    language = _text(channel, "language") if channel is not None else ""
    entries = [_rss_entry(node, base, language) for node in root.iter("{*}item")]
    return entries, _next_page(channel, url) if channel is not None else None


def _local(node: Any) -> str:
    """The name of *node* without its namespace, or the prefix that was never declared."""
    return str(node.tag).rpartition("}")[2].rpartition(":")[2]


def _children(node: Any, name: str) -> list[Any]:
    return list(node.iterchildren("{*}" + name))


def _text(node: Any, name: str) -> str:
    """The first non-empty child called *name*, in any namespace, with the text of its parts."""
    for child in _children(node, name):
        if text := _all_text(child):
            return text
    return ""


_CONTENT = "{http://purl.org/rss/1.0/modules/content/"
_DAYS = (
    *("pubdate", "date", "published", "issued", "created", "publicationdate"),
    *("updated", "modified"),
)


def _rss_entry(item: Any, base: str, language: str) -> Entry:
    """An item; what stands in its own vocabulary goes before a namesake (`media:title`)."""
    home = str(item.tag).rpartition("}")[0]
    parts: dict[str, list[Any]] = {}
    others: list[tuple[str, Any]] = []
    for node in item.iterchildren("*"):
        space, _, name = node.tag.rpartition("}")
        if ":" in name:  # its prefix was never declared
            name = name.rpartition(":")[2]
        if space in (home, _CONTENT):
            parts.setdefault(name.lower(), []).append(node)
        else:
            others.append((name.lower(), node))
    for name, node in others:
        parts.setdefault(name, []).append(node)

    def every(name: str) -> list[Any]:
        return parts.get(name, [])

    def text(*names: str) -> str:
        """The first of *names* that says something."""
        for name in names:
            for node in every(name):
                if found := _all_text(node):
                    return found
        return ""

    about = item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", "")
    link = text("origlink", "link")  # FeedBurner leads to itself and names the page beside it
    if not link:
        link = next((node.get("href") for node in every("link") if node.get("href")), about)
    return Entry(
        key=text("guid") or about,
        link=absolute_url(base, link),
        title=text("title"),
        text=text("encoded", "description", "summary"),
        days=given(*(text(name) for name in _DAYS if name in parts)),
        language=text("language") or language,
        categories=tuple(map(_all_text, every("category") + every("subject"))),
        authors=given(text("creator"), text("author")),
        licence=text("license"),
    )


def _all_text(node: Any) -> str:
    """The text of *node*, or the markup of what stands in it unescaped."""
    return inner_markup(node) if len(node) else (node.text or "").strip()


_ATOM_DAYS = ("published", "issued", "created", "updated", "modified")


def _atom_entry(entry: Any, feed: Any, url: str) -> Entry:
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    return Entry(
        key=_text(entry, "id"),
        link=absolute_url(url, _text(entry, "origLink")) or _atom_link(entry, url),
        title=_atom_text(entry, "title"),
        text=_atom_text(entry, "content") or _atom_text(entry, "summary"),
        days=given(*(_text(entry, n) for n in _ATOM_DAYS)),
        language=entry.get(language) or _text(entry, "language") or feed.get(language, ""),
        categories=tuple(
            node.get("label") or node.get("term") or "" for node in _children(entry, "category")
        ),
        authors=tuple(_text(author, "name") for author in _children(entry, "author")),
        licence=next(
            (n.get("href", "") for n in _children(entry, "link") if n.get("rel") == "license"), ""
        ),
    )


def _atom_link(node: Any, url: str) -> str:
    """The alternate link of an entry or feed, else where its content is, by `xml:base`."""
    for link in _children(node, "link"):
        if link.get("rel", "alternate") == "alternate" and link.get("href"):
            return absolute_url(urljoin(url, link.base or ""), link.get("href"))
    content = next((one for one in _children(node, "content") if one.get("src")), None)
    if content is None:
        return ""
    return absolute_url(urljoin(url, content.base or ""), content.get("src"))


def _atom_text(entry: Any, name: str) -> str:
    """The markup or text of a construct; XHTML keeps its blocks."""
    for node in _children(entry, name):
        text = inner_markup(node) if len(node) else (node.text or "").strip()
        if text:
            return _from_base64(text) if node.get("mode") == "base64" else text
    return ""


def _from_base64(text: str) -> str:
    """The content of Atom 0.3's `mode="base64"`; nothing when it is none."""
    try:
        return base64.b64decode(text).decode("utf-8", errors="replace")
    except ValueError:
        return ""


def _next_page(node: Any, url: str) -> str | None:
    """RFC 5005: the address of the following page."""
    for link in node.iterchildren("{*}link"):
        if link.get("rel") == "next" and link.get("href"):
            return urljoin(url, str(link.get("href")).strip())
    return None


def is_cut_off(body: bytes) -> bool:
    """Whether an XML feed ends without the end tag of its root."""
    root = _ROOT.search(body)
    return root is not None and b"</" + root[1] not in body[-2000:]


def _by_feedparser(body: bytes, url: str) -> tuple[list[Entry], str | None]:
    """What feedparser finds; it is given bytes and never fetches anything."""
    import feedparser

    found = feedparser.parse(body, response_headers={"content-location": url})
    if not found.get("version"):
        return [], None
    language = str(found.feed.get("language", ""))
    return [_feedparser_entry(entry, language) for entry in found.entries], None


def _feedparser_entry(entry: Any, language: str) -> Entry:
    contents = [str(part.get("value") or "") for part in entry.get("content", [])]
    return Entry(
        key=str(entry.get("id") or ""),
        link=str(entry.get("link") or ""),
        title=str(entry.get("title") or ""),
        text=max([*contents, str(entry.get("summary") or "")], key=len),
        days=given(*(entry[name] for name in ("published", "updated") if name in entry)),
        language=str(entry.get("language") or language),
        categories=tuple(str(tag.get("term") or "") for tag in entry.get("tags", [])),
        authors=given(entry.get("author")),
    )
