"""A tagged text as plain lists.

spaCy makes an object of every token each time it is asked for one. Here a text is read once,
for all who look through it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Doc


@dataclass(frozen=True, slots=True)
class TaggedText:
    """A text and its tokens; every list has one entry for each. Read with `tagged_text`."""

    doc: "Doc"  # for spaCy's matchers
    text: str
    words: list[str]
    lower: list[str]  # the words in small letters
    parts: list[str]  # of speech, of the Universal Dependencies: "NOUN"
    tags: list[str]  # of the Penn Treebank: "NNS"
    starts: list[int]  # offsets in the text
    ends: list[int]
    spaced: list[int]  # 1 where a space follows

    def __len__(self) -> int:
        return len(self.words)


def tagged_text(doc: "Doc", text: str) -> TaggedText:
    """*doc*, which was made of *text*, as lists; parts and tags are empty if it is not tagged."""
    names = doc.vocab.strings
    columns = doc.to_array(["IDX", "LENGTH", "POS", "TAG", "SPACY"])
    starts, lengths, parts, tags, spaced = columns.T.tolist()
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    words = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return TaggedText(
        doc,
        text,
        words,
        [word.lower() for word in words],
        [names[part] for part in parts],
        [names[tag] for tag in tags],
        starts,
        ends,
        spaced,
    )
