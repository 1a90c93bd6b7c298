"""What readers said about themes."""

from config.errors import UsageError
from pipelines.database import Database

VERDICTS = ("known", "irrelevant", "adopted")


def save_judgement(
    db: Database, theme: str, verdict: str, *, region: str, note: str, moment: str
) -> None:
    """Remember a judgement; UsageError when there is no such theme or verdict."""
    if verdict not in VERDICTS:
        raise UsageError(f"{verdict}: one of {', '.join(VERDICTS)} is expected")
    if not any(db.query("SELECT 1 FROM themes WHERE id = ?", [theme])):
        raise UsageError(f"no theme {theme}; `trendscout export themes` lists them")
    row = {"theme": theme, "verdict": verdict, "region": region, "note": note, "judged": moment}
    db.table("judgements").insert(row, pk="id")
