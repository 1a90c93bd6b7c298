"""Which economic activities, challenges and value-chain steps a text speaks of, and why.

A text may belong to several sectors or to none. Evidence for a sector is the indicator terms
of the configuration that stand in the text: each counts `idf * (1 + ln(times))`, a term that
many sectors share counts less, and the sum becomes a weight by `1 - exp(-sum / SCALE)`.

For the industrial ecosystems all other words of the text have a say too, and its vector where
there is one (`nlp.wordmodel`). The weight is a probability: the logistic function of
`words * log odds by words + terms * sum of the terms / SCALE + log odds by the vector`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlp.background import Background
from nlp.documents import SectorWeight, Vector
from nlp.tagged import TaggedText
from nlp.variants import variants
from nlp.wordmodel import VectorModel, WordModel, vector_model, word_model

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher

LEARNT = "ecosystem"  # the scheme of which the word model knows codes
# What words and terms count, without and with a vector. Fitted on labelled texts that the models
# had not learnt from: `benchmarks.train_sectors`.
WITHOUT = 1.12, 0.75
WITH_VECTOR = 0.60, 0.59
LEAST_PROBABILITY = 0.30  # of an ecosystem; F1 hardly changes from 0.25 to 0.40
ENOUGH = 3.0  # terms that say more than this say no more

SCALE = 1.6  # evidence at which a weight is 0.63: two specific terms, or one named thrice
LEAST_WEIGHT = 0.35  # one common term alone is no evidence
SHARE = 0.35  # of the strongest sector of its scheme; weaker ones are noise beside it
LONG_TEXT = 300  # words; longer texts mention more by chance
MOST_EVIDENCE = 5
TITLE = 2  # a term in the title counts as if it stood in the text as often again

Key = tuple[str, str]  # scheme, code
Match = tuple[int, int, int]  # spaCy's number for a term, first token, token behind the last
Evidence = dict[Key, list[tuple[float, str]]]  # what each word adds, and how it stands in the text


@dataclass(frozen=True, slots=True)
class Label:
    """Something a text can be about, and the terms that say so."""

    scheme: str
    code: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sectors:
    """The matcher for all indicator terms; build with `sectors`."""

    matcher: "PhraseMatcher"
    labels: Mapping[str, tuple[Key, ...]]  # term -> what it indicates
    idf: Mapping[tuple[str, str], float]  # scheme and term -> how much it says
    words: WordModel
    vectors: VectorModel
    learnt: tuple[tuple[int, str], ...]  # the word model's codes that are configured, with column

    def find(
        self, tagged: TaggedText, title_end: int = 0, vector: Vector | None = None
    ) -> list[SectorWeight]:
        """The sectors of a text, with evidence; strongest first in each scheme.

        *title_end* is the offset where the title ends; 0 when there is none. *vector* is that
        of the text by the model of which `vectors` reads vectors.
        """
        terms = self.by_terms(tagged, title_end)
        ours = {(LEARNT, code) for _, code in self.learnt}
        found = [
            *self.probable(tagged, terms, vector),
            *weighted({key: said for key, said in terms.items() if key not in ours}),
        ]
        return sorted(found, key=lambda one: (one.scheme, -one.weight, one.code))

    def by_terms(self, tagged: TaggedText, title_end: int = 0) -> Evidence:
        """The indicator terms of each sector with what they add, in units of SCALE."""
        times: Counter[str] = Counter()
        written: dict[str, str] = {}
        for match, first, last in longest_only(self.matcher(tagged.doc)):
            term = tagged.doc.vocab.strings[match]
            start, end = tagged.starts[first], tagged.ends[last - 1]
            times[term] += TITLE if start < title_end else 1
            written.setdefault(term, tagged.text[start:end])
        unit = SCALE * math.sqrt(max(1.0, len(tagged) / LONG_TEXT))
        found: Evidence = {}
        for term, count in times.items():
            for key in self.labels[term]:
                value = self.idf[key[0], term] * (1 + math.log(count)) / unit
                found.setdefault(key, []).append((value, written[term]))
        return found

    def probable(
        self, tagged: TaggedText, terms: Evidence, vector: Vector | None
    ) -> Iterator[SectorWeight]:
        """The ecosystems that terms and words, and the vector, together make likely."""
        words, says = self.words.read(tagged)
        of_words, of_terms = WITHOUT if vector is None else WITH_VECTOR
        odds = of_words * (says.sum(axis=0) + self.words.bias)
        if vector is not None:
            odds += self.vectors.odds(vector)
        for column, code in self.learnt:
            named = terms.get((LEARNT, code), [])
            total = odds[column] + of_terms * min(ENOUGH, total_of(named))
            if (weight := 1 / (1 + math.exp(-total))) >= LEAST_PROBABILITY:
                parts = [(of_terms * value, term) for value, term in named]
                parts += [
                    (of_words * float(value), word)
                    for value, word in zip(says[:, column], words, strict=True)
                    if value > 0
                ]
                yield SectorWeight(LEARNT, code, round(weight, 4), best(parts))


def longest_only(matches: Iterable[Match]) -> list[Match]:
    """*matches* in order of their places; a longer one hides those within."""
    found = []
    reach = -1
    for match in sorted(matches, key=lambda one: (one[1], -one[2])):
        if match[2] > reach:
            found.append(match)
            reach = match[2]
    return found


def weighted(terms: Evidence) -> Iterator[SectorWeight]:
    """Sectors by their terms alone; what is weak, or weak beside others, is left out."""
    sums = {key: total_of(said) for key, said in terms.items()}
    strongest: dict[str, float] = {}
    for (scheme, _), value in sums.items():
        strongest[scheme] = max(strongest.get(scheme, 0.0), value)
    for (scheme, code), value in sums.items():
        weight = 1 - math.exp(-value)
        if weight >= LEAST_WEIGHT and value >= SHARE * strongest[scheme]:
            yield SectorWeight(scheme, code, round(weight, 4), best(terms[scheme, code]))


def total_of(said: Iterable[tuple[float, str]]) -> float:
    """What all words of one sector add together."""
    return sum(value for value, _ in said)


def best(parts: Iterable[tuple[float, str]]) -> tuple[str, ...]:
    """The words that add most, most first; none that only repeats part of another."""
    chosen: list[str] = []
    for _, word in sorted(parts, key=lambda part: (-part[0], part[1])):
        if len(chosen) == MOST_EVIDENCE:
            break
        if not any(f" {word.lower()} " in f" {other.lower()} " for other in chosen):
            chosen.append(word)
    return tuple(chosen)


def sectors(nlp: "Language", labels: Iterable[Label], background: Background) -> Sectors:
    """The matcher for *labels*."""
    from spacy.matcher import PhraseMatcher

    indicated: dict[str, list[Key]] = {}
    total: Counter[str] = Counter()
    for label in sorted(labels, key=lambda label: (label.scheme, label.code)):
        total[label.scheme] += 1
        for term in dict.fromkeys(" ".join(term.lower().split()) for term in label.terms):
            indicated.setdefault(term, []).append((label.scheme, label.code))
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    idf: dict[tuple[str, str], float] = {}
    for term, keys in sorted(indicated.items()):
        matcher.add(term, [nlp.make_doc(written) for written in sorted(variants(term))])
        for scheme, shared in Counter(scheme for scheme, _ in keys).items():
            idf[scheme, term] = information(term, background) * (
                math.log(1 + total[scheme] / shared) / math.log(1 + total[scheme])
            )
    words, vectors = word_model(), vector_model()
    configured = {code for keys in indicated.values() for scheme, code in keys if scheme == LEARNT}
    learnt = [(column, code) for column, code in enumerate(words.codes) if code in configured]
    named = {term: tuple(keys) for term, keys in indicated.items()}
    return Sectors(matcher, named, idf, words, vectors, tuple(learnt))


def information(term: str, background: Background) -> float:
    """How much a term says: rare words more, several words together more than one."""
    words = term.replace("-", " ").split()
    rarest = max(background.rarity(word) for word in words)
    return 2.0 * rarest + 0.35 * (len(words) - 1)
