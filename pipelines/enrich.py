"""Stage: language, near-duplicates, technologies, sectors, organisations and places."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from config.loader import Configuration
from nlp.dedupe import WINDOW_DAYS, DuplicateIndex, Known, signature
from nlp.documents import Mention, SectorWeight
from nlp.extraction import Extractor, Findings, Text, extractor, extractor_name
from nlp.language import detect
from pipelines.store import enrichment as store

BATCH = 500  # documents a transaction
MOST_TERMS = 10  # keyphrases kept of each document; `extract` gives up to 30


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text alone says; near-duplicates are found among all."""

    language: str
    mentions: tuple[Mention, ...]
    sectors: tuple[SectorWeight, ...]


Analyse = Callable[[Sequence[store.Row]], Sequence[Analysis]]


def enrich(
    db: Database,
    configuration: Configuration,
    counts: Counter[str],
    *,
    week: str,
    analyse: Analyse | None = None,
    ahead: int | None = None,
) -> None:
    """Enrich what was available by the end of *week* and has not been enriched.

    Works in batches of one transaction each, the earliest documents first, so that a
    killed run goes on where it stopped. A document in a language that is not configured
    is kept and its language stored; only its text is not analysed. *analyse* is for those
    who bring a way of their own; it gets *ahead* documents at once, a batch unless told
    otherwise.
    """
    store.settle_groups(db)
    model = extractor_name(configuration)
    first = store.earliest_to_enrich(db, model, week=week)
    if first is None:
        return
    analyse = analyse or analyser(configuration, store.participant_names(db))
    known = index_around(db, store.ordinal(first))
    while rows := store.documents_to_enrich(db, model, week=week, limit=ahead or BATCH):
        found = analyse(rows)
        for start in range(0, len(rows), BATCH):
            batch = slice(start, start + BATCH)
            fresh = [known_of(row) for row in rows[batch]]
            representatives = known.add(fresh)
            enriched = [
                store.Enriched(row["id"], row["text_key"], one.language, one.mentions, one.sectors)
                for row, one in zip(rows[batch], found[batch], strict=True)
            ]
            store.save_enriched(db, model, enriched, fresh, representatives)
            count(counts, enriched, representatives)


def analyser(configuration: Configuration, organisations: Iterable[str]) -> Analyse:
    """The analysis of rows with `title, text, language`; loads the models."""
    finder = extractor(configuration, organisations=organisations)
    known = configuration.settings.embedding.languages

    def analyse(rows: Sequence[store.Row]) -> list[Analysis]:
        languages = [language_of(row) for row in rows]
        return [
            Analysis(language, mentions_of(findings), findings.sectors)
            for language, findings in zip(
                languages, findings_of(finder, rows, languages, known), strict=True
            )
        ]

    return analyse


def index_around(db: Database, first: int) -> DuplicateIndex:
    """The index of everything that a document of day *first* or later could repeat."""
    index = DuplicateIndex()
    index.seed(*store.signatures_since(db, first - WINDOW_DAYS))
    return index


def language_of(row: store.Row) -> str:
    """The language a document is written in; what the source declares helps with short texts."""
    code, _ = detect(full(row), row["language"] or "")
    return code


def full(row: store.Row) -> str:
    """The text that offsets refer to, as `Document.full` has it."""
    return f"{row['title']}\n{row['text']}".strip()


def findings_of(
    finder: Extractor, rows: Sequence[store.Row], languages: Sequence[str], known: Sequence[str]
) -> list[Findings]:
    """Findings for each row; empty ones for languages the tagger does not know."""
    texts = (
        Text(full(row), len(row["title"]))
        for row, language in zip(rows, languages, strict=True)
        if language in known and language == finder.nlp.lang
    )
    stream = finder.extract(texts)
    return [
        next(stream) if language in known and language == finder.nlp.lang else Findings()
        for language in languages
    ]


def known_of(row: store.Row) -> Known:
    """What deciding about duplicates needs of a row."""
    return Known(row["id"], row["kind"], store.ordinal(row["available"]), signature(full(row)))


def mentions_of(findings: Findings) -> tuple[Mention, ...]:
    """Mentions to store: what was found, and the first keyphrases at their first place."""
    taken = {(one.start, one.end) for one in findings.technologies}
    terms = (
        Mention(*term.places[0], "term", term.text, "", term.score)
        for term in findings.terms[:MOST_TERMS]
        if term.places[0] not in taken
    )
    return (*findings.mentions, *terms)


def count(
    counts: Counter[str], enriched: Sequence[store.Enriched], representatives: dict[str, str]
) -> None:
    """Add a batch to the stage's counts."""
    counts["documents"] += len(enriched)
    counts["duplicates"] += sum(1 for one in enriched if representatives.get(one.id))
    counts["not_analysed"] += sum(1 for one in enriched if not one.mentions and not one.sectors)
    for one in enriched:
        for mention in one.mentions:
            counts[f"{mention.kind}s".replace("technologys", "technologies")] += 1
        counts["sectors"] += len(one.sectors)
