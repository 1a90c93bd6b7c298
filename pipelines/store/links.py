"""Names of technologies that were judged by their meaning, each once for a model and taxonomy."""

from collections.abc import Iterable, Mapping

from pipelines.database import Database


def names_to_link(db: Database, model: str) -> list[str]:
    """Labels of technologies without a concept that *model* has not judged, in order."""
    sql = """
        SELECT DISTINCT label FROM mentions
        WHERE kind = 'technology' AND concept = '' AND NOT EXISTS (
            SELECT 1 FROM links WHERE links.label = mentions.label AND links.model = ?
        )
        ORDER BY label
    """
    return [label for (label,) in db.conn.execute(sql, [model])]


def save_links(
    db: Database, model: str, judged: Iterable[str], links: Mapping[str, tuple[str, float]]
) -> None:
    """What *model* judged: *links* holds label -> concept and cosine for those that have one."""
    rows = [(label, model, *links.get(label, ("", 0.0))) for label in judged]
    with db.atomic():
        db.conn.executemany(
            "INSERT OR REPLACE INTO links (label, model, concept, score) VALUES (?, ?, ?, ?)", rows
        )


def link_mentions(db: Database, model: str) -> int:
    """Give the concepts that *model* found to the mentions of their names; returns how many."""
    sql = """
        UPDATE mentions SET concept = links.concept, score = links.score FROM links
        WHERE links.model = ? AND links.concept != ''
          AND mentions.kind = 'technology' AND mentions.concept = ''
          AND mentions.label = links.label
    """
    with db.atomic():
        return int(db.conn.execute(sql, [model]).rowcount)
