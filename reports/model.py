"""What a weekly report contains: plain values, complete before anything is rendered.

Every text in it may come from the web and is hostile until a renderer escaped it.
"""

from dataclasses import dataclass, field
from typing import Literal

from reports.parts import (
    Action as Action,
)
from reports.parts import (
    Actor as Actor,
)
from reports.parts import (
    Audience as Audience,
)
from reports.parts import (
    AudienceKind as AudienceKind,
)
from reports.parts import (
    Bar as Bar,
)
from reports.parts import (
    BlindSpot as BlindSpot,
)
from reports.parts import (
    Cell as Cell,
)
from reports.parts import (
    ChangeKind as ChangeKind,
)
from reports.parts import (
    Growth as Growth,
)
from reports.parts import (
    Link as Link,
)
from reports.parts import (
    NextStep as NextStep,
)
from reports.parts import (
    PairEvidence as PairEvidence,
)
from reports.parts import (
    Partner as Partner,
)
from reports.parts import (
    PartnerRegion as PartnerRegion,
)
from reports.parts import (
    PastFlag as PastFlag,
)
from reports.parts import (
    Point as Point,
)
from reports.parts import (
    PriorityTouched as PriorityTouched,
)
from reports.parts import (
    SectorShare as SectorShare,
)
from reports.parts import (
    SilentPriority as SilentPriority,
)
from reports.parts import (
    SourceHealth as SourceHealth,
)
from reports.parts import (
    ThemeClass as ThemeClass,
)

FORMAT = 1  # of report.json; raised when a key changes its meaning or goes away


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
    value_chain: tuple[str, ...] = ()  # steps that a fifth of its documents speak of, or more
    challenges: tuple[str, ...] = ()  # societal ones, likewise
    watched_terms: tuple[str, ...] = ()  # the cluster's own watch words it contains
    partner_regions: tuple[PartnerRegion, ...] = ()  # most organisations first
    doubts: tuple[str, ...] = ()  # what keeps the confidence from being high
    regions: tuple[str, ...] = ()  # names of all whose priorities it meets, best first
    local: int = 0  # organisations of the reader's area in it, of which `actors` are the first
    part_of: str = ""  # label of the larger theme whose neighbourhood it lies in
    verdict: str = ""  # what a reader said of it: known, adopted
    verdict_note: str = ""  # and in their words


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
    why: str = ""  # told of what is to be handled with care


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
    not_judged: tuple[str, ...]  # gates that could not be judged for some theme with a class
    not_judged_for: tuple[str, ...] = ()  # labels of those themes
    window_weeks: int = 104  # over which themes, sectors and their meetings are counted
    enter_weeks: int = 2  # of the last three, this one among them, that a flag takes
    other_cuts: bool = False  # whether other cuts of the documents must agree
    field: bool = True  # whether there are themes enough to read each with those around it


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
    organisations: int | None  # None: the sources name none, so it cannot be judged
    countries: int | None
    first_seen: str
    since: str | None
    cross_sector: bool
    cross_score: float
    sectors: dict[str, float]
    confidence: str
    why: str
    missing: tuple[str, ...] = ()  # what its failed gates ask for
    not_judged: tuple[str, ...] = ()  # gates
    part_of: str = ""  # label of the larger theme whose neighbourhood it lies in
    match: float | None = None  # best score with a priority of the audience
    priority: str = ""
