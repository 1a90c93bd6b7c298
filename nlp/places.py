"""Organisations and places that a text names.

Structured fields of a source come first, so a stage calls this for what they leave open.
Places are names of NUTS 2024 regions, their main cities, and the towns where participants
of EU projects have their seats, with or without accents. Organisations are known
participants, and runs of capitalised words that say what they are ("University of …").
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.letters import without_accents
from nlp.documents import Mention
from nlp.nuts import table
from nlp.tagged import TaggedText
from nlp.words import words

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher

MOST_WORDS = 10
_ENDS = frozenset(".!?:;\n")
_UNDIVIDED = str.maketrans("øØłŁđĐıß", "oOlLdDis")  # letters that Unicode does not divide


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Names of places and organisations; build with `gazetteer`."""

    places: "PhraseMatcher"
    organisations: "PhraseMatcher"

    def find_places(self, tagged: TaggedText) -> list[Mention]:
        """Places in a text, in order, with their NUTS code as concept."""
        found: list[Mention] = []
        reach = -1
        for span in sorted(
            self.places(tagged.doc, as_spans=True), key=lambda span: (span.start, -span.end)
        ):
            if span.start < reach or "PROPN" not in tagged.parts[span.start : span.end]:
                continue
            reach = span.end
            found.append(Mention(span.start_char, span.end_char, "place", span.text, span.label_))
        return found

    def find_organisations(self, tagged: TaggedText) -> list[Mention]:
        """Organisations in a text, in order, known ones first where two overlap."""
        spans = {(first, last) for _, first, last in self.organisations(tagged.doc)}
        taken = {i for start, end in spans for i in range(start, end)}
        for run in named_kinds(tagged):
            if taken.isdisjoint(run):
                spans.add((run.start, run.stop))
        found: list[Mention] = []
        reach = -1
        for start, end in sorted(spans, key=lambda one: (one[0], -one[1])):
            if start >= reach:
                reach = end
                first, last = tagged.starts[start], tagged.ends[end - 1]
                found.append(Mention(first, last, "organisation", tagged.text[first:last]))
        return found


def gazetteer(nlp: "Language", organisations: Iterable[str] = ()) -> Gazetteer:
    """The packaged place names and the *organisations* that are known to take part."""
    from spacy.matcher import PhraseMatcher

    places = PhraseMatcher(nlp.vocab)
    for name, code in place_names().items():
        places.add(code, [nlp.make_doc(name)])
    known = PhraseMatcher(nlp.vocab)
    names = sorted({" ".join(name.split()) for name in organisations if is_telling(name)})
    if names:
        known.add("organisation", [nlp.make_doc(name) for name in names])
    return Gazetteer(places, known)


def place_names() -> dict[str, str]:
    """The packaged names with their NUTS codes, each also as it is written without accents."""
    named = sorted(table("places").items())
    return {unaccented(name): code for name, code in named} | dict(named)


def unaccented(name: str) -> str:
    """*name* in the letters that a text without accents has: Malmo, Lodz."""
    return without_accents(name.translate(_UNDIVIDED))


def is_telling(name: str) -> bool:
    """Whether a name can be looked for in running text: a short one could be any word."""
    return len(name) >= 4 and (" " in name.strip() or len(name) >= 6)


def named_kinds(tagged: TaggedText) -> Iterator[range]:
    """Runs of capitalised words that contain a word for a kind of organisation."""
    first = None
    for i in range(len(tagged)):
        if is_name_like(tagged, i):
            first = i if first is None else first
        elif first is not None and not (
            tagged.lower[i] in words("name_joins") and i - first < MOST_WORDS
        ):
            yield from _organisation(tagged, range(first, i))
            first = None
    if first is not None:
        yield from _organisation(tagged, range(first, len(tagged)))


def is_name_like(tagged: TaggedText, i: int) -> bool:
    """Whether token *i* starts with a capital, and not only because a sentence starts with it."""
    word = tagged.words[i]
    if not word[0].isupper() or not word.isalpha():
        return False
    return tagged.parts[i] == "PROPN" or (i > 0 and tagged.words[i - 1] not in _ENDS)


def _organisation(tagged: TaggedText, run: range) -> Iterator[range]:
    """The organisations in a run: "Board of A University and B Institute" holds two."""
    lower = tagged.lower
    kinds = [i for i in run if lower[i] in words("organisation_kinds")]
    if not kinds:
        return
    for i in run:
        if lower[i] == "and" and kinds[0] < i < kinds[-1]:
            yield from _organisation(tagged, range(run.start, i))
            yield from _organisation(tagged, range(i + 1, run.stop))
            return
    # "Engineers of the University": what leads up to the kind is not part of the name.
    if kinds[0] > run.start and lower[kinds[0] - 1] in words("name_joins"):
        run = range(kinds[0], run.stop)
    while run and lower[run[-1]] in words("name_joins"):
        run = run[:-1]
    while run and lower[run[0]] in words("name_joins"):
        run = run[1:]
    if not 2 <= len(run) <= MOST_WORDS:
        return
    kinds = [i for i in run if lower[i] in words("organisation_kinds")]
    if any(i > run.start or lower[i] not in words("organisation_endings") for i in kinds):
        yield run
