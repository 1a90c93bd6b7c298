"""Stage: landing files into documents, each file once.

A document was available on the day its source says, or else on the day it was published;
not on the day we happened to read it. So a run that comes late sees each week as it was. A
document read again keeps the first day it was available.
"""

import logging
from collections import Counter
from datetime import date
from pathlib import Path

from config.errors import InputError
from config.models import Settings
from pipelines.database import Database
from pipelines.importing.reading import parts
from pipelines.importing.run import limits_of, rejects_file, save_all
from pipelines.store.runs import landing_known, save_ingested, save_landing

log = logging.getLogger(__name__)


def ingest(
    db: Database,
    data: Path,
    settings: Settings,
    counts: Counter[str],
    *,
    today: date,
    only: str = "*",
) -> None:
    """Read every landing file that was not read before; bad lines go to the rejects file.

    *only* is the name of a source whose files are read, instead of all.

    A file counts as read when its last line is saved. One that a kill interrupted is read
    again from its start, which changes nothing for the lines that were saved.
    """
    landing = data / "landing"
    known = landing_known(db)
    for path in sorted(landing.glob(f"{only}/*.jsonl")):
        name = path.relative_to(landing).as_posix()
        if name not in known:
            counts.update(_ingest_file(db, data, settings, path, name, today))
            counts["files"] += 1


def _ingest_file(
    db: Database, data: Path, settings: Settings, path: Path, name: str, today: date
) -> Counter[str]:
    counts: Counter[str] = Counter()
    source, run_id = path.parent.name, path.stem
    with rejects_file(data, f"{source}-{run_id}", name, []) as rejects:
        try:
            found = parts("jsonl", path, limits_of(settings, today), today)
            save_all(db, found, rejects, counts, keep_available=True)
        except InputError as exc:
            log.error("%s", exc)
            counts["broken_files"] += 1
    read_rows = counts["new"] + counts["updated"] + counts["unchanged"]
    with db.atomic():
        save_ingested(db, run_id, source, counts["new"], counts["updated"])
        save_landing(
            db, name, source=source, run_id=run_id, rows=read_rows, rejected=counts["rejected"]
        )
    return counts
