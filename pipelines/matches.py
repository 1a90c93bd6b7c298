"""The stage that holds the week's themes against the priorities of all regions."""

from collections import Counter

from config.configuration import Configuration
from nlp.embed import Embedder
from nlp.matching import MATCH, match_priorities
from pipelines.database import Database
from pipelines.embed import Remembering
from pipelines.store import matches as store


def matches(
    db: Database,
    configuration: Configuration,
    counts: Counter[str],
    *,
    week: str,
    embedder: Embedder | None = None,
) -> None:
    """Match every theme that has a signal in *week*, or in a missed week before it.

    A second run gives the same rows.
    """
    fields = {one.id: one.fields for one in configuration.technologies.values()}
    remembering = Remembering(db, configuration.settings.embedding, embedder)
    for due in [*store.weeks_without_matches(db, week), week]:
        themes = store.profiles_of_week(db, due, fields)
        regions = configuration.regions.values()
        found = match_priorities(themes, regions, remembering) if themes else []
        store.save_matches(db, due, found)
        counts["themes"] += len(themes)
        counts["kept"] += len(found)
        counts["matched"] += sum(one.score >= MATCH for one in found)
