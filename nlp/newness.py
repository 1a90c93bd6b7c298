"""Whether an open term names a technology, judged by its words and by what stands around it.

"project", "approach" or "decision makers" never pass: they are trimmed as candidates, and
what is left must end in the name of something engineered.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from nlp.background import Background
from nlp.names import GENERIC, KINDS, Name, kind_of
from nlp.words import plural, words

if TYPE_CHECKING:
    from spacy.tokens import Doc

Places = Sequence[tuple[int, int]]  # offsets in the text, in order

LEAST = 0.35  # score from which a term counts as a technology
RARE = 0.6  # of a single word, or of a pair of words: what is commoner is nothing new
COMMON = 0.8  # rarity below which a single word begins to lose
MANY = 4  # different known technologies in a text; more say no more

# Logistic weights, fitted on the 100 texts of the gold set that are there to tune on.
WEIGHTS = {
    "always": -0.7,
    "device": 0.8,
    "material": 0.7,
    "process": 0.5,
    "technique": 0.3,
    "field": -0.4,
    "generic": -1.2,
    "alone": 0.1,
    "doing alone": -1.0,
    "common alone": -0.7,
    "made of technology": 1.4,
    "rare words": 0.8,
    "long": 1.0,
    "nested": -0.7,
    "in use": 0.6,
    "in title": 0.7,
    "repeated": 0.4,
    "abbreviated": 0.6,
    "company": 0.8,
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the text says besides the term."""

    title_end: int
    explained: frozenset[int]  # offsets where a long form ends that has an abbreviation
    known: int  # different technologies of the taxonomy in the text


def technology_score(
    name: Name, places: Places, doc: "Doc", around: Surroundings, background: Background
) -> float:
    """How much *name*, found at *places*, looks like a technology, 0 to 1.

    The logistic function of the sum of WEIGHTS times `features`.
    """
    found = features(name, places, doc, around, background)
    total = sum(WEIGHTS[feature] * value for feature, value in found.items() if value)
    return 1 / (1 + math.exp(-total))


def features(
    name: Name, places: Places, doc: "Doc", around: Surroundings, background: Background
) -> dict[str, float]:
    """What speaks for and against *name*, each about 0 to 1."""
    *front, head = name.words
    telling = [word for word in front if word not in empty_words()]
    alone = 0.0 if front else 1.0
    kind = name.kind
    return {
        "always": 1.0,
        "device": float(kind == "device"),
        "material": float(kind == "material"),
        "process": float(kind == "process"),
        "technique": float(kind == "technique"),
        "field": float(kind == "field"),
        "generic": float(kind == GENERIC),
        "alone": alone,
        "doing alone": alone * (kind in {"process", "technique", "field"}),
        "common alone": alone * max(0.0, COMMON - background.rarity(head)),
        "made of technology": float(any(kind_of(word) in KINDS for word in front)),
        "rare words": max(map(background.rarity, telling), default=0.0),
        "long": max(0.0, len(name.words) - 3.0),
        "nested": float(name.nested),
        "in use": float(in_use(name.first, doc)),
        "in title": float(places[0][0] < around.title_end),
        "repeated": float(len(places) > 1),
        "abbreviated": float(places[0][1] in around.explained),
        "company": min(around.known, MANY) / MANY,
    }


def is_new(label: str, background: Background) -> bool:
    """Whether an unlinked technology is rare enough in the background to be news.

    *label* is in small letters, without hyphens; "wireless network" is no news.
    """
    return rarest_part(label.split(), background) >= RARE


def rarest_part(parts: Sequence[str], background: Background) -> float:
    """Rarity of a single word, else of the rarest pair of neighbouring words."""
    if len(parts) == 1:
        return background.rarity(parts[0])
    return max(background.rarity(f"{one} {other}") for one, other in pairwise(parts))


@cache
def empty_words() -> frozenset[str]:
    """Words that make nothing of a generic head."""
    return words("generic_modifiers") | words("empty_modifiers") | words("judging_modifiers")


@cache
def use_forms() -> frozenset[str]:
    """The verbs of use in all their forms: a lemmatiser would cost more than it gives here."""
    found: set[str] = set()
    for verb in words("use_words"):
        stem = verb[:-1] if verb.endswith("e") else verb
        past = f"{verb[:-1]}ied" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{stem}ed"
        found |= {verb, plural(verb), past, f"{stem}ing"}
    return frozenset(found | {"built"})


def in_use(first: int, doc: "Doc") -> bool:
    """Whether what starts at token *first* follows a word of use ("based on", "we developed a")."""
    before = [token for token in doc[max(0, first - 4) : first] if not token.is_punct]
    near = {token.lower_ for token in before[-2:]}
    if near & words("use_prepositions") or (len(before) >= 2 and before[-2].lower_ == "based"):
        return True
    return any(token.lower_ in use_forms() for token in before[-3:])
