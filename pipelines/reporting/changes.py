"""What became of themes since the issue before, and why."""

from nlp.matching import MATCH
from nlp.sentences import missing
from pipelines.reporting.scene import Row, Scene, View, growth_of, regions_of
from pipelines.store import reports as store
from pipelines.store.reports import ThemeState
from reports.model import Change, ChangeKind, ThemeClass
from reports.wording import growth, listed

NOTABLE = {"emerging", "established", "hype", "fading"}
ORDER: tuple[ChangeKind, ...] = (
    "new", "promoted", "demoted", "dropped", "merged", "split", "renamed",
)  # fmt: skip


def changes(scene: Scene) -> tuple[Change, ...]:
    """New, promoted, demoted and dropped themes, then what became of identities.

    A split or merger is told when a notable theme has a part in it, be it that it lost one.
    """
    if scene.previous is None:
        return ()
    names = store.labels(scene.db)
    now = {state.theme: state for state in scene.states}
    events = store.theme_events(scene.db, scene.week)
    found = [
        change
        for theme in sorted(now.keys() | scene.before.keys())
        if (change := _change(theme, scene.before.get(theme), now.get(theme), events, names))
    ]
    told = {change.theme for change in found}
    notable = {theme for theme, state in {**scene.before, **now}.items() if _is_notable(state)}
    found += [
        change
        for row in events
        if row["theme"] not in told
        and notable & {row["theme"], row["other"]}
        and (change := _event(row, names)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (ORDER.index(one.kind), one.theme)))


def _change(
    theme: str,
    before: ThemeState | None,
    now: ThemeState | None,
    events: list[Row],
    names: dict[str, str],
) -> Change | None:
    old = before.signal.theme_class if before else None
    new = now.signal.theme_class if now else None
    was, is_now = bool(before and before.signal.flagged), bool(now and now.signal.flagged)
    if old == new and was == is_now:
        return None
    if now is None:
        if not was:
            return None
        ended = next((row for row in events if row["theme"] == theme), None)
        why = (ended and ended["detail"]) or "It is no longer followed."
        return (ended and _event(ended, names)) or Change(
            "dropped", theme, names.get(theme, theme), old, None, why
        )
    if old not in NOTABLE and new not in NOTABLE and not (was or is_now):
        return None
    kind = _kind(before, now, was, is_now)
    why = now.signal.why if is_now or new in NOTABLE else _why_not(now, old)
    parted = [told for row in events if row["theme"] == theme and (told := _event(row, names))]
    return Change(kind, theme, now.label, old, new, " ".join([*(one.why for one in parted), why]))


def _kind(before: ThemeState | None, now: ThemeState, was: bool, is_now: bool) -> ChangeKind:
    if before is None:
        return "new"
    if is_now:
        return "promoted"
    if was or now.signal.theme_class != "established":
        return "demoted"
    return "promoted"


def _why_not(state: ThemeState, was: ThemeClass | None) -> str:
    """Why a theme is no longer what it *was*, with the growth as it stands."""
    failed = missing(state.signal)
    if was == "fading":
        tests = "Its share no longer falls for sure."
    elif failed:
        tests = f"It no longer shows {listed(failed)}."
    else:
        tests = "Its growth has calmed down."
    return f"{tests} Now {growth(growth_of(state))}."


def priority_changes(scene: Scene, view: View) -> tuple[Change, ...]:
    """Priorities of the view that a theme flagged in both weeks now meets, or no longer does."""
    found = []
    flagged = {
        state.theme: state.label
        for state in scene.states
        if state.signal.flagged
        and (was := scene.before.get(state.theme)) is not None
        and was.signal.flagged
    }
    for region in regions_of(scene, view):
        for priority in region.priorities:
            for theme, label in flagged.items():
                pair = (theme, region.nuts, priority.id)
                now, then = scene.scores.get(pair, 0.0), scene.scores_before.get(pair, 0.0)
                if (now >= MATCH) != (then >= MATCH):
                    kind: ChangeKind = "matched" if now >= MATCH else "unmatched"
                    why = (
                        f"{priority.title_en} ({region.name}): the match went from {then:.3f}"
                        f" to {now:.3f}; {MATCH:.3f} makes one."
                    )
                    found.append(Change(kind, theme, label, None, None, why))
    return tuple(sorted(found, key=lambda one: (one.kind, one.theme)))


def _is_notable(state: ThemeState) -> bool:
    return state.signal.flagged or state.signal.theme_class in NOTABLE


def _event(row: Row, names: dict[str, str]) -> Change | None:
    """A merge or split as a reader's line; None for other events."""
    label = names.get(row["theme"], str(row["theme"]))
    other = names.get(row["other"], str(row["other"]))
    if "merge" in row["event"] and row["other"]:
        return Change("merged", row["theme"], label, None, None, f"Merged into {other}.")
    if "split" in row["event"] and row["other"]:
        return Change("split", row["theme"], label, None, None, f"Parted from {other}.")
    return None
