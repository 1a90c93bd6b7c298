"""Phrases that could be terms: `(ADJ|NOUN|PROPN)* (NOUN|PROPN)`, trimmed and grouped."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlp.words import singular, words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

MOST_WORDS = 5  # of a term
NOUNS = frozenset({"NOUN", "PROPN"})
PARTS = NOUNS | {"ADJ", "VERB", "NUM"}
_USABLE = re.compile(r"[^\W_](?:[^\s]{0,60}[^\W_+#])?[+#]{0,2}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase and every place it stands at."""

    key: str  # words in small letters, the last in the singular: what is counted
    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]  # offsets, in order
    text: str  # as it first stands in the text


def candidates(found: Iterable[Sequence["Token"]], text: str) -> list[Candidate]:
    """The candidates in the `runs` of a tagged *text*, in order of their first place."""
    places: dict[str, list[tuple[int, int]]] = {}
    parts: dict[str, tuple[str, ...]] = {}
    for run in found:
        phrase = trimmed(run)
        if not phrase:
            continue
        start, end = phrase[0].idx, phrase[-1].idx + len(phrase[-1])
        spelt = [token.lower_ for token in phrase if token.lower_ != "-"]
        spelt[-1] = singular(spelt[-1])
        key = " ".join(spelt)
        places.setdefault(key, []).append((start, end))
        parts.setdefault(key, tuple(spelt))
    return [
        Candidate(key, parts[key], tuple(where), text[where[0][0] : where[0][1]])
        for key, where in places.items()
    ]


def runs(doc: "Doc") -> Iterator[list["Token"]]:
    """Maximal runs of tokens that fit the pattern, cut after the last noun."""
    run: list[Token] = []
    for token in doc:
        if belongs(token, run):
            run.append(token)
            continue
        if run:
            yield from closed(run)
        run = [token] if belongs(token, []) else []
    if run:
        yield from closed(run)


def belongs(token: "Token", run: list["Token"]) -> bool:
    """Whether *token* can stand next in *run*: a noun, an adjective, or a joining hyphen."""
    if token.text == "-":
        return bool(run) and not run[-1].whitespace_ and not token.whitespace_ and token.i > 0
    pos = token.pos_
    if pos not in PARTS or (not run and must_be_verb(token)):
        return False
    if pos in NOUNS or pos == "ADJ":
        return _USABLE.fullmatch(token.text) is not None
    if pos == "VERB":  # "distributed system", "switching circuit", "motion tracking"
        return (
            modifies(token)
            or stands_as_noun(token, run)
            or (bool(run) and names_activity(token, run[-1]))
        )
    if pos == "NUM":  # "3D printing", "5G network", "three-phase motor"
        hyphen = token.i + 1 < len(token.doc) and token.nbor(1).text == "-"
        return token.shape_ in {"dX", "dx", "ddX"} or (
            hyphen and not token.whitespace_ and not token.nbor(1).whitespace_
        )
    return False


def modifies(token: "Token") -> bool:
    """Whether a participle stands right before a noun and is not part of a verb group."""
    if token.tag_ not in {"VBN", "VBG"} or token.i + 1 >= len(token.doc):
        return False
    if following(token) not in {"NOUN", "PROPN", "ADJ"}:
        return False
    if token.i == 0:
        return token.tag_ == "VBN"
    before = token.nbor(-1).pos_
    if token.tag_ == "VBN":
        return before in {"DET", "ADP", "ADJ", "NOUN", "PUNCT", "CCONJ", "PRON", "PROPN"}
    return before in {"DET", "ADJ"}


def must_be_verb(token: "Token") -> bool:
    """Whether what was tagged a noun or an adjective stands where a verb must: "to facilitate"."""
    return token.i > 0 and token.nbor(-1).tag_ in {"TO", "MD"}


def stands_as_noun(token: "Token", run: list["Token"]) -> bool:
    """Whether what was tagged a verb stands where none can: right behind "the" or an adjective.

    The tagger learnt from everyday English and meets "the splitting" or "a linear PCA" rarely.
    """
    if token.i == 0 or token.tag_ not in {"VB", "VBP", "VBD", "VBG", "VBN", "JJ", "NN"}:
        return False
    before = token.nbor(-1)
    if run:
        return before.pos_ == "ADJ" and following(token) in {"PUNCT", "ADP", "NOUN"}
    return before.lower_ in {"the", "a", "an"}


def following(token: "Token") -> str:
    """Part of speech of the next token; "PUNCT" at the end."""
    return token.nbor(1).pos_ if token.i + 1 < len(token.doc) else "PUNCT"


def names_activity(token: "Token", before: "Token") -> bool:
    """Whether an -ing form after a noun names what is done with it: nothing else follows it."""
    if token.tag_ != "VBG" or (before.pos_ not in NOUNS and before.lower_ != "-"):
        return False
    return following(token) in {"PUNCT", "CCONJ", "NOUN", "AUX", "VERB", "SPACE"}


def closed(run: list["Token"]) -> Iterator[list["Token"]]:
    """*run* up to its last noun; nothing when it has none."""
    while run and run[-1].pos_ not in {*NOUNS, "VERB"}:
        run = run[:-1]
    if any(token.pos_ in NOUNS or token.tag_ == "VBG" for token in run):
        yield run


def trimmed(run: Sequence["Token"]) -> Sequence["Token"]:
    """*run* without empty modifiers at its front; nothing when it says nothing.

    A generic head ("approach", "group") stays only behind a word that says which.
    """
    while run and (run[0].lower_ == "-" or run[0].lower_ in words("generic_modifiers")):
        run = run[1:]
    spelt = [singular(token.lower_) for token in run if token.lower_ != "-"]
    if not spelt or len(spelt) > MOST_WORDS:
        return []
    *modifiers, head = spelt
    if head in words("generic_heads") and not any(map(says_which, modifiers)):
        return []
    if not modifiers and (len(head) < 2 or head in words("weak_alone") or head.isdigit()):
        return []
    return run


def says_which(word: str) -> bool:
    """Whether a modifier makes a generic head specific."""
    return not any(
        word in words(name) for name in ("empty_modifiers", "generic_modifiers", "generic_heads")
    )
