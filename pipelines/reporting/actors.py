"""Who takes part: organisations of the reader's own area, and partners elsewhere."""

from collections.abc import Sequence

from config.models import Region
from nlp.nuts import level_2, lies_in, names
from pipelines.reporting.scene import Row, Scene, View
from reports.model import Actor, Link, Partner, PartnerRegion

ACTORS, PARTNERS, REGIONS = 4, 3, 3


def is_local(row: Row, view: View) -> bool:
    """Whether the participant sits in the view's region or is a member of its cluster."""
    if view.cluster and row["name"].casefold() in {n.casefold() for n in view.cluster.members}:
        return True
    return view.region is not None and sits_in(row, view.region)


def sits_in(row: Row, region: Region) -> bool:
    """Whether the participant sits in *region*."""
    # LT and LT0 are all of Lithuania: there the country alone is enough.
    national = {member.rstrip("0") for member in region.members}
    return lies_in(row["nuts"], region.members) or row["country"] in national


def local_actors(scene: Scene, view: View, theme: str) -> tuple[Actor, ...]:
    """All organisations of the reader's area in the theme, most documents first."""
    found: dict[str, list[Row]] = {}
    for row in scene.participants(theme):
        if is_local(row, view):
            found.setdefault(row["organisation"], []).append(row)
    actors = [
        Actor(rows[0]["name"], rows[0]["nuts"] or rows[0]["country"], _documents(rows))
        for rows in found.values()
    ]
    return tuple(sorted(actors, key=lambda actor: (-actor.documents, actor.name)))


def partners(scene: Scene, view: View, theme: str) -> tuple[Partner, ...]:
    """Organisations elsewhere, each with the document that proves its part: a project first.

    Those that already share a document with the reader's own area come first.
    """
    found: dict[str, list[Row]] = {}
    shared = set()
    for row in scene.participants(theme):
        if is_local(row, view):
            shared.add(row["id"])
        else:
            found.setdefault(row["organisation"], []).append(row)

    def order(rows: Sequence[Row]) -> tuple[bool, bool, int, str]:
        together = any(row["id"] in shared for row in rows)
        return (not together, not _projects(rows), -_documents(rows), rows[0]["name"])

    ranked = sorted(found.values(), key=order)
    return tuple(
        Partner(rows[0]["name"], rows[0]["country"] or "", link_to(scene, _proof(rows)))
        for rows in ranked[:PARTNERS]
    )


def partner_regions(scene: Scene, view: View, theme: str) -> tuple[PartnerRegion, ...]:
    """Regions that share projects of the theme with the reader's area, most organisations first.

    A proven path of cooperation, no statement about capabilities that complement each other.
    """
    rows = [row for row in scene.participants(theme) if row["kind"] == "project"]
    joint = {row["id"] for row in rows if is_local(row, view)}
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        place = _place(scene, row)
        if row["id"] in joint and place and not is_local(row, view):
            found.setdefault(place, []).append(row)
    regions = [
        PartnerRegion(code, name, len({row["organisation"] for row in rows}), _documents(rows))
        for (code, name), rows in found.items()
    ]
    regions.sort(key=lambda one: (-one.organisations, -one.projects, one.nuts))
    return tuple(regions[:REGIONS])


def _place(scene: Scene, row: Row) -> tuple[str, str] | None:
    """Code and name of the known region that the participant sits in, else of its NUTS 2."""
    for code, region in sorted(scene.configuration.regions.items()):
        if sits_in(row, region):
            return code, region.name
    code = level_2(row["nuts"])
    return (code, names()[code]) if code else None


def link_to(scene: Scene, row: Row) -> Link:
    """A document as a dated link."""
    return Link(
        row["title"],
        row["url"] or "",
        scene.source_title(row["source"]),
        row["published"],
        row["kind"],
    )


def _proof(rows: Sequence[Row]) -> Row:
    return (_projects(rows) or list(rows))[0]


def _projects(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["kind"] == "project"]


def _documents(rows: Sequence[Row]) -> int:
    return len({row["id"] for row in rows})
