"""The name of a technology inside a phrase, and what kind of thing its last word is.

A phrase is read as the labelling rules ask: without words that judge or compare in front
("low-cost", "stolen"), and without a head that names no technology, when what stands before
it does ("solar cell efficiency" names a solar cell).
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from nlp.words import singular, words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

KINDS = ("device", "material", "process", "technique", "field")  # heads that say enough
GENERIC = "generic_technology"  # a head that names one only with the words before it
MOST_JOINS = 4  # hyphens followed to the left of a phrase

# Endings and beginnings of words that no list holds. Each has a look at what only looks like it.
_FORMED = (
    (
        "technique",
        r".{3,}(?:scopy|graphy|metry)",
        r".*(?:geograph|biograph|demograph|symmetr|geometr)y",
    ),
    ("device", r".{3,}(?:meter|scope)", r".*(?:para|dia|peri|kilo|centi|milli|nano|micro)meter"),
    ("process", r".{3,}(?:lysis|lithography)", r".*(?:analysis|paralysis)"),
    ("material", r"nano[a-z]{4,}", r"nano(?:met|sec|scale|science|scop).*"),
)
_TELLING = tuple((kind, re.compile(yes), re.compile(no)) for kind, yes, no in _FORMED)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the tokens *first* to *last*, exclusive."""

    first: int
    last: int
    words: tuple[str, ...]  # small letters, without hyphens, the last in the singular
    kind: str  # of its head: one of KINDS, GENERIC, or "" where no list knows it
    nested: bool  # whether the phrase goes on behind it


def name_within(doc: "Doc", first: int, last: int) -> Name | None:
    """The name in the phrase of tokens *first* to *last*; nothing when all of it judges."""
    first = without_judgement(doc, joined_left(doc, first), last)
    if first >= last:
        return None
    for end in range(last, first, -1):
        if end < last and doc[end].text == "-":
            continue  # the first half of a compound is no head
        kind = kind_of(singular(doc[end - 1].lower_))
        if kind and (end == last or kind != GENERIC):
            return Name(first, end, spelt(doc, first, end), kind, end < last)
    return Name(first, last, spelt(doc, first, last), "", False)


@cache
def kind_of(head: str) -> str:
    """What kind of thing a head in the singular names; "" when it is none we know."""
    for kind in (*KINDS, GENERIC):
        if head in words(f"{kind}_heads"):
            return kind
    for kind, yes, no in _TELLING:
        if len(head) < 40 and yes.fullmatch(head) and not no.fullmatch(head):
            return kind
    return ""


def joined_left(doc: "Doc", first: int) -> int:
    """Where a compound begins of which only the end was taken: "full-" of "full-waveform"."""
    for _ in range(MOST_JOINS):
        if first < 2 or not joins(doc[first - 1]) or doc[first - 2].is_punct:
            break
        first -= 2
    return first


def without_judgement(doc: "Doc", first: int, last: int) -> int:
    """The first token behind the words that judge."""
    while first < last:
        end = first + 1
        while end + 1 < last and joins(doc[end]):
            end += 2
        if end < last and doc[first].lower_ in {"high", "low"} and judges_behind(doc[end]):
            end += 1
        if not judges(doc, first, end):
            return first
        first = end
    return first


def joins(token: "Token") -> bool:
    """Whether *token* is a hyphen that joins its neighbours."""
    return (
        token.text == "-" and token.i > 0 and not (token.whitespace_ or token.nbor(-1).whitespace_)
    )


def judges(doc: "Doc", first: int, end: int) -> bool:
    """Whether the word or compound of tokens *first* to *end* says how good a thing is."""
    word = doc[end - 1].lower_
    if end > first + 1:
        return judges_behind(doc[end - 1])
    judging = word in words("judging_modifiers") or word in words("generic_modifiers")
    return judging or word == "-" or doc[first].pos_ == "ADV"


def judges_behind(token: "Token") -> bool:
    """Whether *token* judges as the end of a compound: "high quality", "cost-efficient"."""
    return token.lower_ in words("judging_ends")


def spelt(doc: "Doc", first: int, last: int) -> tuple[str, ...]:
    """The words of a name, in small letters, the last in the singular."""
    *front, head = [token.lower_ for token in doc[first:last] if token.text != "-"]
    return (*front, singular(head))
