"""Plain ways of finding technologies and sectors, to be beaten on the gold set."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.gold_score import Codes, Span
from config.configuration import Configuration
from config.models import Technology
from nlp.candidates import candidates, runs
from nlp.clean import mask
from nlp.embed import load_embedder
from nlp.tagged import TaggedText, tagged_text
from nlp.tagger import load_tagger
from nlp.technologies import Technologies, is_capitals, technologies

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher

SCHEME = "ecosystem"


def technology_baselines(
    given: Sequence[str], configuration: Configuration
) -> dict[str, list[list[Span]]]:
    """Where plain ways find technologies in the texts *given*: name -> spans of each text."""
    nlp = load_tagger()
    concepts = configuration.technologies.values()
    as_written = technologies(nlp, concepts)
    by_lemma = replace(as_written, by_word=on_lemmas(nlp, concepts))
    plain = [mask(text) for text in given]
    read = [tagged_text(nlp(text), text) for text in plain]
    return {
        "gazetteer only": [known(as_written, one) for one in read],
        "gazetteer, on lemmas": [known(by_lemma, one) for one in read],
        "noun phrases only": [noun_phrases(one) for one in read],
    }


def on_lemmas(nlp: "Language", concepts: Iterable[Technology]) -> "PhraseMatcher":
    """The long names of *concepts* by their lemmas, in place of all the forms of a name."""
    from spacy.matcher import PhraseMatcher

    matcher = PhraseMatcher(nlp.vocab, attr="LEMMA")
    for concept in concepts:
        names = [one.lower() for one in (concept.label, *concept.aliases) if not is_capitals(one)]
        if names:
            matcher.add(concept.id, list(nlp.pipe(names)))
    return matcher


def known(gazetteer: Technologies, read: TaggedText) -> list[Span]:
    """The names of the taxonomy in a text."""
    return [(one.start, one.end) for one in gazetteer.find(read)]


def noun_phrases(read: TaggedText) -> list[Span]:
    """Every noun phrase, as if each were a technology."""
    return [place for one in candidates(read, runs(read)) for place in one.places]


def by_keywords(text: str, configuration: Configuration, least: int) -> Codes:
    """Sectors of which at least *least* different indicator terms stand in *text*."""
    lower = f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "
    return frozenset(
        one.code
        for one in configuration.sectors.values()
        if one.scheme == SCHEME
        and sum(f" {term.lower().replace('-', ' ')} " in lower for term in one.terms) >= least
    )


def by_cosine(cosines: dict[str, float], least: float) -> Codes:
    """Sectors whose description is close to a text."""
    return frozenset(code for code, value in cosines.items() if value >= least)


def cosines(given: Sequence[str], configuration: Configuration) -> list[dict[str, float]]:
    """For each text its cosine with every sector's label and description."""
    embedder = load_embedder(configuration.settings.embedding)
    chosen = [one for one in configuration.sectors.values() if one.scheme == SCHEME]
    about = embedder.encode([f"{one.label}. {one.description}" for one in chosen])
    table = embedder.encode(list(given)) @ about.T
    codes = [one.code for one in chosen]
    return [dict(zip(codes, map(float, row), strict=True)) for row in table]
