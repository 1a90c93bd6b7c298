"""The back-test as a page: what would have been flagged then, and what became of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from markupsafe import Markup

from reports import wording as say
from reports.parts import Growth
from reports.templating import environment, template_text

SHOWN_REASON = 300  # characters


@dataclass(frozen=True, slots=True)
class Result:
    """How a set of flags turned out after so many months, at one cut-off or at all of them."""

    months: int  # the horizon
    seen: tuple[int, int]  # months that had passed, at least and at most; the archive may end early
    cutoffs: int
    themes: int
    flags: int
    hits: int  # flags that grew
    grown: int  # themes that grew, flagged or not
    base: float  # share of all themes that grew
    best: float | None  # share that grew among the 20 ranked first; None: no ranking
    interval: tuple[float, float] | None = None  # 90 %, of the precision

    @property
    def passed(self) -> str:
        """The months that had passed, for a sentence: `36`, or `30 to 36`."""
        least, most = self.seen
        return str(most) if least == most else f"{least} to {most}"

    @property
    def precision(self) -> float | None:
        """Share of the flags that grew; None without flags."""
        return self.hits / self.flags if self.flags else None

    @property
    def threat(self) -> float | None:
        """Threat score: flags that grew over all that were flagged or grew; None without any."""
        either = self.flags + self.grown - self.hits
        return self.hits / either if either else None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one theme."""

    months: int
    seen: int  # months that had passed
    grew: bool
    ratio: float  # share of the corpus in the judged year over that of the year before the flag
    documents: int  # in the judged year


@dataclass(frozen=True, slots=True)
class FlaggedTheme:
    """A theme that would have been flagged, as it stood at its cut-off."""

    label: str
    growth: Growth
    why: str
    fates: tuple[Fate, ...] = ()


@dataclass(frozen=True, slots=True)
class Cutoff:
    """One week as it would have been judged then."""

    week: str
    documents: int
    themes: int
    results: tuple[Result, ...] = ()
    flagged: tuple[FlaggedTheme, ...] = ()


@dataclass(frozen=True, slots=True)
class Rival:
    """A published detector over the same themes and cut-offs."""

    name: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Chance:
    """What was flagged in corpora whose four-week blocks were dealt out anew."""

    corpora: int
    themes: int  # of all of them
    flags: int
    corpora_with_flags: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """Everything the page says."""

    first: str
    last: str
    yearly: float  # growth of the share per year that counts as success
    followers: int  # documents in the judged year that success needs
    q: float  # false discovery rate of the flags
    cutoffs: tuple[Cutoff, ...]
    chance: Chance
    pooled: tuple[Result, ...] = ()
    rivals: tuple[Rival, ...] = ()


def record(test: Backtest) -> dict[str, Any]:
    """The same as plain values, for `backtest.json`."""
    return asdict(test)


def render_backtest(test: Backtest) -> str:
    """One HTML page that needs nothing from outside; labels are hostile and escaped."""
    return (
        environment()
        .get_template("backtest.html.j2")
        .render(
            style=Markup(template_text("style.css")),
            headline=headline(test),
            lead=lead(test),
            first=test.first,
            last=test.last,
            criterion=criterion(test),
            pooled=[_line(one) for one in test.pooled],
            chance=chance(test.chance),
            cutoffs=[_cutoff(one) for one in test.cutoffs],
            rivals=_rivals(test),
            rival_months=test.pooled[-1].passed if test.pooled else "",
            limits=limits(test),
        )
    )


# --- in words ----------------------------------------------------------------


def headline(test: Backtest) -> str:
    """The one line a reader remembers, from the longest horizon that has flags."""
    judged = [one for one in test.pooled if one.flags]
    if judged:
        one = judged[-1]
        flags = say.count(one.flags, "theme", "themes")
        return f"Of {flags} flagged {one.passed} months before, {one.hits} had grown"
    if any(cutoff.flagged for cutoff in test.cutoffs):
        return "Too early to say how the flags turned out"
    return "Nothing would have been flagged"


def lead(test: Backtest) -> str:
    """What was asked, and the answer beside what chance would have given."""
    asked = (
        f"At {say.count(len(test.cutoffs), 'quarterly cut-off', 'quarterly cut-offs')} the themes "
        "were found and judged anew, from nothing but the documents available by then; "
        "what came later was counted for the themes as they stood."
    )
    judged = [one for one in test.pooled if one.flags]
    if not judged:
        return asked
    one = judged[-1]
    answer = (
        f"After {one.passed} months {share(one.precision)} of the flags had grown, "
        f"against {share(one.base)} of all themes{spread(one)}."
    )
    return f"{asked} {answer}"


def criterion(test: Backtest) -> str:
    """What counts as grown."""
    return (
        f"A theme has grown when its share of the corpus, in the last twelve months before the "
        f"horizon, is up by {say.percent(test.yearly - 1)} a year or more against the twelve "
        f"months before the cut-off, and {test.followers} or more documents of that year lie "
        "nearest to it."
        f"{_EARLY if any(one.seen[0] < one.months for one in test.pooled) else ''}"
    )


_EARLY = (
    " Where the archive ends before the horizon its last twelve months are looked at, against the "
    "growth of the full time."
)


def chance(found: Chance) -> str:
    """How often something is flagged where nothing emerges."""
    if not found.themes:
        return "There were no themes to judge with their dates dealt out anew."
    return (
        f"With their four-week blocks dealt out anew, so that nothing emerges, "
        f"{100 * found.flags / found.themes:.2f} % of the themes are flagged; "
        f"{found.corpora_with_flags} of {say.count(found.corpora, 'such corpus', 'such corpora')} "
        f"{'has' if found.corpora_with_flags == 1 else 'have'} a flag at all."
    )


def limits(test: Backtest) -> list[str]:
    """What the figures do not say."""
    most = max((cutoff.documents for cutoff in test.cutoffs), default=0)
    return [
        "The archive is the one we hold today. What a source has since withdrawn, or what was "
        "collected only later without a date of its own, cannot be told.",
        "The language model of the text vectors, the word lists and the thresholds are "
        "today's; they are not taken back to what was known at the cut-off.",
        "Themes are found anew at each cut-off, without the memory a weekly run has, so a flag "
        "here need not be the flag of the report of that week.",
        "Growing is not the same as mattering: the outcome counts documents, not markets. How "
        "early a flag comes is not asked here.",
        "Cut-offs a quarter apart look at much the same documents. The interval therefore draws "
        "whole fields, each over all cut-offs, and there is none when flags lie in fewer than "
        "five fields.",
        f"By design up to {say.percent(test.q)} of the flags may be chance at the cut-off itself; "
        f"the largest cut-off rests on {say.count(most, 'document', 'documents')}.",
    ]


def share(value: float | None) -> str:
    """A share in per cent, `n/a` where there is nothing to divide by."""
    return "n/a" if value is None else say.percent(value)


def spread(one: Result) -> str:
    """The interval in brackets, empty when there is none."""
    if one.interval is None:
        return ""
    low, high = one.interval
    return f" (90 % interval {100 * low:.0f} to {say.percent(high)})"


def times(one: Result) -> str:
    """How many times the base rate the flags were right."""
    if one.precision is None or not one.base:
        return "n/a"
    return f"{one.precision / one.base:.1f}"


# --- rows ----------------------------------------------------------------------


def _line(one: Result) -> dict[str, str]:
    return {
        "months": one.passed,
        "cutoffs": str(one.cutoffs),
        "flags": f"{one.flags:,}",
        "hits": f"{one.hits:,}",
        "found": share(one.hits / one.grown if one.grown else None),
        "threat": "n/a" if one.threat is None else f"{one.threat:.2f}",
        "precision": share(one.precision),
        "interval": spread(one).strip(" ()").removeprefix("90 % interval ") or "n/a",
        "base": share(one.base),
        "times": times(one),
        "best": share(one.best),
    }


def _cutoff(one: Cutoff) -> dict[str, Any]:
    return {
        "week": one.week,
        "month": say.month(one.week),
        "documents": say.count(one.documents, "document", "documents"),
        "themes": say.count(one.themes, "theme", "themes"),
        "flags": say.count(len(one.flagged), "flag", "flags"),
        "results": [_line(result) for result in one.results],
        "flagged": [_flagged(theme) for theme in one.flagged],
    }


def _flagged(theme: FlaggedTheme) -> dict[str, Any]:
    return {
        "label": say.title(say.plain(theme.label, 100)),
        "growth": say.growth(theme.growth),
        "why": say.sentence(say.brief(theme.why), SHOWN_REASON),
        "fates": [
            {
                "months": fate.seen,
                "grew": fate.grew,
                "text": f"{say.number(fate.ratio)} times its share, "
                f"{say.count(fate.documents, 'document', 'documents')} in the year",
            }
            for fate in theme.fates
        ],
    }


def _rivals(test: Backtest) -> list[dict[str, str]]:
    """Our flags and the published detectors at the longest horizon, the most right first."""
    if not test.rivals or not test.pooled:
        return []
    months = test.pooled[-1].months
    rows: list[tuple[str, Sequence[Result]]] = [("trendscout", test.pooled)]
    rows += [(rival.name, rival.results) for rival in test.rivals]
    found = [(name, one) for name, results in rows for one in results if one.months == months]
    found.sort(key=lambda pair: (-(pair[1].precision or 0.0), -pair[1].flags, pair[0]))
    return [{"name": name, **_line(one)} for name, one in found]
