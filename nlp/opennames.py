"""Technologies in a text: those of the taxonomy, those no taxonomy names, and their short forms.

Names are read off the words (`nlp.labeller`). A name is found wherever the text has it, and
with it the abbreviation that the text gives it.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nlp.abbreviations import Place, abbreviations, of_short_form
from nlp.documents import Mention
from nlp.labeller import Labeller
from nlp.linking import Linker
from nlp.tagged import TaggedText
from nlp.tokenfeatures import Surroundings, token_slots
from nlp.words import singular

MOST_TOKENS = 20  # of a name; a longer one is a list of words, not a name
OPENING, CLOSING = frozenset("(["), frozenset(")]")
EDGES = frozenset(".,;:-")
Words = tuple[str, ...]  # small letters, the last in the singular


def technologies_in(
    tagged: TaggedText,
    runs: Sequence[range],
    known: Sequence[Mention],
    *,
    title_end: int,
    linker: Linker,
    labeller: Labeller,
) -> list[Mention]:
    """*known* mentions, widened, and new ones, in order; none overlap, the longest wins.

    *runs* are those of `nlp.candidates`.
    """
    explained = abbreviations(tagged.text)
    named = labeller.names(token_slots(tagged, runs, Surroundings(known, explained, title_end)))
    cut = ((*whole(tagged.words, first, last), score) for first, last, score in named)
    accepted = {
        words_of(tagged, first, last): score
        for first, last, score in cut
        if 0 < last - first <= MOST_TOKENS
    }
    found = list(known)
    for start, end, score in occurrences(tagged, accepted):
        label = tagged.text[start:end]
        inside = [one for one in known if start <= one.start and one.end <= end]
        if inside:  # "holographic optical tweezers" still tell of optical tweezers
            found.append(replace(inside[-1], start=start, end=end, label=label))
            continue
        concept, cosine = linker.link(label)
        sure = round(cosine if concept else score, 2)
        found.append(Mention(start, end, "technology", label, concept, sure))
    others = other_things(explained, found)
    found = [one for one in found if not is_short_for_another(one, explained, others)]
    found += short_forms(tagged, explained, found)
    return longest(found)


def other_things(explained: Mapping[str, Place], found: Iterable[Mention]) -> set[Place]:
    """The long forms that no name in *found* overlaps."""
    named = {i for one in found for i in range(one.start, one.end)} if explained else set()
    return {place for place in explained.values() if named.isdisjoint(range(*place))}


def is_short_for_another(
    one: Mention, explained: Mapping[str, Place], others: Container[Place]
) -> bool:
    """Whether the text explains *one*, which has no concept, as one of the *others*."""
    return not one.concept and of_short_form(one.label, explained) in others


def whole(words: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """The part of the *words* from *first* to *last*, exclusive, that can be a name; maybe none.

    It ends before a line break and before a bracket without its partner, and has no point,
    comma or hyphen at either end.
    """
    while first < last and (words[first].isspace() or words[first] in EDGES):
        first += 1
    opened: list[int] = []
    for i in range(first, last):
        if words[i].isspace() or (words[i] in CLOSING and not opened):
            last = i
            break
        if words[i] in OPENING:
            opened.append(i)
        elif words[i] in CLOSING:
            opened.pop()
    last = min([last, *(i for i in opened if i < last)])
    while first < last and words[last - 1] in EDGES:
        last -= 1
    return first, last


def words_of(tagged: TaggedText, first: int, last: int) -> Words:
    """The tokens *first* to *last*, exclusive, as `occurrences` compares them."""
    *front, head = tagged.lower[first:last]
    return (*front, singular(head))


def occurrences(
    tagged: TaggedText, accepted: Mapping[Words, float]
) -> Iterator[tuple[int, int, float]]:
    """Offsets and score of every place where the text has an accepted name."""
    by_first: dict[str, list[Words]] = {}
    for key in accepted:
        by_first.setdefault(key[0], []).append(key)
    lower = tagged.lower
    starting = {
        word: [*by_first.get(word, ()), *(by_first.get(one, ()) if one != word else ())]
        for word, one in ((word, singular(word)) for word in set(lower))
    }
    for i, word in enumerate(lower):
        for key in starting[word]:
            last = i + len(key) - 1
            if last >= len(lower) or singular(lower[last]) != key[-1]:
                continue
            if tuple(lower[i:last]) == key[:-1]:
                yield tagged.starts[i], tagged.ends[last], accepted[key]


def short_forms(
    tagged: TaggedText, explained: Mapping[str, Place], found: Sequence[Mention]
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
    for word, start, end in zip(tagged.words, tagged.starts, tagged.ends, strict=True):
        if long := of_short_form(word, short):
            mentions.append(replace(long, start=start, end=end, label=word))
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
