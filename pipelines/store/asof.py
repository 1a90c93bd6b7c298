"""SQL for what stood at the end of a week: independent documents, memberships, themes.

Every query that counts evidence takes its conditions from here, so that a week made up late,
or looked at years later, comes out as it did on time.
"""


def independent(day: str = ":last") -> str:
    """SQL for documents that stood for themselves at the end of *day*: one vote per story."""
    return f"""(coalesce(documents.duplicate_since, '') = ''
        OR documents.duplicate_since > {day})"""


# Every theme's members at the end of :week.
MEMBERS = """
    SELECT theme, document, similarity FROM theme_documents WHERE week <= :week
    UNION ALL
    SELECT theme, document, similarity FROM theme_documents_past
    WHERE week <= :week AND until > :week
"""


def as_of_week(column: str) -> str:
    """SQL for a *column* of `themes` that a fit replaces, as it stood at the end of :week.

    One of `keywords`, `centroid` and `parent`.
    """
    return f"""coalesce(
        (SELECT past.{column} FROM themes_past AS past
         WHERE past.theme = themes.id AND past.until > :week ORDER BY past.until LIMIT 1),
        themes.{column})"""
