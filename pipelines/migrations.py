"""The schema, step by step. Append a migration; never change one that was released."""

from sqlite_utils.db import Table
from sqlite_utils.migrations import Migrations

from pipelines.database import Database

migrations = Migrations("trendscout")


def _table(db: Database, name: str) -> Table:
    return db.table(name)


@migrations()
def m001_documents(db: Database) -> None:
    """Texts and who takes part in them."""
    _table(db, "documents").create(
        {
            "id": str,
            "source": str,
            "kind": str,
            "title": str,
            "text": str,
            "text_key": str,  # of title and text together: what is enriched and embedded
            "url": str,
            "language": str,
            "published": str,
            "available": str,
            "collected": str,
            "licence": str,
            "duplicate_of": str,
            "keywords": str,  # JSON list
            "topics": str,  # JSON list of {scheme, code, label}
            "programme": str,
            "amount_eu": float,
            "author_keys": str,  # space-separated one-way keys
            "content_hash": str,  # of the whole record, to tell an update from a repetition
        },
        pk="id",
        not_null={"source", "kind", "title", "text", "text_key", "published", "available"},
    )
    _table(db, "documents").create_index(["available"])
    _table(db, "documents").create_index(["text_key"])
    _table(db, "documents").create_index(["url"])
    _table(db, "documents").enable_fts(
        ["title", "text"], create_triggers=True, tokenize="porter unicode61"
    )
    # Old versions stay traceable: one row per replaced version, as it was exchanged.
    _table(db, "document_versions").create(
        {"document": str, "content_hash": str, "replaced": str, "record": str},
        pk=("document", "content_hash"),
    )
    _table(db, "organisations").create(
        {"id": str, "name": str, "country": str, "nuts": str}, pk="id"
    )
    _table(db, "participations").create(
        {"document": str, "organisation": str, "role": str},
        pk=("document", "organisation", "role"),
    )
    _table(db, "participations").create_index(["organisation"])


@migrations()
def m002_enrichment(db: Database) -> None:
    """What the language stages found, keyed by content."""
    _table(db, "mentions").create(
        {
            "text_key": str,
            "start": int,
            "end": int,
            "kind": str,
            "label": str,
            "concept": str,
            "score": float,
        },
        pk=("text_key", "start", "end", "kind"),
    )
    _table(db, "mentions").create_index(["kind", "concept"])
    _table(db, "document_sectors").create(
        {"document": str, "scheme": str, "sector": str, "weight": float, "evidence": str},
        pk=("document", "scheme", "sector"),
    )
    # Which version of the language stages has seen a document: the to-do list's other half.
    _table(db, "enrichments").create(
        {"document": str, "text_key": str, "model": str}, pk="document"
    )
    _table(db, "embeddings").create(
        {"text_key": str, "model": str, "vector": bytes}, pk=("text_key", "model")
    )


@migrations()
def m003_runs(db: Database) -> None:
    """What ran, what was read, what came of it."""
    _table(db, "stage_runs").create(
        {
            "id": int,
            "run_id": str,
            "stage": str,
            "week": str,
            "started": str,
            "ended": str,
            "status": str,
            "counts": str,
        },
        pk="id",
    )
    _table(db, "landing_files").create(
        {"path": str, "source": str, "run_id": str, "ingested": str, "rows": int, "rejected": int},
        pk="path",
    )
    _table(db, "crawl_results").create(
        {
            "run_id": str,
            "source": str,
            "started": str,
            "ended": str,
            "since": str,  # first day of the window that was read
            "until": str,  # last day of it: the watermark when complete
            "complete": int,
            "items": int,
            "new": int,
            "updated": int,
            "dropped": int,
            "reported_total": int,
            "errors": int,
            "verdict": str,
            "reason": str,
        },
        pk=("run_id", "source"),
    )
    _table(db, "reports").create(
        {"week": str, "audience": str, "path": str, "created": str, "delivered": str},
        pk=("week", "audience"),
    )


@migrations()
def m004_themes(db: Database) -> None:
    """Themes with lasting identities, what each week says of them, and what readers said."""
    _table(db, "themes").create(
        {
            "id": str,
            "label": str,
            "keywords": str,  # JSON list
            "created_week": str,
            "anchor": bytes,  # first centroid: what an identity is measured against
            "centroid": bytes,  # slow moving average, for display and assignment
            "radius": float,  # similarity that admits a new document
            "parent": str,  # the largest theme of its neighbourhood, empty for none
            "merged_into": str,
            "retired_week": str,
        },
        pk="id",
    )
    _table(db, "theme_documents").create(
        {"theme": str, "document": str, "similarity": float, "week": str},
        pk=("theme", "document"),
    )
    _table(db, "theme_documents").create_index(["document"])
    # Births, splits, merges and ends, in the order they were decided.
    _table(db, "theme_events").create(
        {"week": str, "theme": str, "event": str, "other": str, "detail": str},
        pk=("week", "theme", "event", "other"),
    )
    # Weeks the registry has advanced through, with the parameters it used.
    _table(db, "theme_weeks").create({"week": str, "fitted": int, "parameters": str}, pk="week")
    _table(db, "signals").create(
        {
            "theme": str,
            "week": str,
            "class": str,
            "flagged": int,
            "score": float,
            "ratio": float,
            "low": float,
            "high": float,
            "q": float,
            "documents": int,
            "recent": int,
            "organisations": int,
            "cross_flagged": int,
            "cross_score": float,
            "detail": str,  # JSON: the whole Signal and CrossSector
        },
        pk=("theme", "week"),
    )
    _table(db, "signals").create_index(["week"])
    _table(db, "matches").create(
        {
            "theme": str,
            "week": str,
            "region": str,
            "priority": str,
            "score": float,
            "text": float,
            "codes": float,
            "words": float,
            "reasons": str,  # JSON list
        },
        pk=("theme", "week", "region", "priority"),
    )
    _table(db, "judgements").create(
        {"id": int, "theme": str, "verdict": str, "region": str, "note": str, "judged": str},
        pk="id",
    )


@migrations()
def m005_crawl_state(db: Database) -> None:
    """Sites of one organisation differ by document; conditional requests and raw payloads."""
    _table(db, "participations").add_column("nuts", str)
    _table(db, "crawl_results").add_column("landing", str)
    _table(db, "crawl_results").add_column("raw", str)
    # HTTP state (ETag, Last-Modified) of a source's last complete crawl, JSON by URL.
    _table(db, "crawl_state").create({"source": str, "state": str}, pk="source")


@migrations()
def m006_signatures(db: Database) -> None:
    """MinHash signatures: what tells near-duplicates without reading every text again."""
    _table(db, "signatures").create(
        {
            "document": str,
            "kind": str,
            "day": int,  # ordinal of the day it was available
            "signature": bytes,
            "representative": str,  # as documents.duplicate_of, which a new version clears
        },
        pk="document",
    )
    _table(db, "signatures").create_index(["day"])
    _table(db, "signatures").create_index(["representative"])


@migrations()
def m007_theme_history(db: Database) -> None:
    """Memberships that ended stay readable; signals are counted without touching texts."""
    # Present memberships stay in theme_documents; `until` is the week that ended one here.
    _table(db, "theme_documents_past").create(
        {"theme": str, "document": str, "similarity": float, "week": str, "until": str},
        pk=("theme", "document", "week"),
    )
    # Covers what counting needs, so that a week's cost does not follow the texts' size.
    _table(db, "documents").create_index(
        ["id", "published", "available", "kind", "source", "duplicate_of"],
        index_name="idx_documents_evidence",
    )


@migrations()
def m008_search_by_batch(db: Database) -> None:
    """Full-text search is kept up by `save_documents`, a batch at a time.

    Inside a trigger FTS5 writes a segment for every row, five times slower; and the triggers
    also ran for every mark that a later stage puts on a document.
    """
    for name in ("documents_ai", "documents_ad", "documents_au"):
        db.execute(f"DROP TRIGGER {name}")
    # Bytes of new words held before they are written out: a batch of 2,000 abstracts fits.
    db.execute("INSERT INTO documents_fts (documents_fts, rank) VALUES ('hashsize', 33554432)")


@migrations()
def m009_links(db: Database) -> None:
    """Names of technologies that were judged by their meaning, so that each is embedded once."""
    _table(db, "links").create(
        {"label": str, "model": str, "concept": str, "score": float}, pk=("label", "model")
    )
    # With the label, so that the names without a concept are found without reading mentions.
    db.execute("DROP INDEX idx_mentions_kind_concept")
    _table(db, "mentions").create_index(["kind", "concept", "label"])


@migrations()
def m010_rising_words(db: Database) -> None:
    """Rising words per theme: counted in the texts after a fit, read every week until the next."""
    _table(db, "rising_words").create(
        {"week": str, "figures": str},  # JSON: theme -> rising words per recent document
        pk="week",
    )


@migrations()
def m011_judged_sectors(db: Database) -> None:
    """Whose vectors sectors were judged by; enriching anew forgets it."""
    _table(db, "enrichments").add_column("sectors_by", str)


@migrations()
def m012_agreement(db: Database) -> None:
    """How far other cuts of the documents agree with each theme, like rising words."""
    _table(db, "agreement").create(
        {"week": str, "figures": str},  # JSON: theme -> share of it that grows in other cuts
        pk="week",
    )


@migrations()
def m013_themes_past(db: Database) -> None:
    """What a fit replaces of a theme stays readable for the weeks before it."""
    _table(db, "themes_past").create(
        {
            "theme": str,
            "keywords": str,
            "centroid": bytes,
            "parent": str,
            "until": str,  # the fit's week
        },
        pk=("theme", "until"),
    )


@migrations()
def m014_dated_duplicates(db: Database) -> None:
    """Since when a document is another's duplicate, so that earlier weeks count it as they did."""
    _table(db, "documents").add_column("duplicate_since", str)
    _table(db, "signatures").add_column("successor", str)  # what took its place on that day
    _table(db, "signatures").add_column("since", str)
    # Earlier stores do not tell the day; most duplicates are copies, which were so from the start.
    db.execute("UPDATE documents SET duplicate_since = available WHERE duplicate_of > ''")
    db.execute("""
        UPDATE signatures SET successor = representative, since = documents.available
        FROM documents WHERE documents.id = signatures.document AND representative > ''
    """)
    db.execute("DROP INDEX idx_documents_evidence")
    _table(db, "documents").create_index(
        ["id", "published", "available", "kind", "source", "duplicate_since"],
        index_name="idx_documents_evidence",
    )
    db.execute("""
        CREATE INDEX idx_documents_duplicates ON documents (duplicate_since)
        WHERE duplicate_since > ''
    """)


@migrations()
def m015_past_by_document(db: Database) -> None:
    """A document's former places are found without reading all of them."""
    _table(db, "theme_documents_past").create_index(["document"])
