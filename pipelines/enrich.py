"""Stage: language, near-duplicates, technologies, sectors, organisations and places."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date

from config.configuration import Configuration
from config.weeks import week_of
from nlp.dedupe import WINDOW_DAYS, DuplicateIndex, Known, Mark, signature
from nlp.extraction import extractor_name
from pipelines.analysis import Analyse, Analysis, full
from pipelines.crew import analysing, processes_for
from pipelines.database import Database
from pipelines.store import enrichment as store
from pipelines.store.duplicates import inherit

BATCH = 500  # documents a transaction
AHEAD = 4 * BATCH  # documents that several processes share before the first of them is saved


def enrich(
    db: Database,
    configuration: Configuration,
    counts: Counter[str],
    *,
    week: str,
    analyse: Analyse | None = None,
    ahead: int | None = None,
) -> None:
    """Enrich what was available by the end of *week* and has not been enriched.

    Works in batches of one transaction each, the earliest documents first, so that a
    killed run goes on where it stopped. A document in a language that is not configured
    is kept and its language stored; only its text is not analysed. *analyse* is for those
    who bring a way of their own; it gets *ahead* documents at once, a batch unless told
    otherwise.
    """
    settle_groups(db)
    model = extractor_name(configuration)
    left, first = store.left_to_enrich(db, model, week=week)
    if not left:
        return
    known = index_around(db, store.ordinal(first))
    processes = processes_for(left, configuration.settings.processes)
    ahead = ahead or (AHEAD if processes > 1 else BATCH)
    names = store.participant_names(db)
    own = nullcontext(analyse) if analyse else None
    with own or analysing(configuration, names, processes) as work:
        while rows := store.documents_to_enrich(db, model, week=week, limit=ahead):
            found = work(rows)
            for start in range(0, len(rows), BATCH):
                batch = slice(start, start + BATCH)
                save(db, model, known, rows[batch], found[batch], counts)


def settle_groups(db: Database) -> None:
    """Bring marks of duplicates in line with what is known of the texts.

    The group of a document whose text changed is found anew among the others, without reading
    them again. One that turns out to stand for itself gets the place in a theme that had passed
    on to what stood for it.
    """
    with db.atomic():
        members = store.dissolve_groups(db)
        if members:
            fresh = [one for one, _, _ in members]
            marks = index_around(db, min(one.day for one in fresh)).add(fresh)
            store.save_marks(db, fresh, marks)
            for one, representative, since in members:
                if representative and not marks[one.id].representative:
                    week = week_of(date.fromisoformat(since))
                    inherit(db, one.id, representative, week)
        store.restore_marks(db)


def save(
    db: Database,
    model: str,
    known: DuplicateIndex,
    rows: Sequence[store.Row],
    found: Sequence[Analysis],
    counts: Counter[str],
) -> None:
    """Store a batch with its near-duplicates, and count it."""
    fresh = [known_of(row) for row in rows]
    marks = known.add(fresh)
    enriched = [
        store.Enriched(row["id"], row["text_key"], one.language, one.mentions, one.sectors)
        for row, one in zip(rows, found, strict=True)
    ]
    store.save_enriched(db, model, enriched, fresh, marks)
    count(counts, enriched, marks)


def index_around(db: Database, first: int) -> DuplicateIndex:
    """The index of everything that a document of day *first* or later could repeat."""
    index = DuplicateIndex()
    index.seed(*store.signatures_since(db, first - WINDOW_DAYS))
    return index


def known_of(row: store.Row) -> Known:
    """What deciding about duplicates needs of a row."""
    return Known(row["id"], row["kind"], store.ordinal(row["available"]), signature(full(row)))


def count(
    counts: Counter[str], enriched: Sequence[store.Enriched], marks: Mapping[str, Mark]
) -> None:
    """Add a batch to the stage's counts."""
    counts["documents"] += len(enriched)
    counts["duplicates"] += sum(1 for one in enriched if marks[one.id].representative)
    counts["not_analysed"] += sum(1 for one in enriched if not one.mentions and not one.sectors)
    for one in enriched:
        for mention in one.mentions:
            counts[f"{mention.kind}s".replace("technologys", "technologies")] += 1
        counts["sectors"] += len(one.sectors)
