"""New technology candidates: what no taxonomy names, rare enough and seen by several to be news."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from nlp.background import Background
from nlp.former import FORMER_WEEKS
from nlp.kinds import KINDS, kind_of
from nlp.words import singular

RARE = 0.6  # of a pair of words: what is commoner is nothing new
RARE_WORD = 0.7  # of a single word
TELLING = 0.55  # of the rarest word in front of a head that names no kind of technology
LEAST_DOCUMENTS = 3
LEAST_GROUPS = 2  # organisations, or first authors where a document names none


@dataclass(frozen=True, slots=True)
class Seen:
    """An unlinked technology in a document."""

    label: str
    document: str
    group: str
    day: str  # ISO, on which the document became available


@dataclass(frozen=True, slots=True)
class Candidate:
    """A new technology candidate and where it was seen."""

    label: str
    documents: int
    groups: int
    first_seen: str
    last_seen: str
    ids: tuple[str, ...]  # of the documents, in order


def new_technologies(
    seen: Iterable[Seen], background: Background, *, until: date
) -> list[Candidate]:
    """The candidates among what was *seen* by the day *until*, the most documents first.

    An abbreviation in capitals tells a reader nothing; its long form is listed. What was named
    years ago is no news, however few have named it since.
    """
    old = (until - timedelta(weeks=FORMER_WEEKS)).isoformat()
    places: dict[str, dict[str, Seen]] = {}
    for one in seen:
        if not is_short(one.label):
            places.setdefault(counted(one.label), {})[one.document] = one
    found = []
    for label, documents in places.items():
        groups = {one.group for one in documents.values()}
        days = sorted(one.day for one in documents.values())
        enough = len(documents) >= LEAST_DOCUMENTS and len(groups) >= LEAST_GROUPS
        if enough and days[0] >= old and is_new(label, background):
            ids = tuple(sorted(documents))
            found.append(Candidate(label, len(ids), len(groups), days[0], days[-1], ids))
    return sorted(found, key=lambda one: (-one.documents, one.label))


def counted(label: str) -> str:
    """A label in small letters, without hyphens and in the singular: its spellings count once."""
    *head, last = label.lower().replace("-", " ").split() or [""]
    return " ".join([*head, singular(last)])


def is_new(label: str, background: Background) -> bool:
    """Whether an unlinked technology is rare enough in the background to be news.

    *label* is in small letters, without hyphens. "wireless network" is no news, nor is
    "mathematical tool": a head that names no kind needs a rare word that says which.
    """
    *front, head = label.split() or [""]
    if not front:
        return background.rarity(head) >= RARE_WORD
    if kind_of(head) not in KINDS and max(map(background.rarity, front)) < TELLING:
        return False
    return (
        max(background.rarity(f"{one} {other}") for one, other in pairwise([*front, head])) >= RARE
    )


def is_short(label: str) -> bool:
    """Whether *label* is an abbreviation in capitals, or the plural of one."""
    return label.isupper() or label.removesuffix("s").isupper()
