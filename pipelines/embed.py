"""The stage that gives every new text a vector, and judges by meaning what words could not.

New names of technologies get the concept they mean, and sectors are judged once more.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

from config.configuration import Configuration
from config.errors import ConfigError
from config.models import EmbeddingSettings
from config.weeks import last_day
from nlp.documents import Vectors
from nlp.embed import Embedder, configured_name, load_embedder
from nlp.extraction import Text
from nlp.judging import can_judge, judge
from nlp.meaning import VERSION as LINKING
from nlp.meaning import meanings
from nlp.newness import is_short
from nlp.torch_embed import CHARACTERS_PER_TOKEN
from pipelines.analysis import full
from pipelines.database import Database
from pipelines.store import embeddings as store
from pipelines.store import links, sectors
from pipelines.store.themes import model_of_themes

log = logging.getLogger(__name__)

BATCH = 2000  # texts per transaction: about ten seconds of work that a kill can cost
NAMES = 10_000  # names of technologies per transaction, of which every fourth is embedded


def embed(
    db: Database,
    configuration: Configuration,
    counts: Counter[str],
    *,
    week: str,
    embedder: Embedder | None = None,
    ahead: int | None = None,
) -> None:
    """Embed what the configured model has not embedded yet, and nothing else.

    Then names of technologies that have no concept are linked by their meaning (`link_names`),
    and the sectors of texts with a new vector are judged by it too (`judge_sectors`).
    Documents in languages that the model does not know are counted, never embedded.
    ConfigError when the themes belong to another model, before an archive is embedded anew.
    The model is loaded only when there is something to do. *embedder* gets *ahead* texts
    at once, a batch unless told otherwise.
    """
    settings = configuration.settings.embedding
    until = last_day(week).isoformat()
    name = embedder.name if embedder else configured_name(settings)
    check_model(db, name)
    counts["other_language"] += store.count_other_languages(db, settings.languages, until=until)
    keys = store.texts_to_embed(db, name, settings.languages, until=until)
    model = linker_name(configuration, name)
    names = links.names_to_link(db, model)
    if keys or names:
        embedder = embedder or load_embedder(settings)
        embed_texts(db, embedder, counts, keys, step=ahead or BATCH)
        link_names(db, configuration, embedder, model, names)
    counts["linked"] += links.link_mentions(db, model)
    judge_sectors(db, configuration, name, counts, until=until)


def embed_texts(
    db: Database, embedder: Embedder, counts: Counter[str], keys: Sequence[str], *, step: int
) -> None:
    """Embed the texts with *keys*, so many at a *step*, each of which is saved."""
    characters = embedder.max_tokens * CHARACTERS_PER_TOKEN
    for start in range(0, len(keys), step):
        texts = store.texts_of(db, keys[start : start + step], characters=characters)
        vectors = embedder.encode(list(texts.values()))
        store.save_embeddings(db, embedder.name, list(texts), vectors)
        counts["embedded"] += len(texts)
        log.info("embedded %d of %d texts", start + len(texts), len(keys))


def link_names(
    db: Database, configuration: Configuration, embedder: Embedder, model: str, names: Sequence[str]
) -> None:
    """Judge *names* of technologies by their meaning, each once; abbreviations have none."""
    known = meanings(configuration.technologies.values())
    taxonomy = Remembering(db, configuration.settings.embedding, embedder)
    for start in range(0, len(names), NAMES):
        judged = names[start : start + NAMES]
        spelt_out = [name for name in judged if not is_short(name)]
        links.save_links(db, model, judged, known.link(spelt_out, embedder, taxonomy))


def judge_sectors(
    db: Database, configuration: Configuration, model: str, counts: Counter[str], *, until: str
) -> None:
    """Judge the sectors of each document once more, by the vector that *model* gave its text.

    Nothing changes when `nlp.judging` was not made for the vectors of *model*, or where the
    tagger does not know a text's language.
    """
    left = sectors.documents_to_judge(db, model, until=until) if can_judge(model) else []
    if not left:
        return
    finder = judge(configuration)
    for start in range(0, len(left), BATCH):
        rows = sectors.texts_to_judge(db, left[start : start + BATCH])
        read = [row for row in rows if row["language"] == finder.nlp.lang]
        texts = (Text(full(row), len(row["title"])) for row in read)
        vectors = store.vectors_of(db, model, [row["text_key"] for row in read])
        found = dict(zip((row["id"] for row in read), finder.find(texts, vectors), strict=True))
        sectors.save_judged(db, model, [row["id"] for row in rows], found)
        counts["judged"] += len(read)


def linker_name(configuration: Configuration, embedder: str) -> str:
    """Of everything that a link by meaning depends on."""
    concepts = sorted(map(repr, configuration.technologies.values()))
    digest = blake2b(repr(concepts).encode(), digest_size=4).hexdigest()
    return f"{embedder}/{LINKING}/{digest}"


def check_model(db: Database, model: str) -> None:
    """ConfigError when the themes lie in the space of another embedding model."""
    known = model_of_themes(db)
    if known and known != model:
        raise ConfigError(
            f"settings.yml: embedding: the themes of this data folder were made with {known}, "
            f"not with {model}, and cannot be compared; set the model back, or take the "
            "documents to a new data folder (`export documents`, then `import jsonl` there)"
        )


class Remembering:
    """An embedder for texts that come again every week, such as the wording of priorities.

    What was embedded once is read from the store, and the model is loaded only for what was
    not. All vectors are as the store gives them back, so that they are the same each time.
    """

    def __init__(
        self, db: Database, settings: EmbeddingSettings, embedder: Embedder | None = None
    ) -> None:
        self.name = embedder.name if embedder else configured_name(settings)
        self.max_tokens = settings.max_tokens
        self._db, self._settings, self._embedder = db, settings, embedder

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row per text, in order."""
        keys = {
            text: f"text:{blake2b(text.encode(), digest_size=16).hexdigest()}" for text in texts
        }
        known = store.with_vectors(self._db, self.name, list(keys.values()))
        missing = [text for text, key in keys.items() if key not in known]
        if missing:
            self._embedder = self._embedder or load_embedder(self._settings)
            vectors = self._embedder.encode(missing)
            store.save_embeddings(self._db, self.name, [keys[text] for text in missing], vectors)
        return store.vectors_of(self._db, self.name, [keys[text] for text in texts])
