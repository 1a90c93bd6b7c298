"""Who in a region takes part in a theme, and which regions they work with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.models import Region


@dataclass(frozen=True, slots=True)
class Participation:
    """An organisation that takes part in a document."""

    document: str
    organisation: str  # its id
    name: str
    country: str = ""  # ISO 3166-1 alpha-2
    nuts: str = ""  # of the site that takes part; empty when unknown


@dataclass(frozen=True, slots=True)
class Actor:
    """An organisation and the documents that prove its part, sorted."""

    organisation: str
    name: str
    nuts: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartnerRegion:
    """A region whose organisations already work with ours on the theme."""

    nuts: str  # NUTS 2, or shorter where the source says no more
    organisations: tuple[Actor, ...]  # those that share a document with our region's
    documents: tuple[str, ...]  # the shared documents, sorted


def in_region(nuts: str, region: Region) -> bool:
    """Whether the NUTS code lies within *region*; unknown codes lie nowhere."""
    return bool(nuts) and nuts.startswith(region.members)


def regional_actors(participations: Iterable[Participation], region: Region) -> list[Actor]:
    """Organisations of *region* in the theme's documents, the most active first."""
    return _actors(one for one in participations if in_region(one.nuts, region))


def partner_regions(
    participations: Sequence[Participation], region: Region, *, most: int = 5
) -> list[PartnerRegion]:
    """Regions outside *region* that share documents of the theme with it.

    Ranked by the number of their organisations that do (then of shared documents): a
    proven path of cooperation, not yet a statement about complementary capabilities.
    """
    ours = {one.document for one in participations if in_region(one.nuts, region)}
    places: dict[str, list[Participation]] = {}
    for one in participations:
        if one.document in ours and one.nuts and not in_region(one.nuts, region):
            places.setdefault(one.nuts[:4], []).append(one)
    found = [
        PartnerRegion(
            nuts=nuts,
            organisations=tuple(_actors(shared)),
            documents=tuple(sorted({one.document for one in shared})),
        )
        for nuts, shared in places.items()
    ]
    found.sort(key=lambda one: (-len(one.organisations), -len(one.documents), one.nuts))
    return found[:most]


def _actors(participations: Iterable[Participation]) -> list[Actor]:
    """One actor per organisation, the most active first."""
    by_organisation: dict[str, list[Participation]] = {}
    for one in participations:
        by_organisation.setdefault(one.organisation, []).append(one)
    actors = [
        Actor(
            organisation=organisation,
            name=parts[0].name,
            nuts=max(sorted({one.nuts for one in parts}), key=len),
            documents=tuple(sorted({one.document for one in parts})),
        )
        for organisation, parts in by_organisation.items()
    ]
    return sorted(actors, key=lambda actor: (-len(actor.documents), actor.name, actor.organisation))
