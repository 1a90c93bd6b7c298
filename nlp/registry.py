"""Identities that last: which new cluster continues which known theme.

A theme keeps its id as long as a cluster carries on its centroid and its words. What has
no successor is merged into the theme that took most of its documents, or ends; what has
no predecessor is born, or split off the theme that most of its documents came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from nlp.documents import Vectors
from nlp.phrases import stem
from nlp.themes import Found

Event = Literal["born", "split", "merged", "ended"]

SURE = 0.85  # centroids this close are one theme whatever the words
MAJORITY = 0.5  # share of a theme's documents that makes a split or a merger


@dataclass(frozen=True, slots=True)
class Known:
    """A theme of the registry, as it stands before a fit."""

    id: str
    anchor: npt.NDArray[np.float32]  # its first centroid
    centroid: npt.NDArray[np.float32]
    keywords: tuple[str, ...]
    members: frozenset[str] = frozenset()  # documents of the window


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a theme's identity."""

    theme: str
    event: Event
    other: str = ""  # the theme it came from or went into
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """The ids of the clusters of a fit, in their order, and what changed."""

    ids: tuple[str, ...]
    continued: frozenset[str]
    changes: tuple[Change, ...]


def theme_id(number: int) -> str:
    """`t-000123`."""
    return f"t-{number:06d}"


def register(
    found: Sequence[Found],
    members: Sequence[frozenset[str]],
    known: Sequence[Known],
    *,
    next_number: int,
    cosine: float,
) -> Registration:
    """Give every cluster of a fit an id: a known one where it continues a theme.

    *members* are the document ids of each cluster. Pairs are chosen together (Hungarian
    assignment), so that no theme gains by being looked at first.
    """
    pairs = continuations(found, known, cosine)
    numbers = iter(range(next_number, next_number + len(found)))
    ids = [
        known[pairs[row]].id if row in pairs else theme_id(next(numbers))
        for row in range(len(found))
    ]
    changes = [
        _origin(ids[row], members[row], known) for row in range(len(found)) if row not in pairs
    ]
    carried = {known[column].id for column in pairs.values()}
    for theme in known:
        if theme.id not in carried:
            changes.append(_fate(theme, ids, members))
    return Registration(tuple(ids), frozenset(carried), tuple(changes))


def continuations(found: Sequence[Found], known: Sequence[Known], cosine: float) -> dict[int, int]:
    """Positions in *found* -> positions in *known* that they continue."""
    from scipy.optimize import linear_sum_assignment

    if not found or not known:
        return {}
    centroids: Vectors = np.stack([theme.centroid for theme in found])
    now = centroids @ np.stack([theme.centroid for theme in known]).T
    first = centroids @ np.stack([theme.anchor for theme in known]).T
    # Mostly where the theme is now, a little where it began: slow drift is followed, not lost.
    likeness = np.round(0.8 * now + 0.2 * first, 6)
    words = [_stems(theme.keywords) for theme in found]
    known_words = [_stems(theme.keywords) for theme in known]
    shared = np.array([[bool(a & b) for b in known_words] for a in words])
    allowed = (likeness >= cosine) & (shared | (likeness >= SURE))
    rows, columns = linear_sum_assignment(np.where(allowed, likeness, 0.0), maximize=True)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if allowed[row, column]
    }


def _stems(keywords: Sequence[str]) -> frozenset[str]:
    return frozenset(stem(word) for keyword in keywords for word in keyword.split())


def _origin(theme: str, members: frozenset[str], known: Sequence[Known]) -> Change:
    """Whether a new theme was split off a known one."""
    counts = {old.id: len(members & old.members) for old in known}
    source = max(sorted(counts), key=lambda old: counts[old], default="")
    if source and counts[source] >= MAJORITY * len(members):
        return Change(theme, "split", source, f"{counts[source]} of {len(members)} documents")
    return Change(theme, "born", "", f"{len(members)} documents")


def _fate(theme: Known, ids: Sequence[str], members: Sequence[frozenset[str]]) -> Change:
    """Where the documents of a theme without successor went."""
    counts = {new: len(theme.members & group) for new, group in zip(ids, members, strict=True)}
    heir = max(sorted(counts), key=lambda new: counts[new], default="")
    if heir and theme.members and counts[heir] >= MAJORITY * len(theme.members):
        return Change(theme.id, "merged", heir, f"{counts[heir]} of {len(theme.members)} documents")
    left = "1 document" if len(theme.members) == 1 else f"{len(theme.members)} documents"
    return Change(theme.id, "ended", "", f"{left} went elsewhere")
