"""Words out of markup: HTML, MathML or JATS, escaped once, twice or not at all."""

import re
from functools import cache
from typing import Any

_BLOCKS = frozenset(
    re.findall(
        r"\S+",
        "address article aside blockquote br caption dd div dl dt fieldset figcaption figure "
        "footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul "
        "title sec abstract list list-item",
    )
)
_SILENT = frozenset({"script", "style", "noscript", "template", "iframe", "object", "svg"})
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&(?:#\w+|\w+);")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
# Each alternative matches wherever it begins, or stops at the next `<`: no text makes it slow.
_TAG = re.compile(
    r"<(?:script|style)\b.*?(?:</(?:script|style)>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE
)
# Elements of HTML, MathML and JATS: what else stands behind a `<` is mostly a formula.
_ELEMENTS = _BLOCKS | frozenset(
    re.findall(
        r"\S+",
        "a abbr acronym annotation area article-title audio b base bdi bdo big body bold break "
        "button canvas center cite code col colgroup data datalist def def-list del details dfn "
        "dialog disp-formula disp-quote em email embed ext-link fn font frame frameset g graphic "
        "head html i iframe img inline-formula inline-graphic input ins italic kbd label legend "
        "link map mark math media menu meta meter mfenced mfrac mi mmultiscripts mn mo monospace "
        "mover mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover "
        "named-content nobr noscript object optgroup option ou output overline ovl param path "
        "picture progress q roman rp rt ruby s samp sans-serif sc scp script search select "
        "semantics small source span statement strike strong style styled-content sub summary sup "
        "svg table-wrap tbody template tex-math textarea tfoot thead time track trans-abstract tt "
        "u underline uri var video wbr xref",
    )
)
# A `<`, and the name behind it when that is closed, has an attribute, or more words to a `>`.
_OPENING = re.compile(
    r"<(?!!--|!\[CDATA\[|!doctype|\?[a-z])"
    r"(?:(?P<closing>/)?(?P<name>[a-z][\w.:-]*+)"
    r"(?:(?=\s*+/?>)|(?=\s++[a-z][\w:-]*+\s*+=(?P<quoted>\s*+[\"'])?)|(?=(?P<bare>\s[^<>]*+>))))?",
    re.IGNORECASE,
)
# The parser compares each attribute of a tag with all others: seconds beyond this many.
_MANY_ATTRIBUTES, _LONG_TAG = 15_000, re.compile(r"<[^<>]{60000}")
_MANY_WORDS = 5_000  # of one tag of a page
_MAX_TEXT = 2_000_000  # characters of markup that are worth reading as one text


def plain_text(markup: str | None) -> str:
    """The words of *markup* (HTML, JATS or already plain): one line per block, no tags.

    Formulas keep their signs: in `if $a<b$ then` nothing is taken for a tag.
    Feeds escape their HTML once or twice; a second pass is made only when tags remain.
    """
    # Most texts have little to take away: each step is asked for by a cheaper look.
    text = (markup or "")[:_MAX_TEXT]
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    for _ in range(2):
        if ("<" not in text and "&" not in text) or not _MARKUP.search(text):
            break
        text = _strip_markup(_OPENING.sub(_tamed, text) if "<" in text else text)
    if text.isprintable():
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _tamed(found: re.Match[str]) -> str:
    """A `<` as it stands where it begins an element, else escaped."""
    name = (found["name"] or "").lower()
    words = found["bare"] and len(name) == 1  # `a<b and c>d`
    element = (name in _ELEMENTS or ":" in name) and not words
    return found[0] if element or found["closing"] or found["quoted"] else f"&lt;{found[0][1:]}"


def one_line(markup: str | None) -> str:
    """`plain_text` on a single line: for titles, names and keywords."""
    text = plain_text(markup)
    return " ".join(text.split()) if "\n" in text else text


@cache
def _html_parser() -> Any:
    from lxml import etree

    return etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)


def elements(page: bytes, name: str) -> list[Any]:
    """The elements *name* (lxml) of an HTML page, none when it is no such page.

    ValueError when a tag has so many attributes that the parser would take its time over it.
    """
    from lxml import etree

    long = re.finditer(rb"<[^<>]{60000,}", page)  # an image in its own tag is long, and quick
    if any(len(tag[0].split()) > _MANY_WORDS for tag in long):
        raise ValueError("a tag without end")
    try:
        root = etree.fromstring(page, _html_parser())
    except (etree.LxmlError, ValueError):
        return []
    return [] if root is None else list(root.iter(name))


def _strip_markup(markup: str) -> str:
    from lxml import etree

    parts: list[str] = []
    if len(markup) > _MANY_ATTRIBUTES and (
        markup.count("=") > _MANY_ATTRIBUTES or _LONG_TAG.search(markup)
    ):
        return _TAG.sub(" ", markup)
    try:
        _walk(etree.fromstring(f"<div>{markup}</div>", _html_parser()), parts)
    except (etree.LxmlError, ValueError):
        parts = []
    # Empty also means: nested beyond what the parser follows.
    return "".join(parts) if any(map(str.strip, parts)) else _TAG.sub(" ", markup)


def _walk(root: Any, parts: list[str]) -> None:
    """Collect text in document order without recursion: hostile pages nest deeply."""
    stack: list[tuple[Any, bool]] = [(root, True)]
    while stack:
        node, opening = stack.pop()
        tag = node.tag
        if not isinstance(tag, str):  # comments and the like
            parts.append(node.tail or "")
            continue
        if ":" in tag or "}" in tag:
            tag = tag.rpartition("}")[2].rpartition(":")[2]
        if tag in _BLOCKS:
            parts.append("\n")
        if opening and tag not in _SILENT:
            parts.append(node.text or "")
            if len(node):
                stack.append((node, False))
                stack.extend((child, True) for child in reversed(node))
                continue
            if tag in _BLOCKS:
                parts.append("\n")
        parts.append(node.tail or "")
