"""What a store says that runs for years, as cron keeps it; for `python -m benchmarks.backtest`.

Every week is gone through with the stages of a run: themes are carried on from fit to fit and
documents admitted in between. At a cut-off its signals are judged like those of a fresh fit.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.stability import filled
from config.configuration import Configuration
from config.weeks import last_day, shift
from nlp.arrays import Integers
from nlp.hindcast import Corpus, Prediction, outcomes
from nlp.risingwords import word_table
from nlp.signals import weekly_signals
from nlp.themes import Found
from pipelines.database import Database
from pipelines.reporting.hindsight import Replay, rivals_of
from pipelines.signals import gather
from pipelines.store.themes import ThemeRow, live_themes
from pipelines.themes import themes


def kept(corpus: Corpus, configuration: Configuration, cutoffs: Sequence[str]) -> Iterator[Replay]:
    """The cut-offs in turn, judged in one store that is taken through all weeks between."""
    last = last_day(max(cutoffs)).toordinal()
    rows = np.flatnonzero((corpus.published <= last) & (corpus.available <= last))
    with filled(corpus, rows, configuration) as db:
        week = min(cutoffs)
        while week <= max(cutoffs):
            themes(db, configuration, Counter(), week=week)
            if week in cutoffs:
                yield judged(db, corpus, configuration, week)
            week = shift(week, 1)


def judged(db: Database, corpus: Corpus, configuration: Configuration, week: str) -> Replay:
    """What the store says in *week*, and what became of it."""
    settings = configuration.settings
    live = live_themes(db, week)
    known = np.flatnonzero(corpus.available <= last_day(week).toordinal())
    place = {corpus.ids[int(row)]: number for number, row in enumerate(known)}
    members: dict[str, list[int]] = {row.id: [] for row in live}
    for theme, document in db.execute("SELECT theme, document FROM theme_documents"):
        if theme in members:
            members[theme].append(place[document])
    prediction = Prediction(
        week=week,
        themes=[_found(row, np.array(members[row.id], dtype=np.int64)) for row in live],
        documents=known,
        words=word_table([]),
        signals=weekly_signals(gather(db, settings, week), settings.gates),
        centroids=np.stack([row.centroid for row in live]),
    )
    return Replay(prediction, outcomes(corpus, prediction), rivals_of(corpus, prediction))


def _found(row: ThemeRow, members: Integers) -> Found:
    """A theme of the store as a fit would have found it; how near its members lie is not asked."""
    return Found(
        members=members,
        similarity=np.ones(len(members), dtype=np.float32),
        centroid=row.centroid,
        radius=row.radius,
        keywords=row.keywords,
        label=row.label,
    )
