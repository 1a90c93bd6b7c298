"""The report model of one audience."""

from dataclasses import dataclass

from nlp import matching
from nlp.sentences import missing, not_judged
from pipelines.reporting.actors import ACTORS, local_actors
from pipelines.reporting.cards import best_fit, concerns, headlines, theme_card
from pipelines.reporting.changes import changes, priority_changes
from pipelines.reporting.corpus import method_box, source_health, track_record
from pipelines.reporting.pictures import bars, cells, points
from pipelines.reporting.scene import Scene, View, growth_of, parties, regions_of, strength
from pipelines.store import reports as store
from pipelines.store.reports import ThemeState
from reports.model import (
    BlindSpot,
    Change,
    MethodBox,
    SilentPriority,
    SourceHealth,
    ThemeRow,
    TrackRecord,
    WatchLine,
    WeeklyReport,
)

CAUTION, BLIND = 5, 8
CAREFUL = {"hype", "fading"}


@dataclass(frozen=True)
class Common:
    """What all audiences of a week are told alike: computed once."""

    documents: int
    archive: int
    changes: tuple[Change, ...]
    sources: tuple[SourceHealth, ...]
    method: MethodBox
    track_record: TrackRecord


def read_common(scene: Scene, backtest: str) -> Common:
    """The parts of every report of the week that do not depend on who reads it."""
    return Common(
        documents=store.count_between(scene.db, scene.first, scene.last),
        archive=store.count_until(scene.db, scene.last),
        changes=changes(scene),
        sources=source_health(scene),
        method=method_box(scene),
        track_record=track_record(scene, backtest),
    )


def weekly_report(scene: Scene, view: View, common: Common) -> WeeklyReport:
    """Everything this audience is shown this week."""
    chosen = headlines(scene, view)[: scene.configuration.settings.report.max_cards]
    cards = tuple(theme_card(scene, view, state) for state in chosen)
    silent = silent_priorities(scene, view)
    return WeeklyReport(
        week=scene.week,
        first_day=scene.first.isoformat(),
        last_day=scene.last.isoformat(),
        audience=view.audience,
        previous=scene.previous,
        documents=common.documents,
        archive=common.archive,
        themes=len(scene.states),
        flagged=sum(state.signal.flagged for state in scene.states),
        cards=cards,
        watch=watch_list(scene, view),
        caution=caution(scene),
        changes=(*common.changes, *priority_changes(scene, view)),
        blind_spots=blind_spots(scene, view),
        silent_priorities=silent,
        priorities=sum(len(region.priorities) for region in regions_of(scene, view)),
        sources=common.sources,
        bars=bars(scene, view),
        cells=cells(scene, view, cards),
        points=points(scene, view, cards),
        method=common.method,
        track_record=common.track_record,
    )


# --- lists -------------------------------------------------------------------


def watch_list(scene: Scene, view: View) -> tuple[WatchLine, ...]:
    """Weak signals: those that match the region or concern the cluster first."""
    weak = [state for state in scene.states if state.signal.theme_class == "weak_signal"]

    def order(state: ThemeState) -> tuple[bool, float, str]:
        near = bool(scene.fits(state.theme, view.nuts))
        if view.cluster:
            near = concerns(scene, view, state)
        return (bool(view.region) and not near, -state.signal.score, state.theme)

    weak.sort(key=order)
    limit = scene.configuration.settings.report.max_watch
    return tuple(_line(scene, state) for state in weak[:limit])


def caution(scene: Scene) -> tuple[WatchLine, ...]:
    """Hype and fading themes, largest first: named as such, not recommended."""
    found = [state for state in scene.states if state.signal.theme_class in CAREFUL]
    found.sort(key=lambda state: (-state.signal.documents, state.theme))
    return tuple(_line(scene, state) for state in found[:CAUTION])


def _line(scene: Scene, state: ThemeState) -> WatchLine:
    signal, before = state.signal, scene.before.get(state.theme)
    changed = before is None or before.signal.theme_class != signal.theme_class
    return WatchLine(
        state.theme,
        state.label,
        signal.theme_class,
        growth_of(state),
        signal.recent,
        signal.documents,
        scene.previous is not None and changed,
        signal.why if signal.theme_class in CAREFUL else "",
    )


def blind_spots(scene: Scene, view: View) -> tuple[BlindSpot, ...]:
    """Flagged themes that no priority (of the region, or of any) covers, ordered like cards."""
    flagged = sorted(
        (state for state in scene.states if state.signal.flagged),
        key=lambda state: (not state.cross.flagged, -strength(state), state.theme),
    )
    by_id = {state.theme: state for state in flagged}
    open_ = list(by_id)
    for region in regions_of(scene, view):
        open_ = matching.blind_spots(open_, scene.matches, region.nuts)
    return tuple(
        BlindSpot(
            theme,
            by_id[theme].label,
            growth_of(by_id[theme]),
            by_id[theme].signal.documents,
            local_actors(scene, view, theme)[:ACTORS],
        )
        for theme in open_[:BLIND]
    )


def silent_priorities(scene: Scene, view: View) -> tuple[SilentPriority, ...]:
    """Priorities that no theme of the window supports."""
    return tuple(
        SilentPriority(region.nuts, region.name, priority.id, priority.title_en)
        for region in regions_of(scene, view)
        for priority in matching.silent_priorities(region, scene.matches)
    )


# --- the sheet ---------------------------------------------------------------


def theme_rows(scene: Scene, view: View) -> list[ThemeRow]:
    """Every theme of the week, strongest first, with its best match with the view's priorities."""
    ordered = sorted(
        scene.states,
        key=lambda state: (not state.signal.flagged, -strength(state), state.theme),
    )
    rows = []
    for state in ordered:
        signal, fits = state.signal, scene.fits(state.theme, view.nuts)
        organisations, countries = parties(state)
        rows.append(
            ThemeRow(
                theme=state.theme,
                label=state.label,
                keywords=state.keywords,
                theme_class=signal.theme_class,
                flagged=signal.flagged,
                score=signal.score,
                growth=growth_of(state),
                documents=signal.documents,
                recent=signal.recent,
                organisations=organisations,
                countries=countries,
                first_seen=signal.first_seen,
                since=signal.since,
                cross_sector=state.cross.flagged,
                cross_score=state.cross.score,
                sectors={scene.label(code): share for code, share in state.cross.sectors.items()},
                confidence=signal.confidence,
                why=signal.why,
                missing=tuple(missing(signal)),
                not_judged=tuple(not_judged(signal)),
                part_of=scene.theme_label(state.parent),
                match=best_fit(scene, view, state.theme) if fits else None,
                priority=fits[0].priority if fits else "",
            )
        )
    return rows
