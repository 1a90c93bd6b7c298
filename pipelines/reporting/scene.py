"""What all reports of one week share: read once, looked up often."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from config.configuration import Configuration
from config.models import Cluster, Region
from config.weeks import first_day, last_day
from nlp.documents import Match
from nlp.matching import MATCH
from nlp.sentences import not_judged
from pipelines.database import Database
from pipelines.store import reports as store
from pipelines.store.reports import ThemeState
from reports.model import Audience, Growth

Row = dict[str, Any]
Pair = tuple[str, str, str]  # theme, region, priority


@dataclass
class Scene:
    """One week of one database, with the evidence of the themes asked for so far."""

    db: Database
    configuration: Configuration
    week: str
    states: Sequence[ThemeState] = ()
    before: Mapping[str, ThemeState] = field(default_factory=dict)
    previous: str | None = None
    matches: Sequence[Match] = ()  # those that hold, best first
    scores: Mapping[Pair, float] = field(default_factory=dict)  # of all that were kept
    scores_before: Mapping[Pair, float] = field(default_factory=dict)
    verdicts: Sequence[Row] = ()
    _labels: dict[str, str] = field(default_factory=dict)
    _fits: dict[str, list[Match]] = field(default_factory=dict)
    _documents: dict[str, list[Row]] = field(default_factory=dict)
    _participants: dict[str, list[Row]] = field(default_factory=dict)
    _technologies: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def first(self) -> date:
        """Monday of the week."""
        return first_day(self.week)

    @property
    def last(self) -> date:
        """Sunday of the week: what was available by then is what the report may know."""
        return last_day(self.week)

    def theme_label(self, theme: str) -> str:
        """The label of *theme*; empty for one that has no signal this week."""
        if not self._labels:
            self._labels = {state.theme: state.label for state in self.states}
        return self._labels.get(theme, "")

    def documents(self, theme: str) -> list[Row]:
        """Independent documents of *theme*, closest first."""
        if theme not in self._documents:
            found = store.theme_evidence(self.db, theme, self.week, self.last)
            self._documents[theme] = found
        return self._documents[theme]

    def participants(self, theme: str) -> list[Row]:
        """Who takes part in the documents of *theme*."""
        if theme not in self._participants:
            found = store.theme_participants(self.db, theme, self.week, self.last)
            self._participants[theme] = found
        return self._participants[theme]

    def technologies(self, theme: str) -> dict[str, int]:
        """Documents of *theme* by technology concept."""
        if theme not in self._technologies:
            found = store.theme_technologies(self.db, theme, self.week, self.last)
            self._technologies[theme] = found
        return self._technologies[theme]

    def carries(self, theme: str, scheme: str) -> dict[str, int]:
        """Documents of *theme* by the code of *scheme* that they carry."""
        return store.theme_carries(self.db, theme, self.week, self.last, scheme)

    def fits(self, theme: str, region: str | None) -> list[Match]:
        """Matches of *theme* with priorities of *region*, or of every region; best first."""
        if not self._fits:
            for match in self.matches:
                self._fits.setdefault(match.theme, []).append(match)
        found = self._fits.get(theme, [])
        return [match for match in found if region is None or match.region == region]

    def label(self, code: str) -> str:
        """A technology's or sector's name for readers; the code when it has none."""
        if code in self.configuration.technologies:
            return self.configuration.technologies[code].label
        if code in self.configuration.technology_fields:
            return self.configuration.technology_fields[code].label
        for scheme in ("ecosystem", "nace", "emerging_industry"):
            if sector := self.configuration.sectors.get((scheme, code)):
                return sector.label
        return code

    def source_title(self, name: str) -> str:
        """A source's name for readers."""
        source = self.configuration.sources.get(name)
        return source.title if source else name

    def verdict(self, theme: str, region: str | None) -> tuple[str, str]:
        """The last thing readers of *region* (or of all) said about *theme*, and their note."""
        said = ("", "")
        for row in self.verdicts:
            if row["theme"] == theme and (row["region"] or None) in {None, region}:
                said = row["verdict"], row["note"] or ""
        return said


def read_scene(db: Database, configuration: Configuration, week: str) -> Scene:
    """Everything that is shared by the reports of *week*."""
    previous = store.previous_week(db, week)
    before = store.states_of_week(db, previous) if previous else []
    matches = store.matches_of_week(db, week)
    return Scene(
        db,
        configuration,
        week,
        states=store.states_of_week(db, week),
        before={state.theme: state for state in before},
        previous=previous,
        matches=[one for one in matches if one.score >= MATCH],
        scores=_scores(matches),
        scores_before=_scores(store.matches_of_week(db, previous) if previous else ()),
        verdicts=store.judgements_until(db, last_day(week)),
    )


def _scores(matches: Iterable[Match]) -> dict[Pair, float]:
    return {(one.theme, one.region, one.priority): one.score for one in matches}


@dataclass(frozen=True)
class View:
    """Through whose eyes the week is seen."""

    audience: Audience
    region: Region | None = None
    cluster: Cluster | None = None

    @property
    def nuts(self) -> str | None:
        """The region's code, None for the report for all."""
        return self.region.nuts if self.region else None


def strength(state: ThemeState) -> float:
    """`sqrt(score · cross score)` of a theme that passes both flags, else its score alone."""
    if state.signal.flagged and state.cross.flagged:
        return float((state.signal.score * state.cross.score) ** 0.5)
    return state.signal.score


def parties(state: ThemeState) -> tuple[int | None, int | None]:
    """How many organisations and countries take part; None where the sources name none."""
    if "organisations" in not_judged(state.signal):
        return None, None
    return state.signal.organisations, state.signal.countries


def growth_of(state: ThemeState) -> Growth:
    """The signal's growth as the report's value."""
    growth = state.signal.growth
    return Growth(growth.ratio, growth.low, growth.high, growth.q)


def regions_of(scene: Scene, view: View) -> list[Region]:
    """The view's region, or every region by code."""
    if view.region:
        return [view.region]
    return [region for _, region in sorted(scene.configuration.regions.items())]
