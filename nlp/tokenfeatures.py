"""What a word and its neighbours say about whether a technology is named there.

A token is described by keys: plain features, or a slot with what stands in it. The same key
always stands for the same features (`expanded`), so that whoever weighs them can keep the sum.
Few keys of many features each are what makes that quick. Learnt by
`benchmarks/train_technologies.py`, read by `nlp.labeller`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from nlp.background import background
from nlp.kinds import kind_of
from nlp.packed import packed_lines
from nlp.words import singular, words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    from nlp.documents import Mention

Key = str | tuple[str, ...]  # a feature, or a slot and what stands in it

STEPS = 8  # in which rarity from 0 to 1 is read
MANY = 4  # different known technologies in a text; more say no more
LONGEST = 40  # letters of a word; a longer one is cut
TAGS = {"tags before": -2, "tags": 0}  # slot -> where the first of its tags stands
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
    explained: dict[str, tuple[int, int]]  # short form -> offsets of its long form
    title_end: int


def token_keys(
    doc: "Doc", runs: Sequence[Sequence["Token"]], around: Surroundings
) -> list[list[Key]]:
    """For each token of *doc* the keys that describe it; *runs* are those of `nlp.candidates`."""
    tokens = list(doc)
    texts = [BREAK if token.is_space else token.text[:LONGEST] for token in tokens]
    plain = [singular(text.lower()) for text in texts]
    times = Counter(plain)
    pairs = _pairs(plain, times)
    places, heads = _in_runs(len(texts), runs)
    known = _in_known(doc, around.known)
    company = str(min(MANY, len({mention.concept for mention in around.known})))
    starts = {start for start, _ in around.explained.values()}
    ends = {end for _, end in around.explained.values()}
    word = ["", "", *texts, "", ""]  # two places further on, as are tags
    tag = ["", "", *(token.tag_ for token in tokens), "", ""]
    described: list[list[Key]] = []
    for i, text in enumerate(texts):
        place, head = places[i], heads[i]
        keys: list[Key] = [
            (place, text),
            ("-2", word[i]),
            ("-1", word[i + 1]),
            ("+1", word[i + 3]),
            ("+2", word[i + 4]),
            ("tags before", tag[i], tag[i + 1]),
            ("tags", tag[i + 2], tag[i + 3], tag[i + 4]),
        ]
        if place != "out":
            if head > i:
                keys.append(("head", texts[head], str(min(3, head - i)), known[head]))
            keys.append(("times", place, company, str(min(3, times[plain[i]]))))
            keys.append(("pairs", *pairs[i], *pairs[i + 1]))
        for step in (-1, 0, 1):
            if 0 <= i + step < len(known) and known[i + step]:
                keys.append(f"known{step}={known[i + step]}")
        start = tokens[i].idx
        if start + len(tokens[i]) in ends:
            keys.append("explained ends")
        if start in starts:
            keys.append("explained starts")
        if text in around.explained or text.removesuffix("s") in around.explained:
            keys.append("short form")
        if start < around.title_end:
            keys.append(f"title, {'out' if place == 'out' else 'in'}")
        described.append(keys)
    return described


def expanded(key: Key) -> list[str]:
    """The features that *key* stands for."""
    if isinstance(key, str):
        return [key]
    slot, *told = key
    if slot in TAGS:
        return [f"tag{step}={tag}" for step, tag in enumerate(told, TAGS[slot])]
    if slot == "times":
        place, company, times = told
        return [f"{place}, company={company}", f"times={times}"]
    if slot == "pairs":
        before, behind = dict.fromkeys(told[:2]), dict.fromkeys(told[2:])
        return [*(f"pair-{one}" for one in before), *(f"pair+{one}" for one in behind)]
    return _of_word(slot, *told)


def _of_word(slot: str, word: str, *more: str) -> list[str]:
    """The features of *word* beside a token, at its head, or at a place of its own."""
    if not word:
        return []
    facts, groups, one = _facts(word), _groups(word), singular(word.lower())
    if slot == "head":
        distance, known = more
        found = [*facts, *groups, f"is {one}", f"ends {one[-4:]}"]
        further = [f"head in {distance}", *(["known head"] if known else [])]
        return [*(f"head {feature}" for feature in found), *further]
    if slot in {"-1", "+1"}:
        found = [*facts, *groups, f"is {one}", f"shape {_shape(word)}"]
        return [f"{slot} {feature}" for feature in found]
    if slot in {"-2", "+2"}:
        return [f"{slot} {feature}" for feature in facts]
    here = [f"word {feature}" for feature in (*_form(word), *facts, *groups)]
    there = [f"{slot} {feature}" for feature in facts]
    inside = [f"in {group}" for group in groups] if slot != "out" else []
    return ["always", f"place={slot}", *here, *there, *inside]


def _in_runs(size: int, runs: Sequence[Sequence["Token"]]) -> tuple[list[str], list[int]]:
    """Where each token stands in its run of adjectives and nouns, and the run's last token."""
    places, heads = ["out"] * size, [-1] * size
    for run in runs:
        first, last = run[0].i, run[-1].i
        for i in range(first, last + 1):
            places[i], heads[i] = "middle", last
        places[first], places[last] = "first", "last"
        if first == last:
            places[first] = "only"
    return places, heads


def _in_known(doc: "Doc", known: Sequence["Mention"]) -> list[str]:
    """For each token whether a known technology starts or goes on there; else empty."""
    found = [""] * len(doc)
    if not known:
        return found
    at = {token.idx: token.i for token in doc}
    for mention in known:
        i = at[mention.start]
        found[i] = "start"
        i += 1
        while i < len(doc) and doc[i].idx < mention.end:
            found[i] = "on"
            i += 1
    return found


def _pairs(plain: Sequence[str], times: Mapping[str, int]) -> list[tuple[str, str]]:
    """What is known of the pair of words before each token, and at last of that behind the last.

    How rare it is, and whether the text has it again or has its words in other company too: a
    name keeps together, and what is only said of it does not.
    """
    together = Counter(pairwise(plain))
    found = [EDGE]
    for pair in pairwise(plain):
        a, b = pair
        count = together[pair]
        if count > 1:
            company = "always" if times[a] == times[b] == count else "often"
        else:
            company = f"once, {times[a] > 1}, {times[b] > 1}"
        found.append((_step(f"{a} {b}"), company))
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
