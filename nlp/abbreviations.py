"""Abbreviations that a text explains itself.

The algorithm of Schwartz and Hearst (2003, "A simple algorithm for identifying abbreviation
definitions in biomedical text"), for "long form (SF)"; the rarer "SF (long form)" is left out.
"""

import re
from collections.abc import Mapping
from typing import TypeVar

Known = TypeVar("Known")
Place = tuple[int, int]  # offsets in a text
_PARENTHESIS = re.compile(r"\(([^()\n]{2,80})\)")
_SHORT_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9./+-]{1,9}")
_REACH = 200  # characters before the bracket that are searched


def abbreviations(text: str) -> dict[str, Place]:
    """Short form -> offsets of its long form in *text*; the first explanation counts."""
    found: dict[str, Place] = {}
    for match in _PARENTHESIS.finditer(text):
        short = re.split(r"[,;:]", match[1], maxsplit=1)[0].strip()
        if not is_short_form(short):
            continue
        reach = max(0, match.start() - _REACH)
        before = text[reach : match.start()].rstrip()
        end = reach + len(before)
        long = _long_form(short, _candidate(before, short))
        if long:
            plain = short[:-1] if short.endswith("s") and short[:-1].isupper() else short
            found.setdefault(plain, (end - len(long), end))
    return found


def of_short_form(word: str, known: Mapping[str, Known]) -> Known | None:
    """What is *known* of the short form *word*, or of that of which it is the plural."""
    return known.get(word) or known.get(word.removesuffix("s"))


def is_short_form(text: str) -> bool:
    """Whether *text* could be an abbreviation: short, with a capital letter, mostly letters."""
    return (
        2 <= len(text) <= 10
        and _SHORT_FORM.fullmatch(text) is not None
        and any(c.isupper() for c in text)
        and sum(c.isalpha() for c in text) * 2 > len(text)
    )


def _candidate(before: str, short: str) -> str:
    """The last words before the bracket: at most min(|A| + 5, 2|A|) of them, in one sentence."""
    sentence = re.split(r"[.;:!?]\s", before)[-1]
    words = sentence.split(" ")
    return " ".join(words[-min(len(short) + 5, len(short) * 2) :])


def _long_form(short: str, candidate: str) -> str:
    """The shortest end of *candidate* whose letters spell *short* from right to left."""
    at = len(candidate) - 1
    for i in range(len(short) - 1, -1, -1):
        letter = short[i].lower()
        if not letter.isalnum():
            continue
        if letter == "s" and i == len(short) - 1 and short[:-1].isupper():
            continue  # the plural of the short form
        while at >= 0 and (
            candidate[at].lower() != letter or (i == 0 and at > 0 and candidate[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return ""
        at -= 1
    start = candidate.rfind(" ", 0, at + 2) + 1
    long = candidate[start:]
    wrong = len(long) <= len(short) or f"{short.lower()} " in f"{long.lower()} "
    return "" if wrong else long
