"""Linking what neither alias nor letters match: names that mean the same but for one word.

"Self-driving vehicle" is the self-driving car. A cosine alone does not tell: half of the nearest
concepts are wider, narrower or a neighbour. A link needs all of these:

- the same words in the same order but one, so that neither name is wider than the other;
- two words of one type in its place (`same_type`);
- a head like "method" only where the other name has one too: a taxonomy that says "lifelong
  learning algorithm" does not mean lifelong learning;
- a cosine of the names, and one of the two words, that is rare among the *different* concepts
  of the taxonomy whose names differ in such a word.

Reading the limits off the taxonomy suits them to whatever model is configured; with the packaged
model they are 0.84 and 0.57.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from config.models import Technology
from nlp.documents import Vectors
from nlp.embed import Embedder
from nlp.kinds import kind_of
from nlp.technologies import is_capitals
from nlp.words import singular, words

VERSION = "1"  # raise it when the same name and taxonomy would give another link
# Quantiles among pairs of different concepts that the two cosines must reach. Chosen by reading
# what 17,000 unlinked names of abstracts, patents and projects would be linked to: right were 32
# of 32 from a cosine of 0.90 on, 15 of 15 from 0.85, 7 of 9 from 0.835; with a looser type check
# 5 of 15 from 0.79, 4 of 17 from 0.70. Of 10,500 names of other abstracts 30 were linked, 28 right.
RARE_NAMES, RARE_WORDS = 0.995, 0.98
LEAST = 200  # a taxonomy with fewer such pairs cannot tell, and nothing is linked
STEM = 4  # letters words of one stem share at least, and 60 % of the longer word
SHORT = 4  # two different words this short are abbreviations or sorts: "AC", "DC"

IDLE = "method"

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names that differ in one word, or in none ("")."""

    name: str
    other: str
    concept: str  # that *other* is a name of
    word: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Meanings:
    """The names of a taxonomy by their words; build with `meanings`."""

    names: Sequence[tuple[str, Words]]  # concept and words, in order
    index: Mapping[Words, Sequence[int]]  # words with one left out -> names

    def pairs(self, label: str) -> list[Pair]:
        """Every name of a concept that *label* could mean, judged by its words."""
        found = []
        for own in forms(label):
            met = sorted({number for gap in gaps(own) for number in self.index.get(gap, ())})
            both = (pair(own, *self.names[number]) for number in met)
            found += [one for one in both if same_type(one, head=own[-1])]
        return found

    def link(
        self, labels: Iterable[str], embedder: Embedder, taxonomy: Embedder | None = None
    ) -> dict[str, tuple[str, float]]:
        """Those of *labels* that mean a concept: label -> concept and cosine.

        *taxonomy* embeds what comes again each time, in case somebody remembers it.
        """
        met = {label: pairs for label in labels if (pairs := self.pairs(label))}
        limits = self.limits(taxonomy or embedder) if met else None
        if limits is None:
            return {}
        together = [pair for pairs in met.values() for pair in pairs]
        measured = dict(zip(together, cosines(together, embedder), strict=True))
        found = {}
        for label, pairs in met.items():
            best = max(pairs, key=lambda one: (measured[one], one.concept))
            cosine, of_words = measured[best]
            if cosine >= limits[0] and of_words >= limits[1]:
                found[label] = (best.concept, round(cosine, 2))
        return found

    def limits(self, embedder: Embedder) -> tuple[float, float] | None:
        """The least cosine of names and of words; None when the taxonomy is too small to tell."""
        apart = sorted(
            {
                (one.name, one.other): one
                for concept, own in self.names
                for one in self.pairs(" ".join(own))
                if one.word and one.concept != concept and one.name < one.other
            }.values(),
            key=lambda one: (one.name, one.other),
        )
        if len(apart) < LEAST:
            return None
        of_names, of_words = np.array(cosines(apart, embedder)).T
        return float(np.quantile(of_names, RARE_NAMES)), float(np.quantile(of_words, RARE_WORDS))


def meanings(concepts: Iterable[Technology]) -> Meanings:
    """The names of *concepts* of two words or more; names in capitals are left out."""
    names = sorted(
        {
            (one.id, telling_words(name))
            for one in concepts
            for name in (one.label, *one.aliases)
            if not is_capitals(name)
        }
    )
    index: dict[Words, list[int]] = {}
    for number, (_, own) in enumerate(names):
        for gap in gaps(own):
            index.setdefault(gap, []).append(number)
    return Meanings(names, index)


def telling_words(name: str) -> Words:
    """The words of *name* in small letters; a head that says how, not what, is always IDLE."""
    *front, head = name.lower().replace("-", " ").split() or [""]
    head = singular(head)
    return (*front, IDLE if head in words("idle_heads") else head)


def forms(label: str) -> list[Words]:
    """The words of *label*, and those without a head that says how."""
    own = telling_words(label)
    if own[-1] != IDLE or len(own) < 2:
        return [own]
    *front, head = own[:-1]
    return [own, (*front, singular(head))]


def gaps(own: Words) -> list[Words]:
    """*own* with each word left out in turn; none for a single word, which says too little."""
    if len(own) < 2:
        return []
    return [(*own[:i], "", *own[i + 1 :]) for i in range(len(own))]


def pair(own: Words, concept: str, other: Words) -> Pair:
    """*own* and *other*, which differ in one word at most."""
    differing = [(a, b) for a, b in zip(own, other, strict=True) if a != b]
    return Pair(" ".join(own), " ".join(other), concept, *(differing[0] if differing else ()))


def same_type(one: Pair, *, head: str) -> bool:
    """Whether the two words may stand for each other; *head* is the last word of the name.

    Words of one stem may, and heads of one kind. Other words in front of one head make different
    things of it, and so do numbers, opposites, and what adds to the other word ("biosensor").
    """
    first, second = sorted((one.word, one.instead))
    if not first and not second:
        return True
    if not (first.isalpha() and second.isalpha()) or f"{first}/{second}" in words("opposites"):
        return False
    if {first, second} & words("numerals") or max(len(first), len(second)) <= SHORT:
        return False
    if first.endswith(second) or second.endswith(first) or first + "less" == second:
        return False
    if same_stem(first, second):
        return True
    kinds = {kind_of(singular(first)), kind_of(singular(second))}
    return one.word == head and len(kinds) == 1 and not kinds & {"", "material"}


def same_stem(one: str, other: str) -> bool:
    """Whether two words begin alike: "computing" and "computation"."""
    alike = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    return alike >= STEM and alike >= 0.6 * max(len(one), len(other))


def cosines(pairs: Sequence[Pair], embedder: Embedder) -> list[tuple[float, float]]:
    """Cosine of the names and of the differing words of each pair; 1 where none differ."""
    texts = sorted({text for one in pairs for text in (one.name, one.other, one.word, one.instead)})
    vectors: Vectors = embedder.encode(texts)
    row = {text: vector for text, vector in zip(texts, vectors, strict=True)}
    return [
        (
            float(row[one.name] @ row[one.other]),
            float(row[one.word] @ row[one.instead]) if one.word else 1.0,
        )
        for one in pairs
    ]
