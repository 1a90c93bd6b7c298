"""The week's evidence as a whole: sources and their health, method, record of earlier flags."""

from datetime import timedelta

from config.weeks import last_day, shift
from nlp.neighbourhood import field_size
from nlp.sentences import not_judged
from nlp.signals import asked_of_cuts
from pipelines.reporting.scene import Row, Scene
from pipelines.store import reports as store
from reports.model import MethodBox, PastFlag, SourceHealth, TrackRecord

GREW = 1.08  # 8 % a year
YEAR = 52


def source_health(scene: Scene) -> tuple[SourceHealth, ...]:
    """Every source that should have spoken or did: heard, silent with the reason, or imported.

    Where no crawl touched the week at all, collection was off and nobody is silent.
    """
    documents = store.counts_between(scene.db, "source", scene.first, scene.last)
    crawls = store.crawls_of_days(scene.db, scene.first, scene.last)
    due = {n for n, source in scene.configuration.sources.items() if source.crawl != "paused"}
    crawled = {row["source"] for row in crawls}
    names = sorted(documents.keys() | crawled | (due if crawls else set()))
    found = [
        _health(scene, name, documents.get(name, 0), [r for r in crawls if r["source"] == name])
        for name in names
        if name in documents or name in crawled | due
    ]
    return tuple(sorted(found, key=lambda one: (-one.documents, one.title, one.source)))


def _health(scene: Scene, name: str, documents: int, crawls: list[Row]) -> SourceHealth:
    title = scene.source_title(name)
    source = scene.configuration.sources.get(name)
    if crawls:
        # The last one decides: the week's first day is also in the window of the crawl before.
        last = crawls[-1]
        heard = bool(last["complete"]) and last["verdict"] != "failed"
        reason = "" if heard else last["reason"] or "its crawl did not finish"
        return SourceHealth(name, title, heard, documents, reason)
    if source is None or source.crawl == "paused" or documents:
        return SourceHealth(name, title, None, documents, "")
    return SourceHealth(name, title, False, documents, "it was not crawled for this week")


def method_box(scene: Scene) -> MethodBox:
    """How flags are made and what the week's corpus consists of."""
    settings = scene.configuration.settings
    languages = store.counts_between(scene.db, "language", scene.first, scene.last)
    known = {"", *settings.embedding.languages}
    classed = [state for state in scene.states if state.signal.theme_class != "none"]
    silent = {state.label: gates for state in classed if (gates := not_judged(state.signal))}
    return MethodBox(
        q=settings.gates.q,
        min_ratio=settings.gates.min_ratio,
        min_ratio_low=settings.gates.min_ratio_low,
        min_documents=settings.gates.min_documents,
        model=settings.embedding.model,
        streams=tuple(sorted(settings.streams)),
        kinds=store.counts_between(scene.db, "kind", scene.first, scene.last),
        not_analysed={code: n for code, n in languages.items() if code not in known},
        not_judged=tuple(sorted({gate for gates in silent.values() for gate in gates})),
        not_judged_for=tuple(silent),
        window_weeks=settings.themes.window_weeks,
        enter_weeks=settings.gates.enter_weeks,
        other_cuts=asked_of_cuts(state.signal for state in scene.states),
        field=field_size(len(scene.states), settings.gates.field_themes) > 0,
    )


def track_record(scene: Scene, backtest: str) -> TrackRecord:
    """What became of the themes flagged a year ago: their share these twelve months."""
    then = shift(scene.week, -YEAR)
    themes = store.flagged_in(scene.db, then, now=scene.week)
    middle, start = last_day(then), last_day(shift(then, -YEAR))
    if not themes:
        return TrackRecord(then, GREW, (), backtest)
    day = timedelta(days=1)
    # No theme can hold a text in another language.
    languages = scene.configuration.settings.embedding.languages
    all_after = store.count_between(scene.db, middle + day, scene.last, languages=languages)
    all_before = store.count_between(scene.db, start + day, middle, languages=languages)
    names = store.labels(scene.db)
    flags = []
    for theme in themes:
        after = store.theme_count(scene.db, theme, scene.week, middle + day, scene.last)
        before = store.theme_count(scene.db, theme, scene.week, start + day, middle)
        ratio = None
        if all_after and all_before and (after or before):  # none of both: it has ended
            # Half a document on both sides, as in the growth test: nothing is divided by zero.
            ratio = round(((after + 0.5) / all_after) / ((before + 0.5) / all_before), 4)
        flags.append(PastFlag(theme, names.get(theme, theme), ratio))
    return TrackRecord(then, GREW, tuple(flags), backtest)
