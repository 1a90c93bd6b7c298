"""Everything found in a text at once: `enrich` and `trendscout extract` share this."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nlp.background import Background, background
from nlp.candidates import candidates, runs
from nlp.clean import mask, squeeze
from nlp.documents import Mention, SectorWeight, Vector
from nlp.embed import Embedder, load_embedder
from nlp.labeller import Labeller, labeller
from nlp.linking import Linker, linker
from nlp.opennames import technologies_in
from nlp.places import Gazetteer, gazetteer
from nlp.sectors import Label, Sectors, sectors
from nlp.tagged import TaggedText, tagged_text
from nlp.tagger import load_tagger, tagger_name
from nlp.technologies import Technologies, technologies
from nlp.terms import Closeness, Term, rank

if TYPE_CHECKING:
    from spacy.language import Language

    from config.configuration import Configuration

VERSION = "14"  # raise it when the same text and configuration would give other findings
BATCH = 64  # texts tagged together
ZONE = 1024  # texts after which spaCy forgets the words it met, so that memory stays flat
MOST_LINE = 20_000_000  # characters of one line of `extract`


Positions = npt.NDArray[np.intp] | None  # see `nlp.clean.squeeze`


@dataclass(frozen=True, slots=True)
class Text:
    """A text to look through; *title_end* is where its title ends, 0 when it has none."""

    text: str
    title_end: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """What a text holds; every offset refers to the text as it was given."""

    terms: tuple[Term, ...] = ()
    technologies: tuple[Mention, ...] = ()
    sectors: tuple[SectorWeight, ...] = ()
    organisations: tuple[Mention, ...] = ()
    places: tuple[Mention, ...] = ()

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """All that has a place in the text."""
        return (*self.technologies, *self.organisations, *self.places)


@dataclass(frozen=True, slots=True)
class Extractor:
    """Finds terms, technologies, sectors, organisations and places; build with `extractor`."""

    nlp: "Language"
    technologies: Technologies
    sectors: Sectors
    linker: Linker
    labeller: Labeller
    gazetteer: Gazetteer
    background: Background
    embedder: Embedder | None = None  # ranks terms and knows sectors better, ten times slower

    def extract(self, texts: Iterable[str | Text]) -> Iterator[Findings]:
        """Findings for each text, in order, as a stream."""
        stream = iter(texts)
        while zone := list(islice(stream, ZONE)):
            given = [one if isinstance(one, Text) else Text(one) for one in zone]
            plain = [squeeze(mask(one.text)) for one in given]
            vectors: Sequence[Vector | None] = [None] * len(given)
            if self.embedder:
                vectors = list(self.embedder.encode([text for text, _ in plain]))
            with self.nlp.memory_zone():
                docs = self.nlp.pipe((text for text, _ in plain), batch_size=BATCH)
                found = [
                    self._findings(tagged_text(doc, text), one, positions, vector)
                    for doc, (text, positions), one, vector in zip(
                        docs, plain, given, vectors, strict=True
                    )
                ]
            yield from found

    def _findings(
        self, tagged: TaggedText, given: Text, positions: Positions, vector: Vector | None
    ) -> Findings:
        """*tagged* is *given* without noise; *positions* says where its characters stood."""
        phrases = runs(tagged)
        title_end = place_in(positions, given.title_end)
        closeness = None
        if self.embedder and vector is not None:
            closeness = closeness_to(vector, self.embedder)
            if not self.sectors.vectors.reads(self.embedder.name):
                vector = None
        found = technologies_in(
            tagged,
            phrases,
            self.technologies.find(tagged),
            title_end=title_end,
            linker=self.linker,
            labeller=self.labeller,
        )
        terms = candidates(tagged, phrases)
        back = Back(given.text, positions)
        return Findings(
            terms=tuple(map(back.term, rank(terms, self.background, closeness=closeness))),
            technologies=back.mentions(found),
            sectors=tuple(self.sectors.find(tagged, title_end, vector)),
            organisations=back.mentions(self.gazetteer.find_organisations(tagged)),
            places=back.mentions(self.gazetteer.find_places(tagged)),
        )


def place_in(positions: Positions, place: int) -> int:
    """Where the character at *place* of a text is in what `squeeze` made of it."""
    return place if positions is None else int(np.searchsorted(positions, place))


def closeness_to(text: Vector, embedder: Embedder) -> Closeness:
    """Cosine of a phrase's vector and that of a *text* (EmbedRank, Bennani-Smires 2018)."""

    def measure(phrases: Sequence[str]) -> list[float]:
        vectors = embedder.encode([phrase.lower() for phrase in phrases])
        return [float(value) for value in vectors @ text]

    return measure


def extractor(
    configuration: "Configuration",
    *,
    organisations: Iterable[str] = (),
    embedder: Embedder | None = None,
) -> Extractor:
    """The extractor for *configuration*; *organisations* are names of known participants.

    With an *embedder* terms are also ranked by how close they are to their text, and sectors
    are judged by its vector too.
    """
    nlp = load_tagger(configuration.settings.spacy_model)
    if nlp.has_pipe("lemmatizer"):
        nlp.disable_pipe("lemmatizer")  # nothing here asks for lemmas
    members = {name for cluster in configuration.clusters.values() for name in cluster.members}
    return Extractor(
        nlp,
        technologies(nlp, configuration.technologies.values()),
        sectors(nlp, labels_of(configuration), background()),
        linker(configuration.technologies.values()),
        labeller(),
        gazetteer(nlp, {*organisations, *members}),
        background(),
        embedder,
    )


def extractor_name(configuration: "Configuration") -> str:
    """Of everything a finding depends on; loads no model, so that asking costs nothing.

    Names of participants are left out: they grow every week and make no old finding stale.
    """
    rules = [
        sorted(map(repr, configuration.technologies.values())),
        sorted(map(repr, labels_of(configuration))),
    ]
    digest = blake2b(json.dumps(rules).encode(), digest_size=4).hexdigest()
    return f"{tagger_name(configuration.settings.spacy_model)}/{VERSION}/{digest}"


def labels_of(configuration: "Configuration") -> Iterator[Label]:
    """Sectors, challenges and value-chain steps that have indicator terms."""
    for sector in configuration.sectors.values():
        if sector.terms:
            yield Label(sector.scheme, sector.code, sector.terms)
    for scheme, found in (
        ("challenge", configuration.challenges),
        ("value_chain", configuration.value_chain),
    ):
        for one in found.values():
            yield Label(scheme, one.code, one.terms)


@dataclass(frozen=True, slots=True)
class Back:
    """The way back from the tagged text to the one that was given."""

    text: str
    positions: Positions

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the given text."""
        if self.positions is None:
            return start, end
        return int(self.positions[start]), int(self.positions[end - 1]) + 1

    def mentions(self, found: Iterable[Mention]) -> tuple[Mention, ...]:
        """*found* in order, labelled with the very characters of the given text."""
        moved = []
        for one in found:
            start, end = self.place(one.start, one.end)
            label = self.text[start:end]
            moved.append(Mention(start, end, one.kind, label, one.concept, one.score))
        return tuple(sorted(moved, key=lambda mention: (mention.start, mention.end)))

    def term(self, one: Term) -> Term:
        """*one* with its places and its characters in the given text, line breaks made spaces."""
        places = tuple(self.place(start, end) for start, end in one.places)
        start, end = places[0]
        return Term(" ".join(self.text[start:end].split()), one.score, one.key, places)


# --- trendscout extract ----------------------------------------------------------


def extract_lines(groups: Iterable[Sequence[str]], configuration: "Configuration") -> Iterator[str]:
    """One line of JSON for each line in *groups* (`{"id", "text"}`), in order.

    A group is answered before the next one is asked for, so that whoever waits for an answer
    before he sends more gets it. A line that cannot be used is answered with
    `{"line", "error"}` and the rest goes on; empty lines are passed over.
    """
    embedder = load_embedder(configuration.settings.embedding)
    finder = extractor(configuration, embedder=embedder)
    passed = 0
    for group in groups:
        numbered = enumerate(group, start=passed + 1)
        read = [read_text(line, number) for number, line in numbered if line.strip()]
        passed += len(group)
        texts = (str(one.get("text", "")) if "error" not in one else "" for one in read)
        for one, findings in zip(read, finder.extract(texts), strict=True):
            answer = one if "error" in one else {"id": one["id"], **as_json(findings)}
            yield json.dumps(answer, ensure_ascii=False)


def read_text(line: str, number: int) -> dict[str, Any]:
    """`{"id", "text"}` from a line, or `{"line", "error"}` (with the id when it can be read)."""
    if len(line) > MOST_LINE:
        return {"line": number, "error": f"longer than {MOST_LINE:,} characters"}
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as exc:
        return {"line": number, "error": f"not JSON: {exc}"}
    if not isinstance(value, dict):
        return {"line": number, "error": "a JSON object is expected"}
    if not isinstance(value.get("text"), str):
        wrong = "text: a string is expected" if "text" in value else "text: missing"
        return {"id": value.get("id"), "line": number, "error": wrong}
    # A lone surrogate cannot be written out again as UTF-8.
    text = value["text"].encode("utf-8", "replace").decode("utf-8")
    return {"id": value.get("id", number), "text": text}


def as_json(findings: Findings) -> dict[str, Any]:
    """*findings* in the shape of the exchange format."""
    return {
        "terms": [{"text": term.text, "score": term.score} for term in findings.terms],
        "technologies": [
            {
                "text": one.label,
                "start": one.start,
                "end": one.end,
                "concept": one.concept or None,
                "score": one.score,
            }
            for one in findings.technologies
        ],
        "sectors": [
            {
                "scheme": one.scheme,
                "code": one.code,
                "weight": one.weight,
                "evidence": list(one.evidence),
            }
            for one in findings.sectors
        ],
        "organisations": [
            {"text": one.label, "start": one.start, "end": one.end}
            for one in findings.organisations
        ],
        "places": [
            {"text": one.label, "start": one.start, "end": one.end, "nuts": one.concept}
            for one in findings.places
        ],
    }
