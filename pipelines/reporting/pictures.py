"""The values behind the pictures: bars, the map and the heat map."""

from pipelines.reporting.cards import told_pairs
from pipelines.reporting.scene import Scene, View, growth_of, regions_of, strength
from reports.model import Bar, Cell, Point, ThemeCard

POINTS, TECHNOLOGIES, SECTORS = 30, 10, 8
PROMISING = {"emerging", "established", "weak_signal"}


def bars(scene: Scene, view: View) -> tuple[Bar, ...]:
    """Themes that match each region, or each of the region's priorities."""
    flagged = {state.theme for state in scene.states if state.signal.flagged}
    shown = {state.theme for state in scene.states}

    def bar(label: str, region: str, priority: str | None) -> Bar:
        themes = {
            match.theme
            for match in scene.matches
            if match.theme in shown
            and match.region == region
            and priority in (None, match.priority)
        }
        return Bar(label, len(themes & flagged), len(themes))

    if view.region:
        region = view.region
        return tuple(bar(one.title_en, region.nuts, one.id) for one in region.priorities)
    found = [bar(region.name, region.nuts, None) for region in regions_of(scene, view)]
    return tuple(sorted(found, key=lambda one: (-one.flagged, -one.themes, one.label)))


def cells(scene: Scene, view: View, cards: tuple[ThemeCard, ...]) -> tuple[Cell, ...]:
    """Technologies and sectors that meet more often than chance: candidates for value chains.

    Those of the cards first, then of signals and established trends that concern the reader.
    """
    shown = {card.theme for card in cards}
    best: dict[tuple[str, str], Cell] = {}
    for state in scene.states:
        near = view.region is None or scene.fits(state.theme, view.nuts)
        if state.theme not in shown and not (near and state.signal.theme_class in PROMISING):
            continue
        for pair in told_pairs(scene, state):
            known = scene.configuration.technologies
            technology, sector = (
                (pair.first, pair.second) if pair.first in known else (pair.second, pair.first)
            )
            if technology not in known or sector in known:
                continue
            cell = Cell(
                scene.label(technology),
                scene.label(sector),
                pair.documents,
                pair.lift,
                pair.low,
                state.theme,
            )
            key = (technology, sector)
            if key not in best or _place(cell, shown) < _place(best[key], shown):
                best[key] = cell
    ranked = sorted(best.values(), key=lambda cell: _place(cell, shown))
    rows = list(dict.fromkeys(cell.technology for cell in ranked))[:TECHNOLOGIES]
    columns = list(dict.fromkeys(c.sector for c in ranked if c.technology in rows))[:SECTORS]
    return tuple(c for c in ranked if c.technology in rows and c.sector in columns)


def _place(cell: Cell, shown: set[str]) -> tuple[bool, float, str, str]:
    return cell.theme not in shown, -cell.low, cell.technology, cell.sector


def points(scene: Scene, view: View, cards: tuple[ThemeCard, ...]) -> tuple[Point, ...]:
    """The themes of the map: cards, then signals and the rest with a class, strongest first."""
    numbers = {card.theme: place for place, card in enumerate(cards, start=1)}
    shown = [
        state
        for state in scene.states
        if state.theme in numbers
        or (
            state.signal.theme_class != "none"
            and (view.region is None or scene.fits(state.theme, view.nuts))
        )
    ]
    shown.sort(key=lambda state: (numbers.get(state.theme, 99), -strength(state), state.theme))
    return tuple(
        Point(
            state.label,
            state.signal.theme_class,
            numbers.get(state.theme),
            growth_of(state),
            state.signal.recent,
            state.cross.flagged,
        )
        for state in shown[:POINTS]
    )
