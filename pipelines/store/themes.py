"""Themes, their documents and the weeks they were advanced through.

`themes` and `theme_documents` hold the present; what a fit replaced is kept in `themes_past`,
memberships that ended in `theme_documents_past`, so that every earlier week can be read as it
stood.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.documents import Vectors
from pipelines.database import Database
from pipelines.store.asof import independent

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A live theme as it is stored."""

    id: str
    label: str
    keywords: tuple[str, ...]
    created_week: str
    anchor: Floats
    centroid: Floats
    radius: float
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A document's place in a theme."""

    theme: str
    document: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Texts:
    """Documents with their vectors, sorted by id."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.ids)


# --- weeks -------------------------------------------------------------------


def advanced_weeks(db: Database) -> list[tuple[str, bool]]:
    """Weeks the themes went through, oldest first, and whether each was a fit."""
    rows = db.execute("SELECT week, fitted FROM theme_weeks ORDER BY week")
    return [(week, bool(fitted)) for week, fitted in rows]


def model_of_themes(db: Database) -> str:
    """The embedding model of the newest week's themes; empty when there are none."""
    row = db.execute(
        "SELECT json_extract(parameters, '$.model') FROM theme_weeks ORDER BY week DESC LIMIT 1"
    ).fetchone()
    return str(row[0] or "") if row else ""


def save_week(
    db: Database,
    week: str,
    *,
    fitted: bool,
    parameters: Mapping[str, object],
    themes: Sequence[ThemeRow],
    members: Iterable[Membership],
    leaving: Iterable[tuple[str, str]] = (),
    ended: Mapping[str, str] | None = None,
    events: Iterable[tuple[str, str, str, str]] = (),
) -> None:
    """Everything that *week* changed, in one transaction.

    *themes* are inserted or brought up to date, *leaving* are (theme, document) pairs that
    no longer hold, *ended* maps themes to what they were merged into (or an empty text).
    """
    with db.atomic():
        db.conn.executemany(
            """
            INSERT OR IGNORE INTO themes_past (theme, keywords, centroid, parent, until)
            SELECT id, keywords, centroid, parent, ? FROM themes WHERE id = ? AND created_week < ?
            """,
            [(week, t.id, week) for t in themes],
        )
        db.conn.executemany(
            """
            INSERT INTO themes (id, label, keywords, created_week, anchor, centroid, radius, parent,
                                merged_into, retired_week)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '')
            ON CONFLICT (id) DO UPDATE SET label = excluded.label, keywords = excluded.keywords,
                centroid = excluded.centroid, radius = excluded.radius, parent = excluded.parent
            """,
            [
                (t.id, t.label, json.dumps(t.keywords, ensure_ascii=False), t.created_week,
                 t.anchor.tobytes(), t.centroid.tobytes(), t.radius, t.parent)
                for t in themes
            ],
        )  # fmt: skip
        gone = sorted(leaving)
        db.conn.executemany(
            """
            INSERT OR REPLACE INTO theme_documents_past (theme, document, similarity, week, until)
            SELECT theme, document, similarity, week, ? FROM theme_documents
            WHERE theme = ? AND document = ?
            """,
            [(week, theme, document) for theme, document in gone],
        )
        db.conn.executemany("DELETE FROM theme_documents WHERE theme = ? AND document = ?", gone)
        db.conn.executemany(
            """
            INSERT OR IGNORE INTO theme_documents (theme, document, similarity, week)
            VALUES (?, ?, ?, ?)
            """,
            [(m.theme, m.document, round(m.similarity, 4), week) for m in members],
        )
        db.conn.executemany(
            "UPDATE themes SET merged_into = ?, retired_week = ? WHERE id = ?",
            [(into, week, theme) for theme, into in sorted((ended or {}).items())],
        )
        db.conn.executemany(
            "INSERT OR REPLACE INTO theme_events (week, theme, event, other, detail)"
            " VALUES (?, ?, ?, ?, ?)",
            [(week, *event) for event in events],
        )
        db.conn.execute(
            "INSERT OR REPLACE INTO theme_weeks (week, fitted, parameters) VALUES (?, ?, ?)",
            (week, int(fitted), json.dumps(parameters, sort_keys=True)),
        )


# --- themes --------------------------------------------------------------------


def live_themes(db: Database, week: str) -> list[ThemeRow]:
    """Themes that exist at the end of *week*, by id."""
    rows = db.execute(
        """
        SELECT id, label, keywords, created_week, anchor, centroid, radius, parent FROM themes
        WHERE created_week <= :week AND (coalesce(retired_week, '') = '' OR retired_week > :week)
        ORDER BY id
        """,
        {"week": week},
    )
    return [
        ThemeRow(name, label, tuple(json.loads(keywords)), created, _vector(anchor),
                 _vector(centroid), float(radius), parent or "")
        for name, label, keywords, created, anchor, centroid, radius, parent in rows
    ]  # fmt: skip


def _vector(blob: bytes) -> Floats:
    return np.frombuffer(blob, dtype=np.float32)


def next_theme_number(db: Database) -> int:
    """The number after the highest that was ever given."""
    ((highest,),) = db.execute("SELECT max(CAST(substr(id, 3) AS INTEGER)) FROM themes")
    return int(highest or 0) + 1


def members_of(db: Database, documents: Sequence[str]) -> dict[str, str]:
    """The present theme of each of *documents* that has one."""
    rows = db.execute(
        """
        SELECT document, theme FROM theme_documents
        WHERE document IN (SELECT value FROM json_each(?))
        """,
        [json.dumps(list(documents))],
    )
    return dict(rows)


# --- texts -----------------------------------------------------------------------


def texts_between(
    db: Database,
    model: str,
    first: str,
    last: str,
    *,
    by: str = "available",
    unassigned: bool = False,
    since: str = "",
    only: Sequence[str] | None = None,
) -> Texts:
    """Documents that came between two days (both included) and have a vector of *model*.

    *by* is the date that counts: `available`, or `published` for those available by
    *last*; those published before *since* are left out, and duplicates. With *unassigned*,
    only documents of no theme.
    """
    found = db.execute(
        f"""
        SELECT documents.id, documents.title || '. ' || documents.text, embeddings.vector
        FROM documents JOIN embeddings
          ON embeddings.text_key = documents.text_key AND embeddings.model = :model
        WHERE documents.available <= :last AND documents.{_DATE[by]} BETWEEN :first AND :last
          AND documents.published >= :since AND {independent()}
          {_UNASSIGNED if unassigned else ""}
          {_ONLY if only is not None else ""}
        ORDER BY documents.id
        """,
        {
            "model": model,
            "first": first,
            "last": last,
            "since": since,
            **({"only": json.dumps(list(only))} if only is not None else {}),
        },
    ).fetchall()
    if not found:
        return Texts((), (), np.empty((0, 0), dtype=np.float32))
    ids, texts, blobs = zip(*found, strict=True)
    halves = np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(blobs), -1)
    vectors = halves.astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Texts(ids, texts, vectors)


_DATE = {"available": "available", "published": "published"}
_UNASSIGNED = """
    AND NOT EXISTS (SELECT 1 FROM theme_documents WHERE theme_documents.document = documents.id)
"""
_ONLY = "AND documents.id IN (SELECT value FROM json_each(:only))"


def titles_of(db: Database, documents: Sequence[str]) -> list[str]:
    """Titles of *documents*, in their order."""
    rows = db.execute(
        "SELECT id, title FROM documents WHERE id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(documents))],
    )
    titles = dict(rows)
    return [titles[name] for name in documents if name in titles]


def unassigned_share(db: Database, model: str, first: str, last: str) -> float:
    """Share of the embedded documents that a fit of those days looks at and no theme holds."""
    ((total, outside),) = db.execute(
        f"""
        SELECT count(*), coalesce(sum(NOT EXISTS (
            SELECT 1 FROM theme_documents WHERE theme_documents.document = documents.id
        )), 0)
        FROM documents
        WHERE published BETWEEN :first AND :last AND available <= :last
          AND {independent()}
          AND EXISTS (SELECT 1 FROM embeddings
                      WHERE embeddings.text_key = documents.text_key AND embeddings.model = :model)
        """,
        {"model": model, "first": first, "last": last},
    )
    return outside / total if total else 0.0


def heirs(db: Database, week: str) -> dict[str, str]:
    """Themes that were retired by *week*, and what each was merged into; empty for nothing."""
    sql = "SELECT id, merged_into FROM themes WHERE retired_week != '' AND retired_week <= ?"
    return {theme: heir or "" for theme, heir in db.execute(sql, [week])}


def followed(steps: Mapping[str, str], theme: str) -> str:
    """Where *steps* from theme to theme end, begun at *theme*; an empty step ends them too."""
    while steps.get(theme):
        theme = steps[theme]
    return theme


def split_off(db: Database, after: str, week: str) -> dict[str, str]:
    """Themes split off another one after the week *after* and up to *week*, and from which."""
    return dict(
        db.execute(
            "SELECT theme, other FROM theme_events"
            " WHERE event = 'split' AND week > ? AND week <= ? ORDER BY week, theme",
            (after, week),
        )
    )


def events_of(db: Database, week: str) -> list[dict[str, str]]:
    """What happened to identities in *week*: births, splits, mergers and ends."""
    return list(
        db.query(
            "SELECT theme, event, other, detail FROM theme_events WHERE week = ?"
            " ORDER BY event, theme",
            [week],
        )
    )
