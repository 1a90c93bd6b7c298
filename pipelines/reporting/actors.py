"""Who takes part: organisations of the reader's own area, and partners elsewhere."""

from collections.abc import Sequence

from pipelines.reporting.scene import Row, Scene, View
from reports.model import Actor, Link, Partner

ACTORS, PARTNERS = 4, 3


def is_local(row: Row, view: View) -> bool:
    """Whether the participant sits in the view's region or is a member of its cluster."""
    if view.cluster and row["name"].casefold() in {n.casefold() for n in view.cluster.members}:
        return True
    if view.region is None:
        return False
    members = view.region.members
    if any(row["nuts"].startswith(member) for member in members):
        return True
    # LT and LT0 are all of Lithuania: there the country alone is enough.
    return any(member.rstrip("0") == row["country"] for member in members)


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
    """Organisations elsewhere, each with the document that proves its part: a project first."""
    found: dict[str, list[Row]] = {}
    for row in scene.participants(theme):
        if not is_local(row, view):
            found.setdefault(row["organisation"], []).append(row)
    ranked = sorted(
        found.values(), key=lambda rows: (not _projects(rows), -_documents(rows), rows[0]["name"])
    )
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
