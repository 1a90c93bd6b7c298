"""Which economic activities, challenges and value-chain steps a text speaks of, and why.

A text may belong to several sectors or to none. Evidence for a sector is the indicator terms
of the configuration that stand in the text: each counts `idf * (1 + ln(times))`, a term that
many sectors share counts less, and the sum becomes a weight by `1 - exp(-sum / SCALE)`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlp.background import Background
from nlp.documents import SectorWeight
from nlp.variants import variants

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

SCALE = 1.6  # evidence at which a weight is 0.63: two specific terms, or one named thrice
LEAST_WEIGHT = 0.35  # one common term alone is no evidence
LEAST_ECOSYSTEM = 0.55  # of the industrial ecosystems; set on the gold texts there to tune on
SHARE = 0.35  # of the strongest sector of its scheme; weaker ones are noise beside it
LONG_TEXT = 300  # words; longer texts mention more by chance
MOST_EVIDENCE = 5
TITLE = 2  # a term in the title counts as if it stood in the text as often again

Key = tuple[str, str]  # scheme, code


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

    def find(self, doc: "Doc", text: str, title_end: int = 0) -> list[SectorWeight]:
        """The sectors of *doc*, made of *text*, with evidence; strongest first in each scheme.

        *title_end* is the offset where the title ends; 0 when there is none.
        """
        times: Counter[str] = Counter()
        written: dict[str, str] = {}
        for span in longest_only(self.matcher(doc), doc):
            times[span[2]] += TITLE if span[0] < title_end else 1
            written.setdefault(span[2], text[span[0] : span[1]])
        if not times:
            return []
        sums: dict[Key, float] = {}
        evidence: dict[Key, list[tuple[float, str]]] = {}
        for term, count in times.items():
            for key in self.labels[term]:
                value = self.idf[key[0], term] * (1 + math.log(count))
                sums[key] = sums.get(key, 0.0) + value
                evidence.setdefault(key, []).append((-value, written[term]))
        thin = math.sqrt(max(1.0, len(doc) / LONG_TEXT))
        return weighted(sums, evidence, thin)


def longest_only(matches: Iterable[tuple[int, int, int]], doc: "Doc") -> list[tuple[int, int, str]]:
    """Matches as (start, end, term), offsets in characters; a longer one hides those within."""
    found = []
    reach = -1
    for match, start, end in sorted(matches, key=lambda one: (one[1], -one[2])):
        if end > reach:
            last = doc[end - 1]
            found.append((doc[start].idx, last.idx + len(last), doc.vocab.strings[match]))
            reach = end
    return found


def weighted(
    sums: Mapping[Key, float], evidence: Mapping[Key, list[tuple[float, str]]], thin: float
) -> list[SectorWeight]:
    """Weights from sums of evidence; what is weak, or weak beside others, is left out."""
    strongest: dict[str, float] = {}
    for (scheme, _), value in sums.items():
        strongest[scheme] = max(strongest.get(scheme, 0.0), value)
    found = []
    for (scheme, code), value in sums.items():
        weight = 1 - math.exp(-value / thin / SCALE)
        least = LEAST_ECOSYSTEM if scheme == "ecosystem" else LEAST_WEIGHT
        if weight >= least and value >= SHARE * strongest[scheme]:
            words = tuple(dict.fromkeys(word for _, word in sorted(evidence[scheme, code])))[
                :MOST_EVIDENCE
            ]
            found.append(SectorWeight(scheme, code, round(weight, 4), words))
    return sorted(found, key=lambda one: (one.scheme, -one.weight, one.code))


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
    return Sectors(matcher, {term: tuple(keys) for term, keys in indicated.items()}, idf)


def information(term: str, background: Background) -> float:
    """How much a term says: rare words more, several words together more than one."""
    words = term.replace("-", " ").split()
    rarest = max(background.rarity(word) for word in words)
    return 2.0 * rarest + 0.35 * (len(words) - 1)
