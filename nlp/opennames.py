"""Technologies in a text: those of the taxonomy, those no taxonomy names, and their short forms.

Names are read off the words (`nlp.labeller`). A name is found wherever the text has it, and
with it the abbreviation that the text gives it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nlp.abbreviations import abbreviations
from nlp.documents import Mention
from nlp.labeller import Labeller
from nlp.linking import Linker
from nlp.tokenfeatures import Surroundings, token_keys
from nlp.words import singular

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

MOST_TOKENS = 20  # of a name; a longer one is a list of words, not a name
OPENING, CLOSING = frozenset("(["), frozenset(")]")
EDGES = frozenset(".,;:-")
Place = tuple[int, int]  # offsets in the text, or tokens
Words = tuple[str, ...]  # small letters, the last in the singular


def technologies_in(
    doc: "Doc",
    text: str,
    runs: Sequence[Sequence["Token"]],
    known: Sequence[Mention],
    *,
    title_end: int,
    linker: Linker,
    labeller: Labeller,
) -> list[Mention]:
    """*known* mentions, widened, and new ones, in order; none overlap, the longest wins.

    *doc* was made of *text*, and *runs* are those of `nlp.candidates`.
    """
    explained = abbreviations(text)
    named = labeller.names(token_keys(doc, runs, Surroundings(known, explained, title_end)))
    cut = ((*whole(doc, first, last), score) for first, last, score in named)
    accepted = {
        words_of(doc, first, last): score
        for first, last, score in cut
        if 0 < last - first <= MOST_TOKENS
    }
    found = list(known)
    for start, end, score in occurrences(doc, accepted):
        label = text[start:end]
        inside = [one for one in known if start <= one.start and one.end <= end]
        if inside:  # "holographic optical tweezers" still tell of optical tweezers
            found.append(replace(inside[-1], start=start, end=end, label=label))
            continue
        concept, cosine = linker.link(label)
        sure = round(cosine if concept else score, 2)
        found.append(Mention(start, end, "technology", label, concept, sure))
    found += short_forms(doc, explained, found)
    return longest(found)


def whole(doc: "Doc", first: int, last: int) -> Place:
    """The part of the tokens *first* to *last*, exclusive, that can be a name; maybe none.

    It ends before a line break and before a bracket without its partner, and has no point,
    comma or hyphen at either end.
    """
    while first < last and (doc[first].is_space or doc[first].text in EDGES):
        first += 1
    opened: list[int] = []
    for token in doc[first:last]:
        if token.is_space or (token.text in CLOSING and not opened):
            last = token.i
            break
        if token.text in OPENING:
            opened.append(token.i)
        elif token.text in CLOSING:
            opened.pop()
    last = min([last, *(i for i in opened if i < last)])
    while first < last and doc[last - 1].text in EDGES:
        last -= 1
    return first, last


def words_of(doc: "Doc", first: int, last: int) -> Words:
    """The tokens *first* to *last*, exclusive, as `occurrences` compares them."""
    *front, head = [token.lower_ for token in doc[first:last]]
    return (*front, singular(head))


def occurrences(doc: "Doc", accepted: Mapping[Words, float]) -> Iterator[tuple[int, int, float]]:
    """Offsets and score of every place where *doc* has an accepted name."""
    if not accepted:
        return
    by_first: dict[str, list[Words]] = {}
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


def longest(found: Iterable[Mention]) -> list[Mention]:
    """*found* without what overlaps something longer, in order."""
    taken: set[int] = set()
    kept = []
    for one in sorted(found, key=lambda m: (m.start - m.end, not m.concept, m.start)):
        if one.start not in taken and one.end - 1 not in taken:
            taken.update(range(one.start, one.end))
            kept.append(one)
    return sorted(kept, key=lambda mention: mention.start)
