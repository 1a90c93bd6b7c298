"""Known technologies: the concepts of the taxonomy, wherever and however they are written."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.models import Technology
from nlp.abbreviations import Place, abbreviations, of_short_form
from nlp.documents import Mention
from nlp.tagged import TaggedText
from nlp.variants import variants
from nlp.words import plural, words

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc, Span

# How sure a way of naming makes us. Starting values; settled by reading, not fitted.
SURE = {"phrase": 0.97, "word": 0.90, "explained": 0.92, "capitals": 0.85, "short": 0.75}
LONGEST_CAPITALS = 6  # letters: "MEMS" and "HVDC" are matched by case, "blockchain" is not

_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Technologies:
    """Matchers for the names of a taxonomy; build with `technologies`."""

    by_word: "PhraseMatcher"
    by_case: "PhraseMatcher"
    shorts: Mapping[str, tuple[str, ...]]  # ambiguous short form -> concepts it may mean
    context: Mapping[str, frozenset[str]]  # concept -> plain words that support a short form

    def find(self, tagged: TaggedText) -> list[Mention]:
        """Mentions of known technologies in a text, in order; the longest where they overlap."""
        doc, text = tagged.doc, tagged.text
        explained = abbreviations(text)
        meaning: dict[str, str] = {}
        spans = [
            *self._long_names(doc),
            *self._capitals(doc, explained, text),
        ]
        # The longest name last: "perovskite solar cells (PSC)" is not "solar cells".
        for span, concept, _ in sorted(spans, key=lambda one: len(one[0])):
            for short, (start, end) in explained.items():
                if span.end_char == end and span.start_char >= start:
                    meaning[short] = concept
        if meaning:
            spans += self._explained(doc, meaning)
        if not self.shorts.keys().isdisjoint(tagged.words):
            spans += self._supported(doc, text, explained, {concept for _, concept, _ in spans})
        return longest(spans)

    def _long_names(self, doc: "Doc") -> list[tuple["Span", str, str]]:
        return [
            (span, span.label_, "phrase" if len(span) > 1 else "word")
            for span in self.by_word(doc, as_spans=True)
        ]

    def _capitals(
        self, doc: "Doc", explained: Mapping[str, Place], text: str
    ) -> list[tuple["Span", str, str]]:
        """Unambiguous names in capitals, unless this very text explains them as something else."""
        found = []
        for span in self.by_case(doc, as_spans=True):
            plain = span.text.rstrip("s")
            if plain in explained and not self._means(span.label_, text, explained[plain]):
                continue
            found.append((span, span.label_, "capitals"))
        return found

    def _means(self, concept: str, text: str, where: Place) -> bool:
        """Whether a long form has a word in common with the names of *concept*."""
        spelt = {word.lower() for word in _WORDS.findall(text[where[0] : where[1]])}
        return bool(spelt & self.context[concept])

    def _explained(self, doc: "Doc", meaning: Mapping[str, str]) -> list[tuple["Span", str, str]]:
        found = []
        for token in doc:
            if concept := of_short_form(token.text, meaning):
                found.append((doc[token.i : token.i + 1], concept, "explained"))
        return found

    def _supported(
        self,
        doc: "Doc",
        text: str,
        explained: Mapping[str, Place],
        named: set[str],
    ) -> list[tuple["Span", str, str]]:
        """Ambiguous short forms that the rest of the text speaks for.

        A text that explains the short form has settled it: only a long form that shares a
        word with the concept's names lets it through.
        """
        present = {word.lower() for word in _WORDS.findall(text)}
        found = []
        for token in doc:
            for concept in self.shorts.get(token.text, ()):
                plain = token.text.rstrip("s") if token.text not in explained else token.text
                if plain in explained:
                    supported = self._means(concept, text, explained[plain])
                else:
                    helpful = self.context[concept] - {token.lower_}
                    supported = concept in named or bool(helpful & present)
                if supported:
                    found.append((doc[token.i : token.i + 1], concept, "short"))
                    break
        return found


def technologies(nlp: "Language", concepts: Iterable[Technology]) -> Technologies:
    """Matchers for *concepts*; a name that two concepts share belongs to the first by id."""
    from spacy.matcher import PhraseMatcher

    phrases: dict[str, str] = {}
    capitals: dict[str, str] = {}
    shorts: dict[str, list[str]] = {}
    context: dict[str, frozenset[str]] = {}
    for concept in sorted(concepts, key=lambda concept: concept.id):
        for name in (concept.label, *concept.aliases):
            if is_capitals(name):
                capitals.setdefault(name, concept.id)
                capitals.setdefault(f"{name}s", concept.id)
            else:
                for written in variants(name):
                    phrases.setdefault(written, concept.id)
        for short in concept.short_forms:
            shorts.setdefault(short, []).append(concept.id)
            shorts.setdefault(f"{short}s", []).append(concept.id)
        context[concept.id] = support(concept)
    by_word, by_case = PhraseMatcher(nlp.vocab, attr="LOWER"), PhraseMatcher(nlp.vocab)
    for matcher, names in ((by_word, phrases), (by_case, capitals)):
        grouped: dict[str, list[str]] = {}
        for written, identity in names.items():
            grouped.setdefault(identity, []).append(written)
        for identity, written_names in grouped.items():
            matcher.add(identity, [nlp.make_doc(one) for one in written_names])
    frozen = {short: tuple(dict.fromkeys(ids)) for short, ids in shorts.items()}
    return Technologies(by_word, by_case, frozen, context)


def support(concept: Technology) -> frozenset[str]:
    """Plain words that support a short form of *concept*: its context and its own names."""
    named = " ".join((concept.label, *concept.aliases, *concept.context)).lower()
    empty = words("no_support") | words("generic_modifiers")
    found = {word for word in _WORDS.findall(named) if len(word) > 2 and word not in empty}
    return frozenset(found | {plural(word) for word in found})


def is_capitals(name: str) -> bool:
    """Whether *name* is one short word in capitals, which only its case sets apart."""
    letters = [c for c in name if c.isalpha()]
    return (
        len(name) <= LONGEST_CAPITALS
        and " " not in name
        and sum(c.isupper() for c in letters) * 2 > len(letters)
    )


def longest(spans: Iterable[tuple["Span", str, str]]) -> list[Mention]:
    """Mentions that do not overlap: longer before shorter, surer before less sure."""
    ranked = sorted(
        spans,
        key=lambda one: (-(one[0].end_char - one[0].start_char), -SURE[one[2]], one[0].start_char),
    )
    taken: set[int] = set()
    found = []
    for span, concept, way in ranked:
        if not any(i in taken for i in range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            found.append(
                Mention(span.start_char, span.end_char, "technology", span.text, concept, SURE[way])
            )
    return sorted(found, key=lambda mention: mention.start)
