"""`enrich` and `embed` on several cores and machines, over Ray Data (extra `[ray]`).

The stages stay as they are; only what their models do is spread over workers that each load
their own model once. What they find is kept as Parquet in the folder `spread` beside the
database until the stage is over, so a killed run goes on where it stopped. The machines
share no disk: Ray carries texts and results.
"""

import logging
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from config.configuration import Configuration
from config.errors import ConfigError, StageFailed
from config.models import EmbeddingSettings
from nlp.documents import Mention, SectorWeight, Vectors
from nlp.embed import configured_name, load_embedder
from nlp.extraction import extractor_name
from nlp.modelfolder import model_folder
from pipelines.analysis import Analysis, analyser
from pipelines.database import Database
from pipelines.embed import embed
from pipelines.enrich import enrich
from pipelines.exchange import key_of
from pipelines.store import folder_of
from pipelines.store.enrichment import participant_names

log = logging.getLogger(__name__)

AHEAD = 20_000  # texts that are worked on before the first of them is saved
PART = 200  # texts a worker gets at once: some seconds of work, which a kill can cost it

Row = dict[str, Any]
Worker = Callable[[pa.Table], pa.Table]  # a class with a model; Ray makes one for each actor

MENTION = pa.struct(
    {"start": pa.int64(), "end": pa.int64(), "kind": pa.string(), "label": pa.string(),
     "concept": pa.string(), "score": pa.float64()}
)  # fmt: skip
SECTOR = pa.struct(
    {"scheme": pa.string(), "code": pa.string(), "weight": pa.float64(),
     "evidence": pa.list_(pa.string())}
)  # fmt: skip
ANALYSIS = {"language": pa.string(), "mentions": pa.list_(MENTION), "sectors": pa.list_(SECTOR)}


# --- stages ----------------------------------------------------------------------


def spread_enrich(
    db: Database,
    configuration: Configuration,
    counts: Counter[str],
    *,
    week: str,
    folder: Path | None = None,
) -> None:
    """`enrich`, with the texts analysed by one worker for each core.

    Near-duplicates are still found here, one document after the other: their order matters.
    """
    need_ray()
    organisations = participant_names(db)
    members = [one.members for one in configuration.clusters.values()]
    languages = configuration.settings.embedding.languages
    name = key_of(repr((extractor_name(configuration), organisations, members, languages)))
    parts = (folder or folder_of(db) / "spread") / "enrich"

    def analyse(rows: Sequence[Row]) -> list[Analysis]:
        todo = [{column: row[column] or "" for column in ("title", "text", "language")}
                for row in rows]  # fmt: skip
        given = {"configuration": configuration, "organisations": organisations}
        return [analysis_of(one) for one in spread(AnalysisWorker, given, todo, parts / name)]

    enrich(db, configuration, counts, week=week, analyse=analyse, ahead=AHEAD)
    shutil.rmtree(parts, ignore_errors=True)


def spread_embed(
    db: Database,
    configuration: Configuration,
    counts: Counter[str],
    *,
    week: str,
    folder: Path | None = None,
) -> None:
    """`embed`, with the texts embedded by one worker for each machine."""
    need_ray()
    parts = (folder or folder_of(db) / "spread") / "embed"
    embedder = SpreadEmbedder(configuration.settings.embedding, parts)
    embed(db, configuration, counts, week=week, embedder=embedder, ahead=AHEAD)
    shutil.rmtree(parts, ignore_errors=True)


class SpreadEmbedder:
    """An `Embedder` that lets workers embed; loads no model itself."""

    def __init__(self, settings: EmbeddingSettings, folder: Path) -> None:
        self.name = configured_name(settings)
        self.max_tokens = model_folder(settings.model, max_tokens=settings.max_tokens).max_tokens
        self._settings = settings
        self._folder = folder / key_of(repr((self.name, settings)))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, dimensions)."""
        todo = [{"text": text} for text in texts]
        given = {"settings": self._settings}
        found = spread(EmbeddingWorker, given, todo, self._folder, whole_machines=True)
        return np.stack([np.frombuffer(one["vector"], dtype=np.float32) for one in found])


def need_ray() -> None:
    """ConfigError when the setting `workers` asks for what is not installed."""
    if find_spec("ray") is None:
        raise ConfigError(
            "settings.yml: workers: ray is not installed: pip install 'trendscout[ray]'"
        )


# --- workers ---------------------------------------------------------------------


class AnalysisWorker:
    """Language, mentions and sectors of a table of texts."""

    def __init__(self, configuration: Configuration, organisations: Sequence[str]) -> None:
        self.analyse = analyser(configuration, organisations)

    def __call__(self, batch: pa.Table) -> pa.Table:
        rows = [
            {
                "language": one.language,
                "mentions": [fields(mention) for mention in one.mentions],
                "sectors": [fields(sector) for sector in one.sectors],
            }
            for one in self.analyse(batch.to_pylist())
        ]
        table = pa.Table.from_pylist(rows, schema=pa.schema(ANALYSIS))
        return table.append_column("key", batch["key"])


class EmbeddingWorker:
    """Vectors of a table of texts, as bytes of 32-bit floats."""

    def __init__(self, settings: EmbeddingSettings) -> None:
        self.embedder = load_embedder(settings)

    def __call__(self, batch: pa.Table) -> pa.Table:
        vectors = self.embedder.encode(batch["text"].to_pylist())
        return pa.table({"vector": [row.tobytes() for row in vectors], "key": batch["key"]})


def fields(value: Mention | SectorWeight) -> Row:
    """A flat value as a row."""
    return {name: getattr(value, name) for name in value.__slots__}


def analysis_of(row: Mapping[str, Any]) -> Analysis:
    """What `AnalysisWorker` put into *row*."""
    return Analysis(
        row["language"],
        tuple(Mention(**one) for one in row["mentions"]),
        tuple(SectorWeight(**{**one, "evidence": tuple(one["evidence"])})
              for one in row["sectors"]),
    )  # fmt: skip


# --- Ray -------------------------------------------------------------------------


def spread(
    worker: type[Worker],
    arguments: Mapping[str, Any],
    rows: Sequence[Row],
    folder: Path,
    *,
    whole_machines: bool = False,
) -> list[Row]:
    """What *worker* makes of each of *rows*, in their order.

    Rows are known by what they hold: equal rows are worked on once, and those that have a
    result in *folder* not at all. A worker takes a core, or with *whole_machines* all cores
    of a machine. Raises StageFailed when a worker or the cluster fails.
    """
    keys = keys_of(rows)
    found = found_in(folder, keys)
    left = {key: {**row, "key": key} for key, row in zip(keys, rows, strict=True)
            if key not in found}  # fmt: skip
    if left:
        folder.mkdir(parents=True, exist_ok=True)
        with cluster() as cores:
            count, each = (len(cores), min(cores)) if whole_machines else (sum(cores), 1)
            log.info("%d texts for %d workers", len(left), count)
            todo = list(left.values())
            for table in results(worker, arguments, todo, workers=count, cores=each):
                keep(table, folder)
        found |= found_in(folder, left)
    return [found[key] for key in keys]


def keys_of(rows: Iterable[Row]) -> list[str]:
    """What results are filed under: the same content, the same key."""
    return [key_of(repr(sorted(row.items()))) for row in rows]


def keep(table: pa.Table, folder: Path) -> None:
    """One more Parquet file of results, whole or not at all."""
    number = len(list(folder.glob("*.parquet")))
    scratch = folder / "unfinished"
    pq.write_table(table, scratch)
    scratch.replace(folder / f"{number:08}.parquet")


def found_in(folder: Path, keys: Iterable[str]) -> dict[str, Row]:
    """Results for those of *keys* that have one."""
    wanted = set(keys)
    found: dict[str, Row] = {}
    for path in sorted(folder.glob("*.parquet")):
        rows = pq.read_table(path).to_pylist()
        found |= {row["key"]: row for row in rows if row["key"] in wanted}
    return found


def results(
    worker: type[Worker],
    arguments: Mapping[str, Any],
    rows: Sequence[Row],
    *,
    workers: int,
    cores: int,
) -> Iterator[pa.Table]:
    """Tables of results, as they come; at most *workers* with *cores* each are at work.

    The texts are handed over from here: reading files would be a task of Ray's own, and wait
    for ever for a core when the workers hold them all.
    """
    import ray

    todo = [pa.Table.from_pylist(rows[at : at + PART]) for at in range(0, len(rows), PART)]
    found = ray.data.from_arrow(todo).map_batches(
        worker,
        fn_constructor_kwargs=dict(arguments),
        batch_size=None,  # a table at once
        batch_format="pyarrow",
        num_cpus=cores,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=min(workers, len(todo))),
    )
    try:
        yield from found.iter_batches(batch_size=None, batch_format="pyarrow")
    except ray.exceptions.RayError as exc:
        raise StageFailed(f"a worker failed: {exc}") from exc


@contextmanager
def cluster() -> Iterator[list[int]]:
    """Cores of each machine: of the cluster at `RAY_ADDRESS`, else of this machine alone."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report home
    import ray

    try:
        ray.init(
            os.environ.get("RAY_ADDRESS", "local"),
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.WARNING,
        )
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as exc:
        raise StageFailed(f"Ray does not start: {exc}") from exc
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # failures reach us anyway
        cores = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        yield [count for count in cores if count]
    finally:
        ray.shutdown()
