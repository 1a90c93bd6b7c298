"""What a weekly report contains: plain values, complete before anything is rendered.

Every text in it may come from the web and is hostile until a renderer escaped it.
"""

from dataclasses import dataclass, field
from typing import Literal

FORMAT = 1  # of report.json; raised when a key changes its meaning or goes away

ThemeClass = Literal["weak_signal", "emerging", "established", "hype", "fading", "none"]
AudienceKind = Literal["all", "region", "cluster"]
ChangeKind = Literal["new", "promoted", "demoted", "dropped", "renamed", "split", "merged"]
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
class NextStep:
    """One step of the fixed vocabulary, with owner and date."""

    action: Action
    about: str  # partner, call or priority the step is about; empty for none
    owner: str
    by: str  # ISO date


@dataclass(frozen=True, slots=True)
class ThemeCard:
    """One theme as a reader meets it."""

    theme: str
    label: str
    keywords: tuple[str, ...]
    theme_class: ThemeClass
    confidence: Literal["high", "medium", "low"]
    score: float  # of the order, never shown without the growth's interval
    growth: Growth
    documents: int
    recent: int
    organisations: int | None  # None: the sources name none, so it cannot be judged
    countries: int | None
    first_seen: str
    since: str | None
    cross_sector: bool
    sectors: tuple[SectorShare, ...]
    pairs: tuple[PairEvidence, ...]
    diversity: float | None
    diversity_low: float | None
    why: str
    links: tuple[Link, ...]
    priorities: tuple[PriorityTouched, ...]
    actors: tuple[Actor, ...]
    partners: tuple[Partner, ...]
    next_step: NextStep
    sparkline: tuple[int, ...]  # documents per four weeks, oldest first
    watched_terms: tuple[str, ...] = ()  # the cluster's own watch words it contains
    verdict: str = ""  # what a reader said of it: known, adopted


@dataclass(frozen=True, slots=True)
class WatchLine:
    """A theme shown without advice: not proven yet, or to be handled with care."""

    theme: str
    label: str
    theme_class: ThemeClass
    growth: Growth
    recent: int
    documents: int
    new: bool  # not in this class a week ago


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a theme since the issue before."""

    kind: ChangeKind
    theme: str
    label: str
    before: ThemeClass | None
    after: ThemeClass | None
    why: str


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


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How the flags of a year ago turned out; empty when nothing was flagged then."""

    week: str
    grew_ratio: float  # what counts as grown
    flags: tuple[PastFlag, ...] = ()
    backtest: str = ""  # relative address of the back-test page, empty when there is none

    @property
    def grew(self) -> int:
        """Flags whose share of the corpus grew by at least `grew_ratio`."""
        return sum(flag.ratio is not None and flag.ratio >= self.grew_ratio for flag in self.flags)


@dataclass(frozen=True, slots=True)
class MethodBox:
    """What a reader must know to judge the rest."""

    q: float
    min_ratio: float
    min_ratio_low: float
    min_documents: int
    model: str
    streams: tuple[str, ...]
    kinds: dict[str, int]  # documents of the week by kind
    not_analysed: dict[str, int]  # documents of the week by language the model does not know
    not_judged: tuple[str, ...]  # gates that could not be judged for some theme shown


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """Everything that page, mail, sheet, feed and print have in common."""

    week: str
    first_day: str
    last_day: str
    audience: Audience
    previous: str | None  # the week changes are counted from; None: first issue
    documents: int  # independent, available in this week
    archive: int  # independent, up to the end of the week
    themes: int
    flagged: int
    cards: tuple[ThemeCard, ...] = ()
    watch: tuple[WatchLine, ...] = ()
    caution: tuple[WatchLine, ...] = ()
    changes: tuple[Change, ...] = ()
    blind_spots: tuple[BlindSpot, ...] = ()
    silent_priorities: tuple[SilentPriority, ...] = ()
    priorities: int = 0  # how many there are in all
    sources: tuple[SourceHealth, ...] = ()
    bars: tuple[Bar, ...] = ()
    cells: tuple[Cell, ...] = ()
    points: tuple[Point, ...] = ()
    method: MethodBox = field(
        default_factory=lambda: MethodBox(0.1, 1.5, 1.25, 7, "", (), {}, {}, ())
    )
    track_record: TrackRecord = field(default_factory=lambda: TrackRecord("", 1.08))

    @property
    def silent_sources(self) -> tuple[SourceHealth, ...]:
        """Sources that should have spoken and were not heard from."""
        return tuple(source for source in self.sources if source.heard is False)


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One line of the sheet of all themes."""

    theme: str
    label: str
    keywords: tuple[str, ...]
    theme_class: ThemeClass
    flagged: bool
    score: float
    growth: Growth
    documents: int
    recent: int
    organisations: int
    countries: int
    first_seen: str
    cross_sector: bool
    cross_score: float
    sectors: dict[str, float]
    confidence: str
    why: str
    match: float | None = None  # best fit to a priority of the audience
    priority: str = ""
