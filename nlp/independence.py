"""How many independent parties stand behind a group of documents."""

from collections import Counter
from collections.abc import Sequence

import numpy as np


def groups_of(authors: Sequence[tuple[str, ...]]) -> int:
    """Groups of authors without a common member: connected components over shared keys."""
    leader: dict[str, str] = {}

    def find(key: str) -> str:
        while leader.setdefault(key, key) != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for keys in authors:
        for key in keys[1:]:
            leader[find(key)] = find(keys[0])
    return len({find(keys[0]) for keys in authors})


def effective_number(names: Sequence[str]) -> float:
    """Inverse Simpson index of how often each of *names* occurs; 1 for none."""
    counts = np.array(list(Counter(names).values()), dtype=float)
    return float(counts.sum() ** 2 / (counts**2).sum()) if len(counts) else 1.0
