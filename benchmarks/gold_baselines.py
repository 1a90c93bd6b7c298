"""Plain ways of finding technologies and sectors, to be beaten on the gold set."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.gold_score import Codes, Span
from config.loader import Configuration
from nlp.candidates import candidates, runs
from nlp.clean import mask
from nlp.embed import load_embedder
from nlp.tagged import tagged_text

if TYPE_CHECKING:
    from spacy.language import Language

SCHEME = "ecosystem"


def noun_phrases(nlp: "Language", text: str) -> list[Span]:
    """Every noun phrase, as if each were a technology."""
    plain = mask(text)
    tagged = tagged_text(nlp(plain), plain)
    return [place for one in candidates(tagged, runs(tagged)) for place in one.places]


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
