"""Sectors judged once more when a text has its vector.

`enrich` finds them by words and terms; what the vector says as well is known after `embed`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlp.background import background
from nlp.clean import mask, squeeze
from nlp.documents import SectorWeight, Vectors
from nlp.extraction import Text, labels_of, place_in
from nlp.sectors import Sectors, sectors
from nlp.tagged import tagged_text
from nlp.tagger import load_tagger
from nlp.wordmodel import vector_model

if TYPE_CHECKING:
    from spacy.language import Language

    from config.configuration import Configuration


@dataclass(frozen=True, slots=True)
class Judge:
    """Finds the sectors of texts that have vectors; build with `judge`."""

    nlp: "Language"
    sectors: Sectors

    def find(self, texts: Iterable[Text], vectors: Vectors) -> Iterator[list[SectorWeight]]:
        """The sectors of each text, as `Extractor` with an embedder has them.

        *vectors* has a row for each text, by a model that `can_judge`.
        """
        with self.nlp.memory_zone():
            for given, vector in zip(texts, vectors, strict=True):
                text, positions = squeeze(mask(given.text))
                title_end = place_in(positions, given.title_end)
                tagged = tagged_text(self.nlp.make_doc(text), text)
                yield self.sectors.find(tagged, title_end, vector)


def can_judge(embedder: str) -> bool:
    """Whether vectors of the *embedder* of this name say something about sectors."""
    return vector_model().reads(embedder)


def judge(configuration: "Configuration") -> Judge:
    """The judge for *configuration*."""
    nlp = load_tagger(configuration.settings.spacy_model)
    return Judge(nlp, sectors(nlp, labels_of(configuration), background()))
