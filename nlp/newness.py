"""Whether an open term names a technology, judged by its head noun and by what stands around it.

"project", "approach" or "decision makers" never pass: they are trimmed as candidates, and
what is left must end in the name of something engineered, or be put to use in its sentence.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from nlp.background import Background
from nlp.candidates import Candidate
from nlp.words import plural, singular, words

if TYPE_CHECKING:
    from spacy.tokens import Doc

LEAST = 0.5  # score from which a term counts as a technology
EVERYDAY = 0.45  # rarity below which a single word names no technology: "hardware", "chip"
RARE = 0.6  # of a single word, or of a pair of words: what is commoner is nothing new


def technology_score(
    one: Candidate, doc: "Doc", index: dict[int, int], background: Background
) -> float:
    """How much *one* looks like a technology, 0 to 1; *index* maps offsets to tokens of *doc*.

    A head that only engineers make counts more than one that also stands for methods; a
    modifier has to say which.
    """
    head = one.words[-1]
    alone = len(one.words) == 1
    if head in words("technology_heads"):
        score = 0.55
    elif head in words("technology_heads_with_modifier") and names_kind(one, background):
        score = 0.4
    else:
        return 0.0
    if background.rarity(head) < EVERYDAY if alone else not telling(one.words, background):
        return 0.0
    if not alone:
        score += 0.1
    return min(score + 0.15 * in_use(one.places, doc, index), 1.0)


def names_kind(one: Candidate, background: Background) -> bool:
    """Whether the word before the head makes a kind of it: a noun, or a rare adjective."""
    return one.nominal or (len(one.words) > 1 and background.rarity(one.words[-2]) >= 0.5)


def is_new(label: str, background: Background) -> bool:
    """Whether an unlinked technology is rare enough in the background to be news.

    *label* is in small letters, without hyphens; "wireless network" is no news.
    """
    return rarest_part(label.split(), background) >= RARE


def rarest_part(parts: Sequence[str], background: Background) -> float:
    """Rarity of a single word, else of the rarest pair of neighbouring words."""
    if len(parts) == 1:
        return background.rarity(parts[0])
    return max(background.rarity(f"{one} {other}") for one, other in pairwise(parts))


def telling(parts: Sequence[str], background: Background) -> bool:
    """Whether a word before the head says which: no generic one, and not an everyday word."""
    empty = words("generic_modifiers") | words("empty_modifiers")
    return any(
        word not in empty and background.rarity(singular(word)) >= 0.35 for word in parts[:-1]
    )


@cache
def use_forms() -> frozenset[str]:
    """The verbs of use in all their forms: a lemmatiser would cost more than it gives here."""
    found: set[str] = set()
    for verb in words("use_words"):
        stem = verb[:-1] if verb.endswith("e") else verb
        past = f"{verb[:-1]}ied" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{stem}ed"
        found |= {verb, plural(verb), past, f"{stem}ing"}
    return frozenset(found | {"built"})


def in_use(places: Sequence[tuple[int, int]], doc: "Doc", index: dict[int, int]) -> bool:
    """Whether one of *places* follows a word of use ("based on", "we developed a")."""
    for start, _ in places[:5]:
        at = index.get(start)
        if at is None:
            continue
        before = [token for token in doc[max(0, at - 4) : at] if not token.is_punct]
        near = {token.lower_ for token in before[-2:]}
        if near & words("use_prepositions") or (len(before) >= 2 and before[-2].lower_ == "based"):
            return True
        if any(token.lower_ in use_forms() for token in before[-3:]):
            return True
    return False
