"""Text without what came along by accident: markup, odd characters, boilerplate lines.

Readers of sources have taken the markup out of what they read; imported texts come as they
are. `mask` prepares both for analysis and keeps every character in its place, so offsets
found in it hold in the original.
"""

import html
import re

import numpy as np
import numpy.typing as npt

MAX_ANALYSED = 100_000  # characters; the rest of a longer text is not analysed
LONGEST_WORD = 120  # a longer run without a space is an address, a key or noise

_TAGS = (
    "a abbr article aside b blockquote body br button caption center cite code dd div dl dt em "
    "figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input "
    "label li link main mark math meta nav ol option p picture pre q s script section select "
    "small source span strong style sub sup svg table tbody td tfoot th thead tr tt u ul video"
)
# Every repetition below is bounded or over a single class, so that no text makes them slow.
_MARKUP = re.compile(rf"</?(?:{'|'.join(_TAGS.split())})(?:\s[^<>]{{0,500}})?/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^<>]{0,2000}-->")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_LATEX = re.compile(r"\\(?:[a-zA-Z]{1,20}\*?|[^a-zA-Z\s])|[{}$]")
_CITATION = re.compile(r"\\(?:cite|ref|label|footnote|url)[a-z]{0,3}\{[^{}]{0,200}\}")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD},}}")
_BROKEN = "\u00ef\u00bf\u00bd"  # a replacement character that was decoded once too often
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S{1,120}")
_WRAPPED = re.compile(r"\n(?= {0,8}[a-z])")  # a line break inside a sentence

_BOILERPLATE = re.compile(
    r"(?:read (?:more|the full (?:article|story))|share (?:this|on)|subscribe|sign up|follow us"
    r"|newsletter|cookie|all rights reserved|copyright|©|click here|related (?:articles|posts)"
    r"|continue reading|back to top|print this page|the post .{1,200} appeared first on)",
    re.IGNORECASE,
)
_BOILERPLATE_LENGTH = 120  # a longer line says something of its own

# One character for one character, so that offsets stay.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008", " "),
        **dict.fromkeys("\u2009\u200a\u202f\u205f\u3000\u200b\u200c\u200d\u2060\ufeff\t\r", " "),
        "\u2022": ";",
        "\u00b7": ";",
    }
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def is_boilerplate(line: str) -> bool:
    """Whether a line of a page only asks for something: sharing, subscribing, cookies."""
    return 0 < len(line) <= _BOILERPLATE_LENGTH and _BOILERPLATE.match(line) is not None


def mask(text: str) -> str:
    """*text* with markup, addresses and noise blanked out; every other character stays put.

    The result is as long as the text, or `MAX_ANALYSED` characters when that is longer.
    """
    text = text[:MAX_ANALYSED].translate(_PLAIN)
    if "<" in text:
        text = _COMMENT.sub(_blank, text)
        text = _MARKUP.sub(_blank, text)
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if "\\" in text or "$" in text:
        text = _CITATION.sub(_blank, text)
        text = _LATEX.sub(_blank, text)
    if "://" in text or "www." in text:
        text = _ADDRESS.sub(_blank, text)
    text = text.replace(_BROKEN, " " * len(_BROKEN)).replace("\ufffd", " ")
    text = _LONG_WORD.sub(_blank, text)
    if "\n" in text:
        lines = text.split("\n")
        text = "\n".join(" " * len(line) if is_boilerplate(line) else line for line in lines)
    text = _INVISIBLE.sub(" ", text)
    return _WRAPPED.sub(" ", text) if "\n" in text else text


def squeeze(text: str) -> tuple[str, npt.NDArray[np.intp] | None]:
    """*text* with single spaces, and where each of its characters stood; None if nothing changed.

    A tagger takes a run of spaces for a word, which would part "fuel" from "cell".
    """
    if "  " not in text:
        return text, None
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    spaces = letters == ord(" ")
    kept = np.flatnonzero(~(spaces & np.concatenate([[False], spaces[:-1]])))
    return letters[kept].tobytes().decode("utf-32-le", "surrogatepass"), kept


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _entity(match: re.Match[str]) -> str:
    """The character an entity stands for, filled up with spaces to the entity's length."""
    plain = html.unescape(match[0]).translate(_PLAIN)
    return plain.ljust(len(match[0]))[: len(match[0])] if plain != match[0] else match[0]
