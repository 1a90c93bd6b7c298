"""How well priorities are matched, on the themes labelled by hand: `python -m benchmarks.matching`.

Prints AUC and F1 of the whole and of its parts, and the logistic curve that fits the
judgements: the constants CENTRE and SLOPE of `nlp/matching.py`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from config.loader import load_configuration
from config.models import EmbeddingSettings
from nlp.documents import Match
from nlp.embed import Embedder, load_embedder
from nlp.matching import MATCH, WEIGHTS, ThemeProfile, match_priorities

GOLD = Path(__file__).parent.parent / "tests" / "gold" / "matching.jsonl"


def gold() -> list[dict[str, Any]]:
    """Themes with the priorities that a person found relevant (`yes`) and not (`no`)."""
    return [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]


def profiles(rows: Sequence[dict[str, Any]], embedder: Embedder) -> list[ThemeProfile]:
    """The labelled themes as the stage would hand them in."""
    vectors = embedder.encode([row["text"] for row in rows])
    return [
        ThemeProfile(
            id=row["label"],
            label=row["label"],
            keywords=tuple(row["keywords"]),
            centroid=vector,
            codes={
                "ecosystem": _largest_is_one(row["ecosystems"]),
                "technology": dict.fromkeys(row["technologies"], 1.0),
            },
        )
        for row, vector in zip(rows, vectors, strict=True)
    ]


def judged(rows: Sequence[dict[str, Any]], matches: Sequence[Match]) -> list[tuple[Match, bool]]:
    """Each judged pair with its verdict."""
    by_pair = {(match.theme, match.priority): match for match in matches}
    return [
        (by_pair[row["label"], priority], verdict == "yes")
        for row in rows
        for verdict in ("yes", "no")
        for priority in row[verdict]
    ]


def f1(found: Sequence[bool], wanted: Sequence[bool]) -> float:
    """Harmonic mean of precision and recall; 0 when nothing was right."""
    both = sum(a and b for a, b in zip(found, wanted, strict=True))
    return 2 * both / max(1, sum(found) + sum(wanted))


def _largest_is_one(weights: dict[str, float]) -> dict[str, float]:
    return {code: weight / max(weights.values()) for code, weight in weights.items()}


def main() -> None:
    """Print the figures."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    embedder = load_embedder(EmbeddingSettings())
    rows = gold()
    regions = load_configuration().regions.values()
    pairs = judged(rows, match_priorities(profiles(rows, embedder), regions, embedder, display=0))
    wanted = [verdict for _, verdict in pairs]
    parts = np.array([[match.text, match.codes, match.words] for match, _ in pairs])
    raw = parts @ np.array(WEIGHTS)
    print(f"{len(rows)} themes, {len(pairs)} judgements, {sum(wanted)} of them relevant")
    for name, column in zip(("text", "codes", "words"), parts.T, strict=True):
        print(f"AUC {name:6} {roc_auc_score(wanted, column):.3f}")
    print(f"AUC all    {roc_auc_score(wanted, raw):.3f}")
    found = [match.score >= MATCH for match, _ in pairs]
    hits = sum(a and b for a, b in zip(found, wanted, strict=True))
    print(f"precision {hits / sum(found):.3f} recall {hits / sum(wanted):.3f} ", end="")
    print(f"F1 {f1(found, wanted):.3f} at a score of {MATCH}")
    curve = LogisticRegression(C=100).fit(raw[:, None], wanted)
    centre = -float(curve.intercept_[0] / curve.coef_[0, 0])
    print(f"fitted curve: CENTRE {centre:.3f}, SLOPE {curve.coef_[0, 0]:.1f}")


if __name__ == "__main__":
    main()
