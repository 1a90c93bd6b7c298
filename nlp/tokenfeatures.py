"""What a word and its neighbours say about whether a technology is named there.

A token is described by keys: plain features, or a slot with the word that stands in it. The
same slot and word always stand for the same features (`expanded`), so that whoever weighs
them can keep the sum. Learnt by `benchmarks/train_technologies.py`, read by `nlp.labeller`.
"""

import gzip
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from nlp.background import background
from nlp.kinds import kind_of
from nlp.words import singular, words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    from nlp.documents import Mention

Key = str | tuple[str, str]  # a feature, or a slot and its word

STEPS = 8  # in which rarity from 0 to 1 is read
MANY = 4  # different known technologies in a text; more say no more
LONGEST = 40  # letters of a word; a longer one is cut
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
    texts = [BREAK if token.is_space else token.text[:LONGEST] for token in doc]
    tags = [token.tag_ for token in doc]
    plain = [singular(text.lower()) for text in texts]
    times = Counter(plain)
    pairs = _pairs(plain, times)
    places, heads = _in_runs(len(texts), runs)
    known = _in_known(doc, around.known)
    company = min(MANY, len({mention.concept for mention in around.known}))
    starts = {start for start, _ in around.explained.values()}
    ends = {end for _, end in around.explained.values()}
    edge = ["", ""]
    words_around, tags_around = [*edge, *texts, *edge], [*edge, *tags, *edge]
    described: list[list[Key]] = []
    for i, token in enumerate(doc):
        text, place, head = texts[i], places[i], heads[i]
        keys: list[Key] = ["always", ("word", text), (place, text), f"place={place}"]
        for step in (-2, -1, 0, 1, 2):
            keys.append(f"tag{step}={tags_around[i + 2 + step]}")
            if step and words_around[i + 2 + step]:
                keys.append((f"{step:+d}", words_around[i + 2 + step]))
        if place != "out":
            if head > i:
                keys += [("head", texts[head]), f"head in {min(3, head - i)}"]
                keys += ["known head"] if known[head] else []
            keys += [f"{place}, company={company}", f"times={min(3, times[plain[i]])}"]
            keys += [f"pair-{fact}" for fact in pairs[i]]
            keys += [f"pair+{fact}" for fact in pairs[i + 1]]
        for step in (-1, 0, 1):
            if 0 <= i + step < len(known) and known[i + step]:
                keys.append(f"known{step}={known[i + step]}")
        end = token.idx + len(token)
        if end in ends:
            keys.append("explained ends")
        if token.idx in starts:
            keys.append("explained starts")
        if text in around.explained or text.removesuffix("s") in around.explained:
            keys.append("short form")
        if token.idx < around.title_end:
            keys.append(f"title, {'out' if place == 'out' else 'in'}")
        described.append(keys)
    return described


def expanded(key: Key) -> list[str]:
    """The features that *key* stands for."""
    if isinstance(key, str):
        return [key]
    slot, word = key
    one = singular(word.lower())
    if slot == "word":
        found = [*_form(word), *_facts(word), *_groups(word)]
    elif slot == "head":
        found = [*_facts(word), *_groups(word), f"is {one}", f"ends {one[-4:]}"]
    elif slot in {"-1", "+1"}:
        found = [*_facts(word), *_groups(word), f"is {one}", f"shape {_shape(word)}"]
    elif slot in {"-2", "+2", "out"}:
        found = _facts(word)
    else:
        return [f"{slot} {fact}" for fact in _facts(word)] + [f"in {one}" for one in _groups(word)]
    return [f"{slot} {one}" for one in found]


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


def _pairs(plain: Sequence[str], times: Mapping[str, int]) -> list[tuple[str, ...]]:
    """What is known of the pair of words before each token, and at last of that behind the last.

    How rare it is, and whether the text has it again or has its words in other company too: a
    name keeps together, and what is only said of it does not.
    """
    together = Counter(pairwise(plain))
    found: list[tuple[str, ...]] = [("edge",)]
    for a, b in pairwise(plain):
        count = together[a, b]
        if count > 1:
            company = "always" if times[a] == times[b] == count else "often"
        else:
            company = f"once, {times[a] > 1}, {times[b] > 1}"
        found.append((f"{_step(f'{a} {b}')}", company))
    return [*found, ("edge",)]


def _step(word: str) -> int:
    return int(background().rarity(word) * STEPS)


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
    packed = (files("nlp") / "data" / "word_groups.tsv.gz").read_bytes()
    rows = (line.split("\t") for line in gzip.decompress(packed).decode("utf-8").splitlines())
    return {
        word: (f"wide {wide}", f"middle {middle}", f"narrow {narrow}")
        for word, wide, middle, narrow in rows
    }
