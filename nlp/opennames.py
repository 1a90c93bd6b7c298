"""Technologies that no taxonomy names, and known ones with the words that say which kind.

Candidates are read as names (`nlp.names`) and judged (`nlp.newness`). A name that passes is
found wherever the text has it, and with it the abbreviation that the text gives it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nlp.abbreviations import abbreviations
from nlp.background import Background
from nlp.candidates import Candidate
from nlp.documents import Mention
from nlp.linking import Linker
from nlp.names import GENERIC, Name, name_within
from nlp.newness import LEAST, Surroundings, technology_score
from nlp.words import singular, words

if TYPE_CHECKING:
    from spacy.tokens import Doc

Place = tuple[int, int]  # offsets in the text


@dataclass(slots=True)
class Named:
    """A name with every place where a candidate holds it."""

    name: Name
    places: list[Place]


def technologies_in(
    doc: "Doc",
    text: str,
    phrases: Iterable[Candidate],
    known: Sequence[Mention],
    *,
    title_end: int,
    linker: Linker,
    background: Background,
) -> list[Mention]:
    """*known* mentions, widened, and new ones, in order; none overlap, the longest wins."""
    explained = abbreviations(text)
    around = Surroundings(
        title_end,
        frozenset(end for _, end in explained.values()),
        len({mention.concept for mention in known}),
    )
    named = names_of(doc, phrases)
    wide = widened(doc, known, named)
    accepted: dict[tuple[str, ...], float] = {}
    for one in named:
        free = [place for place in one.places if not any(overlaps(place, m) for m in known)]
        if free and may_name(doc, one.name, free, around):
            score = technology_score(one.name, free, doc, around, background)
            if score >= LEAST:
                accepted[key_of(doc, one.name)] = score
    found = list(wide)
    for start, end, score in occurrences(doc, accepted):
        label = text[start:end]
        concept, cosine = linker.link(label)
        sure = round(cosine if concept else score, 2)
        found.append(Mention(start, end, "technology", label, concept, sure))
    found += short_forms(doc, explained, found)
    return longest(found)


def names_of(doc: "Doc", phrases: Iterable[Candidate]) -> list[Named]:
    """The names in *phrases*, those of the same words together."""
    at = {token.idx: token.i for token in doc}
    found: dict[tuple[str, ...], Named] = {}
    for phrase in phrases:
        for start, end in phrase.places:
            first = last = at[start]
            while last < len(doc) and doc[last].idx < end:
                last += 1
            name = name_within(doc, first, last)
            if name is None:
                continue
            tail = doc[name.last - 1]
            place = doc[name.first].idx, tail.idx + len(tail)
            found.setdefault(name.words, Named(name, [])).places.append(place)
    for one in found.values():
        one.places.sort()
    return list(found.values())


def may_name(doc: "Doc", name: Name, places: Sequence[Place], around: Surroundings) -> bool:
    """Whether the head can name a technology, or is one the text found worth an abbreviation.

    "device" alone names none. An abbreviated name in capital letters is an organisation's
    or a law's.
    """
    if len(name.words) == 1 and (name.kind == GENERIC or name.words[0] in words("weak_alone")):
        return False
    if name.kind:
        return True
    return places[0][1] in around.explained and doc[name.last - 1].is_lower


def widened(doc: "Doc", known: Sequence[Mention], named: Iterable[Named]) -> list[Mention]:
    """*known*, each from the start of a name it is the end of: "holographic optical tweezers"."""
    starts: dict[int, int] = {}
    for one in named:
        for start, end in one.places:
            starts[end] = min(start, starts.get(end, start))
    found = []
    for mention in known:
        start = starts.get(mention.end, mention.start)
        if start < mention.start:
            label = doc.text[start : mention.end]
            mention = replace(mention, start=start, label=label)
        found.append(mention)
    return found


def key_of(doc: "Doc", name: Name) -> tuple[str, ...]:
    """The tokens of a name as `occurrences` compares them."""
    tokens = [token.lower_ for token in doc[name.first : name.last]]
    return (*tokens[:-1], singular(tokens[-1]))


def occurrences(
    doc: "Doc", accepted: Mapping[tuple[str, ...], float]
) -> Iterable[tuple[int, int, float]]:
    """Offsets and score of every place where *doc* has an accepted name."""
    if not accepted:
        return
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for key in accepted:
        by_first.setdefault(key[0], []).append(key)
    lower = [token.lower_ for token in doc]
    for i, word in enumerate(lower):
        one = singular(word)
        keys = by_first.get(word, [])
        for key in keys if one == word else [*keys, *by_first.get(one, ())]:
            last = i + len(key) - 1
            if last >= len(lower) or singular(lower[last]) != key[-1]:
                continue
            if tuple(lower[i:last]) == key[:-1]:
                yield doc[i].idx, doc[last].idx + len(doc[last]), accepted[key]


def short_forms(
    doc: "Doc", explained: Mapping[str, Place], found: Sequence[Mention]
) -> list[Mention]:
    """Abbreviations whose long form ends in a technology that was found."""
    ends = {mention.end: mention for mention in found}
    short = {
        form: ends[end]
        for form, (start, end) in explained.items()
        if end in ends and ends[end].start < end and start < ends[end].end
    }
    if not short:
        return []
    mentions = []
    for token in doc:
        long = short.get(token.text) or short.get(token.text.removesuffix("s"))
        if long:
            end = token.idx + len(token)
            mentions.append(replace(long, start=token.idx, end=end, label=token.text))
    return mentions


def overlaps(place: Place, mention: Mention) -> bool:
    """Whether *place* has a character in common with *mention*."""
    return place[0] < mention.end and mention.start < place[1]


def longest(found: Iterable[Mention]) -> list[Mention]:
    """*found* without what overlaps something longer, in order."""
    taken: set[int] = set()
    kept = []
    for one in sorted(found, key=lambda m: (m.start - m.end, not m.concept, m.start)):
        if one.start not in taken and one.end - 1 not in taken:
            taken.update(range(one.start, one.end))
            kept.append(one)
    return sorted(kept, key=lambda mention: mention.start)
