"""The values that stages exchange: plain, frozen, without a database."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float32]  # of one text, of length 1
"""One row per text, unit length."""

ThemeClass = Literal["weak_signal", "emerging", "established", "hype", "fading", "none"]
Gate = Literal["passed", "failed", "not judged"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """Somebody who takes part in a document."""

    name: str
    country: str = ""  # ISO 3166-1 alpha-2, empty when unknown
    nuts: str = ""  # as the source gave it, mapped to NUTS 2024
    role: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A text ready for analysis."""

    id: str
    source: str
    kind: str
    title: str
    text: str
    published: date
    available: date
    language: str = ""
    url: str = ""
    organisations: tuple[Organisation, ...] = ()
    author_keys: tuple[str, ...] = ()  # one-way keys that tell groups of authors apart
    duplicate_of: str = ""  # id of the document that stands for the same evidence

    @property
    def full(self) -> str:
        """The text that is analysed and embedded."""
        return f"{self.title}\n{self.text}".strip()


@dataclass(frozen=True, slots=True)
class Mention:
    """A technology, organisation, place or open term, with offsets into `Document.full`."""

    start: int
    end: int
    kind: Literal["technology", "organisation", "place", "term"]
    label: str  # as it stands in the text
    concept: str = ""  # taxonomy id, NUTS code, or empty for a new term
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class SectorWeight:
    """How much a document belongs to a sector, and the words that say so."""

    scheme: str  # ecosystem, nace, emerging_industry, challenge, value_chain
    code: str
    weight: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Growth:
    """Recent share of the corpus over base share, with its 90 % interval."""

    ratio: float
    low: float
    high: float
    q: float | None  # None: too few documents to test


@dataclass(frozen=True, slots=True)
class SectorPair:
    """Two sectors, or a technology and a sector, that meet more often than chance."""

    first: str
    second: str
    documents: int
    lift: float
    low: float  # lower 90 % bound of the lift
    q: float
    since: str  # ISO date of the first document that carries both


@dataclass(frozen=True, slots=True)
class CrossSector:
    """Whether a theme joins sectors, and how we know."""

    flagged: bool = False
    score: float = 0.0
    sectors: dict[str, float] = field(default_factory=dict)  # ecosystem code -> share
    diversity: float | None = None  # effective number of dissimilar sectors
    diversity_low: float | None = None  # its lower 90 % bound
    integration: float | None = None  # documents that join the sectors themselves, above chance
    pairs: tuple[SectorPair, ...] = ()
    gates: dict[str, Gate] = field(default_factory=dict)
    note: str = ""  # why there is no number, such as too few documents


@dataclass(frozen=True, slots=True)
class Signal:
    """What one week says about one theme."""

    theme: str
    week: str
    theme_class: ThemeClass
    flagged: bool
    score: float  # 0 to 100
    growth: Growth
    documents: int  # independent documents in the window
    recent: int
    organisations: int
    countries: int
    first_seen: str  # ISO week
    since: str | None  # ISO week in which the growth began, as estimated
    confidence: Literal["high", "medium", "low"]
    why: str  # one sentence from the signal's own numbers
    gates: dict[str, Gate] = field(default_factory=dict)
    streams: dict[str, dict[str, float]] = field(default_factory=dict)  # recent, base, p, ratio
    sparkline: tuple[int, ...] = ()  # counts per four weeks, oldest first
    doubts: tuple[str, ...] = ()  # what keeps its confidence from being high


@dataclass(frozen=True, slots=True)
class Match:
    """A theme's claim on one S3 priority, with its reasons."""

    theme: str
    region: str
    priority: str
    score: float  # 0 to 1
    text: float  # parts of the score
    codes: float
    words: float
    reasons: tuple[str, ...] = ()
