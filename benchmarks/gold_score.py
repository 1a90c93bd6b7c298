"""Scores of spans and of codes against a gold set: pure counting, no data needed."""

import random
from collections.abc import Sequence

Span = tuple[int, int]
Spans = Sequence[Span]
Codes = frozenset[str]
ROUNDS = 2000  # of the bootstrap


def matched(found: Spans, right: Spans, *, partial: bool) -> int:
    """How many of *found* meet one of *right*, each used once.

    Exact means the same start and end, partial at least one character in common. Spans of one
    side do not overlap each other, so going from left to right finds the most pairs.
    """
    if not partial:
        return len(set(found) & set(right))
    mine, gold = sorted(set(found)), sorted(set(right))
    pairs = i = j = 0
    while i < len(mine) and j < len(gold):
        if mine[i][0] < gold[j][1] and gold[j][0] < mine[i][1]:
            pairs, i, j = pairs + 1, i + 1, j + 1
        elif mine[i][1] <= gold[j][0]:
            i += 1
        else:
            j += 1
    return pairs


def f1(hits: int, found: int, right: int) -> float:
    """Harmonic mean of precision and recall; 1 when there was nothing to find and nothing found."""
    return 2 * hits / (found + right) if found + right else 1.0


def span_f1(found: Sequence[Spans], right: Sequence[Spans], *, partial: bool) -> float:
    """Micro-F1 over texts."""
    return f1(*map(sum, zip(*_counts(found, right, partial=partial), strict=True)))


def span_parts(
    found: Sequence[Spans], right: Sequence[Spans], *, partial: bool
) -> tuple[float, float]:
    """Precision and recall; 1 where there was nothing to divide by."""
    hits, mine, gold = map(sum, zip(*_counts(found, right, partial=partial), strict=True))
    return hits / mine if mine else 1.0, hits / gold if gold else 1.0


def span_interval(
    found: Sequence[Spans], right: Sequence[Spans], *, partial: bool
) -> tuple[float, float]:
    """The middle 95 % of F1 when the texts are drawn anew with replacement, seeded."""
    counts = _counts(found, right, partial=partial)
    draw = random.Random(0)
    scores = sorted(
        f1(*map(sum, zip(*draw.choices(counts, k=len(counts)), strict=True))) for _ in range(ROUNDS)
    )
    return scores[round(0.025 * ROUNDS)], scores[round(0.975 * ROUNDS) - 1]


def _counts(
    found: Sequence[Spans], right: Sequence[Spans], *, partial: bool
) -> list[tuple[int, int, int]]:
    return [
        (matched(mine, gold, partial=partial), len(set(mine)), len(set(gold)))
        for mine, gold in zip(found, right, strict=True)
    ]


def code_f1(found: Sequence[Codes], right: Sequence[Codes]) -> dict[str, float]:
    """F1 of every code that the gold has at least once."""
    return {
        code: f1(
            sum(code in a and code in b for a, b in zip(found, right, strict=True)),
            sum(code in a for a in found),
            sum(code in b for b in right),
        )
        for code in sorted(frozenset().union(*right))
    }


def macro_f1(found: Sequence[Codes], right: Sequence[Codes]) -> float:
    """Mean F1 of the codes that the gold has; 1 when it has none."""
    scores = code_f1(found, right).values()
    return sum(scores) / len(scores) if scores else 1.0


def micro_f1(found: Sequence[Codes], right: Sequence[Codes]) -> float:
    """F1 over all pairs of text and code, so that a code the gold never has costs too."""
    hits = sum(len(a & b) for a, b in zip(found, right, strict=True))
    return f1(hits, sum(map(len, found)), sum(map(len, right)))


def kappa(first: Sequence[Codes], second: Sequence[Codes], codes: Sequence[str]) -> float:
    """Cohen's kappa (1960) of two readers' yes or no for each text and code; 1 is full agreement.

    (observed agreement - agreement by chance) / (1 - agreement by chance).
    """
    pairs = [(code in a, code in b) for a, b in zip(first, second, strict=True) for code in codes]
    if not pairs:
        raise ValueError("kappa: nothing to compare")
    observed = sum(a == b for a, b in pairs) / len(pairs)
    yes_first = sum(a for a, _ in pairs) / len(pairs)
    yes_second = sum(b for _, b in pairs) / len(pairs)
    chance = yes_first * yes_second + (1 - yes_first) * (1 - yes_second)
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)
