"""The one next step of a card, chosen from the fixed vocabulary by plain rules."""

from collections.abc import Sequence
from datetime import timedelta

from pipelines.reporting.scene import Scene, View
from reports.model import Action, Actor, NextStep, Partner, PriorityTouched
from reports.wording import first_of

GROUP = 3  # regions of a proposed group that are named
CALL_WEEKS = 26  # an older call has closed
DAYS: dict[Action, int] = {"check_call": 7, "edp_agenda": 28, "propose_group": 28}


def next_step(
    scene: Scene,
    view: View,
    theme: str,
    priorities: Sequence[PriorityTouched],
    actors: Sequence[Actor],
    partners: Sequence[Partner],
    verdict: str,
) -> NextStep:
    """What this reader could do about *theme*, by when, and who."""
    action, about, owner = _choose(scene, view, theme, priorities, actors, partners, verdict)
    by = scene.last + timedelta(days=DAYS.get(action, 14))
    return NextStep(action, about, owner, by.isoformat())


def _choose(
    scene: Scene,
    view: View,
    theme: str,
    priorities: Sequence[PriorityTouched],
    actors: Sequence[Actor],
    partners: Sequence[Partner],
    verdict: str,
) -> tuple[Action, str, str]:
    if verdict == "adopted":
        return "watch", "", "cluster manager"
    if call := open_call(scene, theme):
        return "check_call", call, "cluster manager"
    if view.audience.kind == "all":
        return _for_all(priorities, partners)
    if view.audience.kind == "region" and priorities and actors:
        return "edp_agenda", priorities[0].title, "S3 coordinator"
    if (priorities or view.cluster) and partners:
        return "contact_partner", partners[0].name, "cluster manager"
    if priorities or actors or view.cluster:
        return "ask_members", "", "cluster manager"
    return "watch", "", "cluster manager"


def _for_all(
    priorities: Sequence[PriorityTouched], partners: Sequence[Partner]
) -> tuple[Action, str, str]:
    regions = [priority.region_name for priority in priorities]
    if len(regions) > 1:
        return "propose_group", first_of(regions, GROUP), "S3 coordinators"
    if priorities:
        return "edp_agenda", f"{priorities[0].title} ({regions[0]})", "S3 coordinator"
    if partners:
        return "contact_partner", partners[0].name, "cluster manager"
    return "watch", "", "cluster manager"


def open_call(scene: Scene, theme: str) -> str:
    """The newest call or tender among the theme's documents that may still be open."""
    since = (scene.last - timedelta(weeks=CALL_WEEKS)).isoformat()
    calls = [
        row
        for row in scene.documents(theme)
        if row["kind"] in {"call", "tender"} and row["published"] >= since
    ]
    return max(calls, key=lambda row: (row["published"], row["id"]))["title"] if calls else ""
