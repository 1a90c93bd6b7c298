"""Phrases that could be terms: `(ADJ|NOUN|PROPN)* (NOUN|PROPN)`, trimmed and grouped.

A run is a range of tokens of a tagged text, a phrase what is left of it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nlp.tagged import TaggedText
from nlp.words import singular, words

MOST_WORDS = 5  # of a term
NOUNS = frozenset({"NOUN", "PROPN"})
PARTS = NOUNS | {"ADJ", "VERB", "NUM"}
ENDS = NOUNS | {"VERB"}
NOTHING = range(0)
_USABLE = re.compile(r"[^\W_](?:[^\s]{0,60}[^\W_+#])?[+#]{0,2}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase and every place it stands at."""

    key: str  # words in small letters, the last in the singular: what is counted
    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]  # offsets, in order
    text: str  # as it first stands in the text


def candidates(tagged: TaggedText, found: Iterable[range]) -> list[Candidate]:
    """The candidates in the runs *found* in a text, in order of their first place."""
    places: dict[str, list[tuple[int, int]]] = {}
    parts: dict[str, tuple[str, ...]] = {}
    for run in found:
        phrase = trimmed(tagged, run)
        if not phrase:
            continue
        spelt = [tagged.lower[i] for i in phrase if tagged.lower[i] != "-"]
        spelt[-1] = singular(spelt[-1])
        key = " ".join(spelt)
        places.setdefault(key, []).append((tagged.starts[phrase[0]], tagged.ends[phrase[-1]]))
        parts.setdefault(key, tuple(spelt))
    return [
        Candidate(key, parts[key], tuple(where), tagged.text[where[0][0] : where[0][1]])
        for key, where in places.items()
    ]


def runs(tagged: TaggedText) -> list[range]:
    """Maximal runs of tokens that fit the pattern, cut after the last noun."""
    found = []
    first = None
    for i in range(len(tagged)):
        if belongs(tagged, i, inside=first is not None):
            first = i if first is None else first
        elif first is not None:
            found.append(closed(tagged, range(first, i)))
            first = i if belongs(tagged, i, inside=False) else None
    if first is not None:
        found.append(closed(tagged, range(first, len(tagged))))
    return [run for run in found if run]


def belongs(tagged: TaggedText, i: int, *, inside: bool) -> bool:
    """Whether token *i* can start a run or, *inside* one, be its next: a noun, an adjective …"""
    word, part = tagged.words[i], tagged.parts[i]
    if word == "-":
        return inside and not tagged.spaced[i - 1] and not tagged.spaced[i]
    if part not in PARTS or (not inside and must_be_verb(tagged, i)):
        return False
    if part == "VERB":  # "distributed system", "switching circuit", "motion tracking"
        return (
            modifies(tagged, i)
            or stands_as_noun(tagged, i, inside=inside)
            or (inside and names_activity(tagged, i))
        )
    if part == "NUM":  # "3D printing", "5G network", "three-phase motor"
        hyphen = tagged.words[i + 1 : i + 2] == ["-"]
        return tagged.doc[i].shape_ in {"dX", "dx", "ddX"} or (
            hyphen and not tagged.spaced[i] and not tagged.spaced[i + 1]
        )
    return _USABLE.fullmatch(word) is not None


def modifies(tagged: TaggedText, i: int) -> bool:
    """Whether a participle stands right before a noun and is not part of a verb group."""
    tag = tagged.tags[i]
    if tag not in {"VBN", "VBG"} or following(tagged, i) not in {"NOUN", "PROPN", "ADJ"}:
        return False
    if i == 0:
        return tag == "VBN"
    before = tagged.parts[i - 1]
    if tag == "VBN":
        return before in {"DET", "ADP", "ADJ", "NOUN", "PUNCT", "CCONJ", "PRON", "PROPN"}
    return before in {"DET", "ADJ"}


def must_be_verb(tagged: TaggedText, i: int) -> bool:
    """Whether what was tagged a noun or an adjective stands where a verb must: "to facilitate"."""
    return i > 0 and tagged.tags[i - 1] in {"TO", "MD"}


def stands_as_noun(tagged: TaggedText, i: int, *, inside: bool) -> bool:
    """Whether what was tagged a verb stands where none can: right behind "the" or an adjective.

    The tagger learnt from everyday English and meets "the splitting" or "a linear PCA" rarely.
    """
    if i == 0 or tagged.tags[i] not in {"VB", "VBP", "VBD", "VBG", "VBN", "JJ", "NN"}:
        return False
    if inside:
        return tagged.parts[i - 1] == "ADJ" and following(tagged, i) in {"PUNCT", "ADP", "NOUN"}
    return tagged.lower[i - 1] in {"the", "a", "an"}


def following(tagged: TaggedText, i: int) -> str:
    """Part of speech of the token behind *i*; "PUNCT" at the end."""
    return tagged.parts[i + 1] if i + 1 < len(tagged) else "PUNCT"


def names_activity(tagged: TaggedText, i: int) -> bool:
    """Whether an -ing form after a noun names what is done with it: nothing else follows it."""
    if tagged.tags[i] != "VBG":
        return False
    if tagged.parts[i - 1] not in NOUNS and tagged.words[i - 1] != "-":
        return False
    return following(tagged, i) in {"PUNCT", "CCONJ", "NOUN", "AUX", "VERB", "SPACE"}


def closed(tagged: TaggedText, run: range) -> range:
    """*run* up to its last noun; nothing when it has none."""
    while run and tagged.parts[run[-1]] not in ENDS:
        run = run[:-1]
    if any(tagged.parts[i] in NOUNS or tagged.tags[i] == "VBG" for i in run):
        return run
    return NOTHING


def trimmed(tagged: TaggedText, run: range) -> range:
    """*run* without empty modifiers at its front; nothing when it says nothing.

    A generic head ("approach", "group") stays only behind a word that says which.
    """
    lower = tagged.lower
    while run and (lower[run[0]] == "-" or lower[run[0]] in words("generic_modifiers")):
        run = run[1:]
    spelt = [singular(lower[i]) for i in run if lower[i] != "-"]
    if not spelt or len(spelt) > MOST_WORDS:
        return NOTHING
    *modifiers, head = spelt
    if head in words("generic_heads") and not any(map(says_which, modifiers)):
        return NOTHING
    if not modifiers and (len(head) < 2 or head in words("weak_alone") or head.isdigit()):
        return NOTHING
    return run


def says_which(word: str) -> bool:
    """Whether a modifier makes a generic head specific."""
    return not any(
        word in words(name) for name in ("empty_modifiers", "generic_modifiers", "generic_heads")
    )
