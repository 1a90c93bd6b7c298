"""A theme card as ready sentences."""

from typing import Any

from reports import wording as say
from reports.model import Link, NextStep, PartnerRegion, PriorityTouched, ThemeCard, WeeklyReport

View = dict[str, Any]

REGIONS = 3  # that are named
CLASS_MARKS = {"emerging": "▲", "established": "■", "hype": "◆", "fading": "▼", "weak_signal": "○"}


def card_view(card: ThemeCard, place: int, report: WeeklyReport) -> View:
    """One card: at most about 120 words besides its links."""
    return {
        "number": place,
        "label": say.title(say.plain(card.label, 100)),
        "class": card.theme_class,
        "class_name": say.CLASS_NAMES[card.theme_class],
        "mark": CLASS_MARKS.get(card.theme_class, "·"),
        "cross": card.cross_sector,
        "confidence": confidence(card),
        "verdict": _said(card),
        "growth": say.growth(card.growth).capitalize(),
        "ratio": say.number(card.growth.ratio),
        "interval": f"{say.number(card.growth.low)} to {say.number(card.growth.high)}",
        "evidence": say.evidence(card.documents, card.organisations, card.countries),
        "recent": say.count(card.recent, "recent document", "recent documents"),
        "since": f"growing since about {say.month(card.since)}" if card.since else "",
        "first_seen": f"first seen {card.first_seen}",
        "why": say.brief(card.why),
        "sectors": [
            f"{say.plain(sector.label, 60)} {say.percent(sector.share)}" for sector in card.sectors
        ],
        "breadth": breadth(card),
        "part_of": say.title(say.plain(card.part_of, 90)) if card.part_of else "",
        "pairs": [say.plain(say.pair(pair)) for pair in card.pairs],
        "value_chain": [say.plain(step, 60) for step in card.value_chain],
        "challenges": [say.plain(challenge, 80) for challenge in card.challenges],
        "so_what": so_what(card, report),
        "next_step": step(card.next_step),
        "owner": f"{card.next_step.owner}, by {say.day(card.next_step.by)}",
        "links": [link_view(link) for link in card.links],
        "priorities": [priority_view(priority) for priority in card.priorities],
        "actors": [
            f"{say.plain(actor.name, 80)} ({say.plain(actor.place, 20)})"
            if actor.place
            else say.plain(actor.name, 80)
            for actor in card.actors
        ],
        "partners": [
            {
                "name": say.plain(partner.name, 80),
                "country": say.plain(partner.country, 20),
                "proof": link_view(partner.proof),
            }
            for partner in card.partners
        ],
        "partner_regions": [partner_region(region) for region in card.partner_regions],
        "watched": [say.plain(term, 60) for term in card.watched_terms],
        "spark_alt": spark_alt(card),
    }


def confidence(card: ThemeCard) -> str:
    """`high confidence`, `medium confidence (the interval is wide)`."""
    said = f"{card.confidence} confidence"
    return f"{said} ({', '.join(card.doubts)})" if card.doubts else said


def breadth(card: ThemeCard) -> str:
    """How many unlike sectors the theme spreads over, with the lower bound."""
    if card.diversity is None or card.diversity_low is None or len(card.sectors) < 2:
        return ""
    low = say.number(card.diversity_low)
    return f"as broad as {say.number(card.diversity)} unlike sectors (at least {low})"


def _said(card: ThemeCard) -> str:
    """What a reader judged, with the note: `a reader said: known ("our own project")`."""
    if not card.verdict:
        return ""
    note = f' ("{say.plain(card.verdict_note, 80)}")' if card.verdict_note else ""
    return f"a reader said: {card.verdict}{note}"


def partner_region(region: PartnerRegion) -> str:
    """`Piedmont, IT (12 organisations in 3 joint projects)`."""
    organisations = say.count(region.organisations, "organisation", "organisations")
    projects = say.count(region.projects, "joint project", "joint projects")
    country = f", {region.nuts[:2]}" if len(region.nuts) > 2 else ""
    return f"{say.plain(region.name, 60)}{country} ({organisations} in {projects})"


def spark_alt(card: ThemeCard) -> str:
    """What the small curve shows, for those who do not see it."""
    counts = card.sparkline
    if not counts:
        return "No history to draw."
    return (
        f"Documents per four weeks, oldest first: from {counts[0]} to {counts[-1]}, "
        f"at most {max(counts)}."
    )


def so_what(card: ThemeCard, report: WeeklyReport) -> str:
    """What it means for the audience, inferred from the card's own evidence."""
    parts = []
    if card.cross_sector and len(card.sectors) > 1:
        first, second, *_ = card.sectors
        parts.append(
            f"{first.label} and {second.label} meet here: "
            "members of both sides have something to discuss."
        )
    elif card.sectors:
        parts.append(f"Growth stays mainly within {card.sectors[0].label} so far.")
    parts.append(_regional_meaning(card, report))
    return say.plain(" ".join(part for part in parts if part))


def _regional_meaning(card: ThemeCard, report: WeeklyReport) -> str:
    if report.audience.kind == "all":
        if not card.regions:
            return "No region's priorities cover it yet."
        return f"It touches priorities of {say.first_of(card.regions, REGIONS)}."
    take = "organisation takes" if card.local == 1 else "organisations take"
    actors = (
        f"{say.in_words(card.local)} local {take} part"
        if card.local
        else "nobody local takes part yet"
    )
    if not card.priorities:
        return f"No priority of {report.audience.title} covers it; {actors}."
    title = card.priorities[0].title
    return f"It touches the priority {title} of {card.priorities[0].region_name}; {actors}."


def step(value: NextStep) -> str:
    """The next step in the words of the fixed vocabulary."""
    name = say.ACTIONS[value.action]
    return f"{name}: {say.plain(value.about, 100)}" if value.about else name


def link_view(link: Link) -> View:
    kind = say.KINDS.get(link.kind, (link.kind, ""))[0]
    return {
        "title": say.plain(link.title, 110),
        "url": say.safe_url(link.url),
        "source": say.plain(link.source, 60),
        "day": say.day(link.published),
        "kind": kind,
    }


def priority_view(priority: PriorityTouched) -> View:
    return {
        "region": say.plain(priority.region_name, 60),
        "id": priority.id,
        "title": say.plain(priority.title, 120),
        "sentence": say.sentence(priority.sentence, 220),
        "status": "" if priority.confirmed else "to be confirmed",
        "match": say.match(priority.score),
        "reasons": [say.plain(reason, 120) for reason in priority.reasons[:3]],
    }
