"""Who stands for a document as of a day, and how its place in a theme passes on."""

from datetime import date

from config.weeks import last_day, week_of
from pipelines.database import Database
from pipelines.store.themes import members_of


def leader(db: Database, document: str, day: str) -> str:
    """What stands for the same evidence as *document* at the end of *day*; maybe itself."""
    sql = "SELECT successor FROM signatures WHERE document = ? AND successor != '' AND since <= ?"
    while row := db.execute(sql, [document, day]).fetchone():
        (document,) = row
    return document


def pass_on(db: Database, week: str) -> None:
    """End the memberships of documents that are duplicates by the end of *week*.

    What stands for them takes their place from the day they became duplicates on, unless it
    has one of its own: an original that is found after its copies, or an older story that a
    later document shows to be the same.
    """
    copies = db.execute(
        """
        SELECT documents.id, documents.duplicate_since
        FROM documents JOIN theme_documents ON theme_documents.document = documents.id
        WHERE documents.duplicate_since > '' AND documents.duplicate_since <= ?
        ORDER BY documents.available, documents.id
        """,
        [last_day(week).isoformat()],
    ).fetchall()
    with db.atomic():
        for copy, since in copies:
            original = leader(db, copy, last_day(week).isoformat())
            since_week = week_of(date.fromisoformat(since))
            names = {"copy": copy, "original": original, "since": since_week, "week": week}
            statements = _LEAVE if members_of(db, [original]) else (*_TAKE_PLACE, *_LEAVE)
            for statement in statements:
                db.conn.execute(statement, names)


_TAKE_PLACE = (
    """
    INSERT OR IGNORE INTO theme_documents (theme, document, similarity, week)
    SELECT theme, :original, similarity, max(week, :since) FROM theme_documents
    WHERE document = :copy
    """,
    """
    INSERT OR IGNORE INTO theme_documents_past (theme, document, similarity, week, until)
    SELECT theme, :original, similarity, max(week, :since), until FROM theme_documents_past
    WHERE document = :copy AND until > :since
    """,
)
_LEAVE = (
    """
    INSERT OR REPLACE INTO theme_documents_past (theme, document, similarity, week, until)
    SELECT theme, document, similarity, week, :week FROM theme_documents WHERE document = :copy
    """,
    "DELETE FROM theme_documents WHERE document = :copy",
)
