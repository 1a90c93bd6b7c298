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
    """Match every theme that has a signal in *week*; a second run gives the same rows."""
    fields = {one.id: one.fields for one in configuration.technologies.values()}
    themes = store.profiles_of_week(db, week, fields)
    counts["themes"] += len(themes)
    if not themes:
        store.save_matches(db, week, [])
        return
    remembering = Remembering(db, configuration.settings.embedding, embedder)
    found = match_priorities(themes, configuration.regions.values(), remembering)
    store.save_matches(db, week, found)
    counts["kept"] += len(found)
    counts["matched"] += sum(one.score >= MATCH for one in found)
