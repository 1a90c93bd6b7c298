"""Whether an open term names a technology, judged by its head noun and by what stands around it.

"project", "approach" or "decision makers" never pass: they are trimmed as candidates, and
what is left must end in the name of something engineered, or be put to use in its sentence.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nlp.background import Background
from nlp.candidates import Candidate
from nlp.words import singular, words

if TYPE_CHECKING:
    from spacy.tokens import Doc

LEAST = 0.5  # score from which a term counts as a technology


def technology_score(
    one: Candidate, doc: "Doc", index: dict[int, int], background: Background
) -> float:
    """How much *one* looks like a technology, 0 to 1; *index* maps offsets to tokens of *doc*."""
    head = one.words[-1]
    if len(one.words) == 1 and background.rarity(head) < 0.25:
        return 0.0  # "sensor", "network": too common a word to be news
    score = 0.0
    if head in words("technology_heads"):
        score = 0.55
    elif head in words("technology_heads_with_modifier") and len(one.words) > 1:
        score = 0.4
    if score and len(one.words) > 1 and telling(one.words[:-1], background):
        score += 0.15
    if in_use(one.places, doc, index):
        score += 0.15
    return min(score, 1.0)


def telling(modifiers: Sequence[str], background: Background) -> bool:
    """Whether a modifier says which: none of the generic ones, and not a common word."""
    generic = words("generic_modifiers")
    return any(
        word not in generic and background.rarity(singular(word)) >= 0.25 for word in modifiers
    )


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
        if any(token.lemma_.lower() in words("use_words") for token in before[-3:]):
            return True
    return False
