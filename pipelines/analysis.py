"""What a text alone says: language, technologies, sectors, organisations and places."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from config.configuration import Configuration
from nlp.documents import Mention, SectorWeight
from nlp.extraction import Extractor, Findings, Text, extractor
from nlp.language import detect

MOST_TERMS = 10  # keyphrases kept of each document; `extract` gives up to 30

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text alone says; near-duplicates are found among all."""

    language: str
    mentions: tuple[Mention, ...]
    sectors: tuple[SectorWeight, ...]


Analyse = Callable[[Sequence[Row]], Sequence[Analysis]]


def analyser(configuration: Configuration, organisations: Iterable[str]) -> Analyse:
    """The analysis of rows with `title, text, language`; loads the models."""
    finder = extractor(configuration, organisations=organisations)
    known = configuration.settings.embedding.languages

    def analyse(rows: Sequence[Row]) -> list[Analysis]:
        languages = [language_of(row) for row in rows]
        return [
            Analysis(language, mentions_of(findings), findings.sectors)
            for language, findings in zip(
                languages, findings_of(finder, rows, languages, known), strict=True
            )
        ]

    return analyse


def language_of(row: Row) -> str:
    """The language a document is written in; what the source declares helps with short texts."""
    code, _ = detect(full(row), row["language"] or "")
    return code


def full(row: Row) -> str:
    """The text that offsets refer to, as `Document.full` has it."""
    return f"{row['title']}\n{row['text']}".strip()


def findings_of(
    finder: Extractor, rows: Sequence[Row], languages: Sequence[str], known: Sequence[str]
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


def mentions_of(findings: Findings) -> tuple[Mention, ...]:
    """Mentions to store: what was found, and the first keyphrases at their first place."""
    taken = {(one.start, one.end) for one in findings.technologies}
    terms = (
        Mention(*term.places[0], "term", term.text, "", term.score)
        for term in findings.terms[:MOST_TERMS]
        if term.places[0] not in taken
    )
    return (*findings.mentions, *terms)
