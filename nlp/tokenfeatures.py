"""What a word and its neighbours say about whether a technology is named there.

A token is described by what stands in each of a few slots. The same thing in the same slot
always stands for the same features (`expanded`), so that whoever weighs them can keep the sum.
Few slots of many features each are what makes that quick. Learnt by
`benchmarks/train_technologies.py`, read by `nlp.labeller`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from nlp.abbreviations import Place, of_short_form
from nlp.background import background
from nlp.kinds import kind_of
from nlp.packed import packed_lines
from nlp.tagged import TaggedText
from nlp.words import singular, words

if TYPE_CHECKING:
    from nlp.documents import Mention

Value = str | tuple[str, ...]  # what stands in a slot; empty when nothing does
Described = Mapping[str, Sequence[Value]]  # slot -> its value for each token

STEPS = 8  # in which rarity from 0 to 1 is read
MANY = 4  # different known technologies in a text; more say no more
LONGEST = 40  # letters of a word; a longer one is cut
# What stands in these slots also describes the tokens around: how far away it is for them.
SEEN_FROM = {"word": (-2, -1, 1, 2), "tag": (-2, -1, 0, 1, 2)}
EDGE = "edge", "edge"  # in place of a pair, where a text begins or ends
BREAK = "\u00b6"  # stands for a break of line, which no line of the file of weights can hold
_LISTS = (
    "generic_heads",
    "generic_modifiers",
    "empty_modifiers",
    "judging_modifiers",
    "judging_ends",
    "weak_alone",
    "use_words",
    "use_prepositions",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the text says besides its words."""

    known: Sequence["Mention"]  # technologies of the taxonomy, in order
    explained: Mapping[str, Place]  # short form -> where its long form stands
    title_end: int


def token_slots(tagged: TaggedText, runs: Sequence[range], around: Surroundings) -> Described:
    """What stands in each slot for each token of a text with these `nlp.candidates.runs`."""
    spelt = [BREAK if word.isspace() else word[:LONGEST] for word in tagged.words]
    plain = [singular(word.lower()) for word in spelt]
    times = Counter(plain)
    pairs = _pairs(plain, times)
    places, heads = _in_runs(len(spelt), runs)
    inside = [place != "out" for place in places]
    known = _in_known(tagged, around.known)
    company = str(min(MANY, len({mention.concept for mention in around.known})))
    return {
        "place": list(zip(places, spelt, strict=True)),
        "word": spelt,
        "tag": tagged.tags,
        "head": [
            (spelt[head], str(min(3, head - i)), known[head]) if head > i else ""
            for i, head in enumerate(heads)
        ],
        "times": [
            (place, company, str(min(3, times[word]))) if named else ""
            for place, word, named in zip(places, plain, inside, strict=True)
        ],
        "pairs": [(*pairs[i], *pairs[i + 1]) if named else "" for i, named in enumerate(inside)],
        "said": _said(tagged, around, known, inside),
    }


def features_of(described: Described) -> list[list[str]]:
    """All features of each token."""
    found: list[list[str]] = [[] for _ in described["word"]]
    for slot, values in described.items():
        for step in SEEN_FROM.get(slot, (0,)):
            for i, features in enumerate(found):
                there = i + step
                value = values[there] if 0 <= there < len(values) else ""
                features += expanded(slot, value, step)
    return found


def expanded(slot: str, value: Value, step: int = 0) -> list[str]:
    """The features that *value* stands for in the *slot* of a token *step* places further on."""
    if slot == "tag":
        return [f"tag{step}={value}"]
    if not value:
        return []
    if isinstance(value, str):
        return _of_neighbour(f"{step:+}", value)
    if slot == "said":
        return list(value)
    if slot == "times":
        place, company, times = value
        return [f"{place}, company={company}", f"times={times}"]
    if slot == "pairs":
        before, behind = dict.fromkeys(value[:2]), dict.fromkeys(value[2:])
        return [*(f"pair-{one}" for one in before), *(f"pair+{one}" for one in behind)]
    return _of_head(*value) if slot == "head" else _of_word(*value)


def _of_neighbour(where: str, word: str) -> list[str]:
    found = _facts(word)
    if where in {"-1", "+1"}:
        one = singular(word.lower())
        found = [*found, *_groups(word), f"is {one}", f"shape {_shape(word)}"]
    return [f"{where} {feature}" for feature in found]


def _of_head(word: str, distance: str, known: str) -> list[str]:
    one = singular(word.lower())
    found = [*_facts(word), *_groups(word), f"is {one}", f"ends {one[-4:]}"]
    further = [f"head in {distance}", *(["known head"] if known else [])]
    return [*(f"head {feature}" for feature in found), *further]


def _of_word(place: str, word: str) -> list[str]:
    facts, groups = _facts(word), _groups(word)
    here = [f"word {feature}" for feature in (*_form(word), *facts, *groups)]
    there = [f"{place} {feature}" for feature in facts]
    inside = [f"in {group}" for group in groups] if place != "out" else []
    return ["always", f"place={place}", *here, *there, *inside]


def _said(
    tagged: TaggedText, around: Surroundings, known: Sequence[str], inside: Sequence[bool]
) -> list[tuple[str, ...]]:
    """For each token what is said of it in features as they are."""
    said: list[list[str]] = [[] for _ in known]
    for i, state in enumerate(known):
        for step in (-1, 0, 1) if state else ():
            if 0 <= i - step < len(said):
                said[i - step].append(f"known{step}={state}")
    for found, start, named in zip(said, tagged.starts, inside, strict=True):
        if start >= around.title_end:
            break
        found.append("title, in" if named else "title, out")
    if around.explained:
        firsts = {start for start, _ in around.explained.values()}
        lasts = {end for _, end in around.explained.values()}
        for found, word, start, end in zip(
            said, tagged.words, tagged.starts, tagged.ends, strict=True
        ):
            if start in firsts:
                found.append("explained starts")
            if end in lasts:
                found.append("explained ends")
            if of_short_form(word, around.explained):
                found.append("short form")
    return [tuple(found) for found in said]


def _in_runs(size: int, runs: Sequence[range]) -> tuple[list[str], list[int]]:
    """Where each token stands in its run of adjectives and nouns, and the run's last token."""
    places, heads = ["out"] * size, [-1] * size
    for run in runs:
        first, last = run[0], run[-1]
        for i in run:
            places[i], heads[i] = "middle", last
        places[first], places[last] = "first", "last"
        if first == last:
            places[first] = "only"
    return places, heads


def _in_known(tagged: TaggedText, known: Sequence["Mention"]) -> list[str]:
    """For each token whether a known technology starts or goes on there; else empty."""
    found = [""] * len(tagged)
    for mention in known:
        i = bisect_left(tagged.starts, mention.start)
        found[i] = "start"
        i += 1
        while i < len(found) and tagged.starts[i] < mention.end:
            found[i] = "on"
            i += 1
    return found


def _pairs(plain: Sequence[str], times: Mapping[str, int]) -> list[tuple[str, str]]:
    """What is known of the pair of words before each token, and at last of that behind the last.

    How rare it is, and whether the text has it again or has its words in other company too: a
    name keeps together, and what is only said of it does not.
    """
    spelt = [f"{a} {b}" for a, b in pairwise(plain)]
    together = Counter(spelt)
    found = [EDGE]
    for pair, a, b in zip(spelt, plain, plain[1:], strict=False):
        count = together[pair]
        if count > 1:
            company = "always" if times[a] == times[b] == count else "often"
        else:
            company = f"once, {times[a] > 1}, {times[b] > 1}"
        found.append((_step(pair), company))
    return [*found, EDGE]


def _step(word: str) -> str:
    return _step_of(background().counts.get(word, 0))


@cache
def _step_of(texts: int) -> str:
    """The step of rarity of what stands in so many *texts* of the background."""
    return str(int(background().rarity_of(texts) * STEPS))


def _form(word: str) -> list[str]:
    """How the word is written."""
    one = singular(word.lower())
    ends = [f"ends {one[-3:]}", f"ends {one[-4:]}", f"starts {one[:3]}", f"starts {one[:4]}"]
    return [f"is {one}", *ends, f"shape {_shape(word)}"]


@lru_cache(maxsize=20_000)
def _facts(word: str) -> list[str]:
    """What our lists and the background know of the word."""
    lower = word.lower()
    one = singular(lower)
    listed = [name for name in _LISTS if one in words(name) or lower in words(name)]
    return [*listed, f"kind {kind_of(one) or 'none'}", f"rarity {_step(one)}"]


def _groups(word: str) -> list[str]:
    """The groups of like words that the word is in."""
    return list(word_groups().get(singular(word.lower()), ()))


def _shape(word: str) -> str:
    if len(word) > 1 and word.isupper():
        return "capitals"
    if any(letter.isupper() for letter in word[1:]):
        return "mixed"
    if word[0].isupper():
        return "capital"
    if word.isalpha():
        return "small"
    return "digits" if any(letter.isdigit() for letter in word) else "sign"


@cache
def word_groups() -> dict[str, tuple[str, ...]]:
    """Word in small letters, singular -> its groups of words that stand in like places.

    From wide to narrow; made by `python -m benchmarks.build_word_groups`.
    """
    rows = (line.split("\t") for line in packed_lines("word_groups"))
    return {
        word: (f"wide {wide}", f"middle {middle}", f"narrow {narrow}")
        for word, wide, middle, narrow in rows
    }
