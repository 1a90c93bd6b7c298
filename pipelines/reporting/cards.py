"""Theme cards: which themes a reader gets, in which order, with what evidence."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from config.models import Challenge
from nlp.documents import SectorPair
from pipelines.reporting.actors import ACTORS, link_to, local_actors, partner_regions, partners
from pipelines.reporting.scene import Row, Scene, View, growth_of, parties, strength
from pipelines.reporting.steps import next_step
from pipelines.store.reports import ThemeState
from reports.model import Link, PairEvidence, PriorityTouched, SectorShare, ThemeCard
from reports.wording import safe_url

RECENT = timedelta(weeks=26)  # links prefer what is not older
PRIORITIES, SECTORS, PAIRS = 3, 3, 2
SHARED = {
    "ecosystem": "shared sectors",
    "nace": "shared activities",
    "technology": "shared technology fields",
}
CARRIED, MIN_CARRIED = 2, 0.20  # steps or challenges shown; share of documents that carry one
MIN_SHARE = 0.10  # a sector below it is noise of the classifier
CLUSTER_SHARE = 0.20  # of a theme in the cluster's sectors, to concern it


def headlines(scene: Scene, view: View) -> list[ThemeState]:
    """The flagged themes for this reader, most important first.

    Themes passing both flags come first, then emerging ones. For a region, matches with its
    priorities comes before both; for a cluster, only themes that concern it are left.
    A theme its readers judged irrelevant is left out.
    """
    flagged = [
        state
        for state in scene.states
        if state.signal.flagged
        and scene.verdict(state.theme, view.nuts)[0] != "irrelevant"
        and (view.cluster is None or concerns(scene, view, state))
    ]

    def order(state: ThemeState) -> tuple[bool, bool, float, str]:
        fit = best_fit(scene, view, state.theme)
        weight = fit if view.region and fit else 1.0
        return (
            bool(view.region) and not fit,
            not state.cross.flagged,
            -strength(state) * weight,
            state.theme,
        )

    return sorted(flagged, key=order)


def best_fit(scene: Scene, view: View, theme: str) -> float:
    """The best score with a priority of the view's region; 0 without any."""
    return max((match.score for match in scene.fits(theme, view.nuts)), default=0.0)


def concerns(scene: Scene, view: View, state: ThemeState) -> bool:
    """Whether a theme lies in the cluster's sectors, technologies or watch terms."""
    cluster = view.cluster
    if cluster is None or not (cluster.sectors or cluster.technologies or cluster.watch):
        return True
    share = sum(state.cross.sectors.get(sector, 0.0) for sector in cluster.sectors)
    if share >= CLUSTER_SHARE or watched_terms(view, state):
        return True
    return bool(set(cluster.technologies) & set(scene.technologies(state.theme)))


def watched_terms(view: View, state: ThemeState) -> tuple[str, ...]:
    """The cluster's watch terms that the theme's label or keywords contain."""
    if view.cluster is None:
        return ()
    words = " | ".join((state.label, *state.keywords)).casefold()
    return tuple(term for term in view.cluster.watch if term.casefold() in words)


def theme_card(scene: Scene, view: View, state: ThemeState) -> ThemeCard:
    """One theme with its evidence as this reader needs it."""
    signal, cross = state.signal, state.cross
    organisations, countries = parties(state)
    priorities = touched(scene, view, state.theme)
    actors = local_actors(scene, view, state.theme)
    others = partners(scene, view, state.theme)
    verdict, note = scene.verdict(state.theme, view.nuts)
    return ThemeCard(
        theme=state.theme,
        label=state.label,
        keywords=state.keywords,
        theme_class=signal.theme_class,
        confidence=signal.confidence,
        score=signal.score,
        growth=growth_of(state),
        documents=signal.documents,
        recent=signal.recent,
        organisations=organisations,
        countries=countries,
        first_seen=signal.first_seen,
        since=signal.since,
        cross_sector=cross.flagged,
        sectors=sectors(scene, state),
        pairs=pairs(scene, state),
        diversity=cross.diversity,
        diversity_low=cross.diversity_low,
        value_chain=carried(scene, state, "value_chain", scene.configuration.value_chain),
        challenges=carried(scene, state, "challenge", scene.configuration.challenges),
        why=signal.why,
        links=links(scene, state.theme),
        doubts=signal.doubts,
        priorities=priorities[:PRIORITIES],
        regions=tuple(dict.fromkeys(one.region_name for one in priorities)),
        actors=actors[:ACTORS],
        local=len(actors),
        partners=others,
        partner_regions=partner_regions(scene, view, state.theme),
        next_step=next_step(scene, view, state.theme, priorities, actors, others, verdict),
        sparkline=signal.sparkline,
        watched_terms=watched_terms(view, state),
        part_of=scene.theme_label(state.parent),
        verdict=verdict,
        verdict_note=note,
    )


def sectors(scene: Scene, state: ThemeState) -> tuple[SectorShare, ...]:
    """The theme's main sectors."""
    return tuple(
        SectorShare(scene.label(code), share)
        for code, share in ranked_sectors(state)[:SECTORS]
        if share >= MIN_SHARE
    )


def ranked_sectors(state: ThemeState) -> list[tuple[str, float]]:
    """The theme's sectors with their shares, largest first."""
    return sorted(state.cross.sectors.items(), key=lambda item: (-item[1], item[0]))


def carried(
    scene: Scene, state: ThemeState, scheme: str, known: Mapping[str, Challenge]
) -> tuple[str, ...]:
    """Names of the value-chain steps or challenges that the most documents speak of."""
    found = scene.carries(state.theme, scheme)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    least = MIN_CARRIED * len(scene.documents(state.theme))
    return tuple(
        known[code].label
        for code, documents in ranked[:CARRIED]
        if code in known and documents >= max(2, least)
    )


def pairs(scene: Scene, state: ThemeState) -> tuple[PairEvidence, ...]:
    """Sectors and technologies that meet more often than chance: two sectors first, then surest."""

    def order(pair: SectorPair) -> tuple[bool, float, str, str]:
        return is_technical(scene, pair), -pair.low, pair.first, pair.second

    ranked = sorted(told_pairs(scene, state), key=order)
    return tuple(
        PairEvidence(
            scene.label(pair.first),
            scene.label(pair.second),
            pair.documents,
            pair.lift,
            pair.low,
            pair.since,
        )
        for pair in ranked[:PAIRS]
    )


def told_pairs(scene: Scene, state: ThemeState) -> list[SectorPair]:
    """The theme's pairs without those of a technology with the theme's first sector.

    That a technology of the theme is at home there says nothing new.
    """
    home = {code for code, _ in ranked_sectors(state)[:1]}
    return [
        pair
        for pair in state.cross.pairs
        if not is_technical(scene, pair) or not home & {pair.first, pair.second}
    ]


def is_technical(scene: Scene, pair: SectorPair) -> bool:
    """Whether one of the two is a technology."""
    return bool({pair.first, pair.second} & scene.configuration.technologies.keys())


def touched(scene: Scene, view: View, theme: str) -> tuple[PriorityTouched, ...]:
    """All priorities the theme meets, best first; for all, the best of each region."""
    found = []
    regions: set[str] = set()
    for match in scene.fits(theme, view.nuts):
        region = scene.configuration.regions.get(match.region)
        known = {one.id: one for one in region.priorities} if region else {}
        priority = known.get(match.priority)
        if region is None or priority is None or (not view.nuts and region.nuts in regions):
            continue
        regions.add(region.nuts)
        sentence, reasons = _reasons(scene, match.reasons)
        found.append(
            PriorityTouched(
                region.nuts,
                region.name,
                priority.id,
                priority.title_en,
                sentence or priority.description,
                priority.status == "confirmed",
                match.score,
                reasons,
            )
        )
    return tuple(found)


def _reasons(scene: Scene, reasons: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The priority's own sentence among a match's *reasons*; the others, codes as names."""
    sentence, others = "", []
    for reason in reasons:
        scheme, _, words = reason.partition(": ")
        if scheme == "priority":
            sentence = words
        elif scheme == "keywords":
            others.append(f"shared words: {words}")
        else:
            names = ", ".join(scene.label(code) for code in words.split(", "))
            others.append(f"{SHARED.get(scheme, scheme)}: {names}" if words else reason)
    return sentence, tuple(others)


def links(scene: Scene, theme: str) -> tuple[Link, ...]:
    """Dated documents with an address, recent and close ones, from as many sources as can be."""
    wanted = scene.configuration.settings.report.links
    usable = [row for row in scene.documents(theme) if safe_url(row["url"] or "")]
    since = (scene.last - RECENT).isoformat()
    usable.sort(key=lambda row: row["available"] < since)  # stable: closest first within each
    chosen: list[Row] = []
    seen: set[str] = set()
    # Another site first, then at least another source of the same site.
    for key in (_host, _source):
        for row in usable:
            if not {_source(row), key(row)} & seen:
                chosen.append(row)
                seen |= {_source(row), key(row)}
    chosen += [row for row in usable if row not in chosen]
    chosen = sorted(chosen[:wanted], key=lambda row: row["published"], reverse=True)
    return tuple(link_to(scene, row) for row in chosen)


def _source(row: Row) -> str:
    return f"source {row['source']}"


def _host(row: Row) -> str:
    return (urlsplit(row["url"]).hostname or "").removeprefix("www.")
