"""New themes named by the configured service; without one they keep their own names."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from config.environment import secret
from config.models import LabelSettings
from nlp.labelservice import TITLES, LabelService
from pipelines.database import Database
from pipelines.store import themes as store
from pipelines.store.themes import Membership, ThemeRow

log = logging.getLogger(__name__)

Namer = Callable[[Sequence[str], Sequence[str]], str | None]  # key words, titles -> label


def namer_of(settings: LabelSettings) -> Namer | None:
    """What asks the configured service, None when there is none."""
    if settings.endpoint is None:
        return None
    key = secret(settings.key_env) if settings.key_env else ""
    return LabelService(str(settings.endpoint), settings.model, key).label


def with_names(
    db: Database,
    rows: Sequence[ThemeRow],
    members: Sequence[Membership],
    live: Sequence[ThemeRow],
    namer: Namer | None,
) -> list[ThemeRow]:
    """*rows* with each theme that is not among *live* under the name *namer* gives it.

    Nothing else changes. Without a usable name, or where another theme has it, the own
    one stays.
    """
    if namer is None:
        return list(rows)
    known = {row.id for row in live}
    taken = {row.label.lower() for row in (*live, *rows)}
    documents = _nearest_documents(members)
    named = []
    for row in rows:
        label = None
        if row.id not in known:
            label = namer(row.keywords, store.titles_of(db, documents[row.id]))
        if label is not None and label.lower() not in taken:
            taken.add(label.lower())
            log.info("theme=%s label=%r own=%r", row.id, label, row.label)
            named.append(replace(row, label=label))
        else:
            named.append(row)
    return named


def _nearest_documents(members: Sequence[Membership]) -> defaultdict[str, list[str]]:
    """The documents of each theme that are most like it, the most alike first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for member in sorted(members, key=lambda one: (-one.similarity, one.document)):
        if len(found[member.theme]) < TITLES:
            found[member.theme].append(member.document)
    return found
