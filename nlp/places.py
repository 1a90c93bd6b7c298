"""Organisations and places that a text names.

Structured fields of a source come first, so a stage calls this for what they leave open.
Places are names of NUTS 2024 regions and their main cities. Organisations are known
participants, and runs of capitalised words that say what they are ("University of …").
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlp.documents import Mention
from nlp.nuts import table
from nlp.words import words

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc, Token

MOST_WORDS = 10
_ENDS = frozenset(".!?:;\n")


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Names of places and organisations; build with `gazetteer`."""

    places: "PhraseMatcher"
    organisations: "PhraseMatcher"

    def find_places(self, doc: "Doc") -> list[Mention]:
        """Places in *doc*, in order, with their NUTS code as concept."""
        found: list[Mention] = []
        reach = -1
        for span in sorted(
            self.places(doc, as_spans=True), key=lambda span: (span.start, -span.end)
        ):
            if span.start < reach or not any(token.pos_ == "PROPN" for token in span):
                continue
            reach = span.end
            found.append(Mention(span.start_char, span.end_char, "place", span.text, span.label_))
        return found

    def find_organisations(self, doc: "Doc") -> list[Mention]:
        """Organisations in *doc*, in order, known ones first where two overlap."""
        spans = {(span.start, span.end) for span in self.organisations(doc, as_spans=True)}
        taken = {i for start, end in spans for i in range(start, end)}
        for start, end in named_kinds(doc):
            if taken.isdisjoint(range(start, end)):
                spans.add((start, end))
        found: list[Mention] = []
        reach = -1
        for start, end in sorted(spans, key=lambda one: (one[0], -one[1])):
            if start >= reach:
                reach = end
                span = doc[start:end]
                found.append(Mention(span.start_char, span.end_char, "organisation", span.text))
        return found


def gazetteer(nlp: "Language", organisations: Iterable[str] = ()) -> Gazetteer:
    """The packaged place names and the *organisations* that are known to take part."""
    from spacy.matcher import PhraseMatcher

    places = PhraseMatcher(nlp.vocab)
    for name, code in sorted(table("places").items()):
        places.add(code, [nlp.make_doc(name)])
    known = PhraseMatcher(nlp.vocab)
    names = sorted({" ".join(name.split()) for name in organisations if is_telling(name)})
    if names:
        known.add("organisation", [nlp.make_doc(name) for name in names])
    return Gazetteer(places, known)


def is_telling(name: str) -> bool:
    """Whether a name can be looked for in running text: a short one could be any word."""
    return len(name) >= 4 and (" " in name.strip() or len(name) >= 6)


def named_kinds(doc: "Doc") -> Iterator[tuple[int, int]]:
    """Runs of capitalised words that contain a word for a kind of organisation."""
    run: list[Token] = []
    for token in doc:
        if is_name_like(token) or (
            run and token.lower_ in words("name_joins") and len(run) < MOST_WORDS
        ):
            run.append(token)
            continue
        yield from _organisation(run)
        run = []
    yield from _organisation(run)


def is_name_like(token: "Token") -> bool:
    """Whether *token* starts with a capital, and not only because a sentence starts with it."""
    if not token.text[0].isupper() or not token.is_alpha:
        return False
    return token.pos_ == "PROPN" or not (token.i == 0 or token.nbor(-1).text in _ENDS)


def _organisation(run: list["Token"]) -> Iterator[tuple[int, int]]:
    """The organisations in a run: "Board of A University and B Institute" holds two."""
    kinds = [i for i, token in enumerate(run) if token.lower_ in words("organisation_kinds")]
    if not kinds:
        return
    for i, token in enumerate(run):
        if token.lower_ == "and" and kinds[0] < i < kinds[-1]:
            yield from _organisation(run[:i])
            yield from _organisation(run[i + 1 :])
            return
    # "Engineers of the University": what leads up to the kind is not part of the name.
    if kinds[0] > 0 and run[kinds[0] - 1].lower_ in words("name_joins"):
        run = run[kinds[0] :]
    while run and run[-1].lower_ in words("name_joins"):
        run = run[:-1]
    while run and run[0].lower_ in words("name_joins"):
        run = run[1:]
    if not 2 <= len(run) <= MOST_WORDS:
        return
    kinds = [i for i, token in enumerate(run) if token.lower_ in words("organisation_kinds")]
    if any(i > 0 or run[i].lower_ not in words("organisation_endings") for i in kinds):
        yield run[0].i, run[-1].i + 1
