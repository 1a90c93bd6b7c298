"""Everything found in a text at once: `enrich` and `trendscout extract` share this."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, Any

from nlp.background import Background, background
from nlp.candidates import Candidate, candidates
from nlp.clean import mask
from nlp.documents import Mention, SectorWeight
from nlp.newness import LEAST, technology_score
from nlp.places import Gazetteer, gazetteer
from nlp.sectors import Label, Sectors, sectors
from nlp.tagger import load_tagger, tagger_name
from nlp.technologies import Technologies, technologies
from nlp.terms import Term, rank

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from config.loader import Configuration

VERSION = "1"  # raise it when the same text and configuration would give other findings
BATCH = 64  # texts tagged together
ZONE = 1024  # texts after which spaCy forgets the words it met, so that memory stays flat
MOST_LINE = 20_000_000  # characters of one line of `extract`


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
    gazetteer: Gazetteer
    background: Background
    name: str = field(default="")  # of everything a finding depends on

    def extract(self, texts: Iterable[str | Text]) -> Iterator[Findings]:
        """Findings for each text, in order, as a stream."""
        stream = iter(texts)
        while zone := list(islice(stream, ZONE)):
            given = [one if isinstance(one, Text) else Text(one) for one in zone]
            with self.nlp.memory_zone():
                docs = self.nlp.pipe((mask(one.text) for one in given), batch_size=BATCH)
                found = [self._findings(doc, one) for doc, one in zip(docs, given, strict=True)]
            yield from found

    def _findings(self, doc: "Doc", given: Text) -> Findings:
        phrases = candidates(doc)
        known = self.technologies.find(doc, doc.text)
        return Findings(
            terms=tuple(as_written(rank(phrases, self.background), given.text)),
            technologies=tuple(
                as_given(
                    [*known, *self._new(doc, phrases, known)],
                    given.text,
                )
            ),
            sectors=tuple(self.sectors.find(doc, given.title_end)),
            organisations=tuple(as_given(self.gazetteer.find_organisations(doc), given.text)),
            places=tuple(as_given(self.gazetteer.find_places(doc), given.text)),
        )

    def _new(
        self, doc: "Doc", phrases: Sequence[Candidate], known: Sequence[Mention]
    ) -> list[Mention]:
        """Open terms that name a technology and touch no known one."""
        index = {token.idx: token.i for token in doc}
        taken = [(mention.start, mention.end) for mention in known]
        found = []
        for one in phrases:
            score = technology_score(one, doc, index, self.background)
            if score < LEAST:
                continue
            for start, end in one.places:
                if all(end <= first or start >= last for first, last in taken):
                    label = doc.text[start:end]
                    found.append(Mention(start, end, "technology", label, "", round(score, 2)))
        return found


def extractor(configuration: "Configuration", *, organisations: Iterable[str] = ()) -> Extractor:
    """The extractor for *configuration*; *organisations* are names of known participants."""
    nlp = load_tagger(configuration.settings.spacy_model)
    concepts = configuration.technologies.values()
    labels = list(labels_of(configuration))
    members = {name for cluster in configuration.clusters.values() for name in cluster.members}
    rules = json.dumps([sorted(map(repr, concepts)), sorted(map(repr, labels))])
    return Extractor(
        nlp,
        technologies(nlp, concepts),
        sectors(nlp, labels, background()),
        gazetteer(nlp, {*organisations, *members}),
        background(),
        f"{tagger_name(nlp)}/{VERSION}/{blake2b(rules.encode(), digest_size=4).hexdigest()}",
    )


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


def as_given(mentions: Iterable[Mention], text: str) -> list[Mention]:
    """*mentions* in order, labelled with the very characters of *text*."""
    return sorted(
        (
            Mention(one.start, one.end, one.kind, text[one.start : one.end], one.concept, one.score)
            for one in mentions
        ),
        key=lambda mention: (mention.start, mention.end),
    )


def as_written(terms: Iterable[Term], text: str) -> Iterator[Term]:
    """*terms* with the very characters of *text*, line breaks made spaces."""
    for term in terms:
        start, end = term.places[0]
        yield Term(" ".join(text[start:end].split()), term.score, term.key, term.places)


# --- trendscout extract ----------------------------------------------------------


def extract_lines(lines: Iterable[str], configuration: "Configuration") -> Iterator[str]:
    """One line of JSON for each line of *lines* (`{"id", "text"}`), in order.

    A line that cannot be used is answered with `{"line", "error"}` and the rest goes on;
    empty lines are passed over.
    """
    finder = extractor(configuration)
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        read = [read_text(line, number) for number, line in batch]
        texts = [str(one.get("text", "")) if "error" not in one else "" for one in read]
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
