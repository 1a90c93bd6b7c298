"""The small values a report is made of."""

from dataclasses import dataclass
from typing import Literal

ThemeClass = Literal["weak_signal", "emerging", "established", "hype", "fading", "none"]
AudienceKind = Literal["all", "region", "cluster"]
ChangeKind = Literal[
    "new", "promoted", "demoted", "dropped", "renamed", "split", "merged", "matched", "unmatched"
]
Action = Literal[
    "watch", "ask_members", "edp_agenda", "contact_partner", "check_call", "propose_group", "drop"
]


@dataclass(frozen=True, slots=True)
class Growth:
    """Recent share of the corpus over base share, with its 90 % interval."""

    ratio: float
    low: float
    high: float
    q: float | None  # None: too few documents to test


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a report is for; *code* names its folder."""

    code: str  # all, a NUTS code or a cluster's name
    kind: AudienceKind
    title: str
    note: str = ""  # what the reader must know about the strategy behind it


@dataclass(frozen=True, slots=True)
class Link:
    """A dated document behind a statement."""

    title: str
    url: str
    source: str  # as shown to readers
    published: str  # ISO date
    kind: str


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """Two sectors, or a technology and a sector, that meet more often than chance."""

    first: str
    second: str
    documents: int
    lift: float
    low: float  # lower 90 % bound of the lift
    since: str  # ISO date


@dataclass(frozen=True, slots=True)
class SectorShare:
    """How much of a theme belongs to a sector."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class PriorityTouched:
    """An S3 priority that a theme meets, and why we say so."""

    region: str
    region_name: str
    id: str
    title: str
    sentence: str  # what it covers
    confirmed: bool  # whether an official text with this title was read
    score: float  # 0 to 1
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """An organisation of the audience's own area that takes part in the theme's documents."""

    name: str
    place: str
    documents: int


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation elsewhere, with the document that proves its part."""

    name: str
    country: str
    proof: Link


@dataclass(frozen=True, slots=True)
class PartnerRegion:
    """A region whose organisations share projects with the audience's own area."""

    nuts: str
    name: str
    organisations: int
    projects: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step of the fixed vocabulary, with owner and date."""

    action: Action
    about: str  # partner, call or priority the step is about; empty for none
    owner: str
    by: str  # ISO date


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """A flagged theme that none of the region's priorities covers."""

    theme: str
    label: str
    growth: Growth
    documents: int
    actors: tuple[Actor, ...]


@dataclass(frozen=True, slots=True)
class SilentPriority:
    """A priority that no theme of the window supports."""

    region: str
    region_name: str
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """Whether a source was heard from, and how much of this week comes from it."""

    source: str
    title: str
    heard: bool | None  # None: not crawled, its documents were imported
    documents: int  # available in this week
    reason: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the overview: a region or a priority, and what supports it."""

    label: str
    flagged: int
    themes: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A technology and a sector that meet significantly more often than chance."""

    technology: str
    sector: str
    documents: int
    lift: float
    low: float
    theme: str


@dataclass(frozen=True, slots=True)
class Point:
    """A theme on the emergence map."""

    label: str
    theme_class: ThemeClass
    number: int | None  # of its card
    growth: Growth
    recent: int
    cross_sector: bool


@dataclass(frozen=True, slots=True)
class PastFlag:
    """A theme flagged a year ago and what became of it."""

    theme: str
    label: str
    ratio: float | None  # share of the corpus, these 12 months over the 12 before; None: silent
