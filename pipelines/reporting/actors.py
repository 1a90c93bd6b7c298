"""Who takes part: organisations of the reader's own area, and partners elsewhere."""

from collections.abc import Sequence

from nlp.actors import in_region
from pipelines.reporting.scene import Row, Scene, View
from reports.model import Actor, Link, Partner

ACTORS, PARTNERS = 4, 3


def is_local(row: Row, view: View) -> bool:
    """Whether the participant sits in the view's region or is a member of its cluster."""
    if view.cluster and row["name"].casefold() in {n.casefold() for n in view.cluster.members}:
        return True
    if view.region is None:
        return False
    # LT and LT0 are all of Lithuania: there the country alone is enough.
    national = {member.rstrip("0") for member in view.region.members}
    return in_region(row["nuts"], view.region) or row["country"] in national


def local_actors(scene: Scene, view: View, theme: str) -> tuple[Actor, ...]:
    """Organisations of the reader's area in the theme, most documents first."""
    found: dict[str, list[Row]] = {}
    for row in scene.participants(theme):
        if is_local(row, view):
            found.setdefault(row["organisation"], []).append(row)
    actors = [
        Actor(rows[0]["name"], rows[0]["nuts"] or rows[0]["country"], _documents(rows))
        for rows in found.values()
    ]
    return tuple(sorted(actors, key=lambda actor: (-actor.documents, actor.name))[:ACTORS])


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
