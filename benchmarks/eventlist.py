"""The list of dated events, `events.yml`: topics that took off, and hypes that did not.

It was fixed before any run; `benchmarks.events` uses it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, HttpUrl, field_validator, model_validator

from config.errors import ConfigError
from config.models import Code, Model
from config.reading import Problem, build, read_yaml
from nlp.words import singular

SHIPPED = Path(__file__).with_name("events.yml")
_WORD = re.compile(r"[^\W_]+")

Month = Annotated[str, Field(pattern=r"^(?:19|20)\d\d-(?:0[1-9]|1[0-2])$")]


class Reference(Model):
    """Where an event can be read up."""

    title: str = Field(min_length=3, description="title of the page, paper or programme")
    publisher: str = Field(min_length=2, description="publisher, journal or conference")
    date: str = Field(
        default="",
        pattern=r"^(?:\d{4}(?:-\d\d){0,2})?$",
        description="year, month or day; empty when the page bears none",
    )
    url: HttpUrl | None = Field(default=None, description="only where certain")
    doi: str = Field(default="", pattern=r"^(?:10\.\d{4,9}/\S+)?$", description="without prefix")


class Event(Model):
    """What a topic that took off and a hype have in common."""

    id: Code = Field(description="stable id, unique in the file")
    label: str = Field(min_length=3, description="name for readers")
    terms: tuple[str, ...] = Field(
        min_length=2, max_length=6, description="phrases as they stand in abstracts, small letters"
    )
    event: str = Field(min_length=15, description="what happened then, in one sentence")
    source: Reference = Field(description="where it can be read up")
    confidence: Literal["verified", "recalled"] = Field(description="whether the source was read")

    @field_validator("terms")
    @classmethod
    def _plain(cls, terms: tuple[str, ...]) -> tuple[str, ...]:
        for term in terms:
            if term != " ".join(term.lower().split()) or len(fold(term)) < 4:
                raise ValueError(f"{term!r} must be four small letters or more, single spaces")
        return terms

    @model_validator(mode="after")
    def _read(self) -> "Event":
        if self.confidence == "verified" and self.source.url is None:
            raise ValueError("a verified entry needs source.url, the page that was read")
        return self


class TechnologyEvent(Event):
    """A topic that took off."""

    took_off: Month = Field(description="month in which the public could know of it")


class HypeEvent(Event):
    """A topic that was announced loudly and did not grow."""

    announced: Month = Field(description="month of the loud announcement")
    peak: Month = Field(description="month after which it did not grow for three years")
    outcome: str = Field(min_length=15, description="what came of it")

    @model_validator(mode="after")
    def _order(self) -> "HypeEvent":
        if self.peak < self.announced:
            raise ValueError(f"peak {self.peak} lies before announced {self.announced}")
        return self


@dataclass(frozen=True, slots=True)
class Events:
    """The whole list, in the order of the file."""

    technologies: tuple[TechnologyEvent, ...]
    hypes: tuple[HypeEvent, ...]

    @property
    def all(self) -> tuple[TechnologyEvent | HypeEvent, ...]:
        return self.technologies + self.hypes


# --- reading -----------------------------------------------------------------

E = TypeVar("E", bound=Event)


def load_events(path: Path = SHIPPED) -> Events:
    """The list in *path*; ConfigError has one line `file: entry.key: what is wrong` each."""
    problems: list[str] = []
    try:
        value = read_yaml(path)
    except Problem as problem:
        raise ConfigError("\n".join(f"{path}: {line}" for line in problem.lines)) from problem
    if not isinstance(value, dict) or set(value) != {"technologies", "hypes"}:
        raise ConfigError(f"{path}: expected the keys technologies and hypes, and no other")
    events = Events(
        technologies=_entries(value, "technologies", TechnologyEvent, problems),
        hypes=_entries(value, "hypes", HypeEvent, problems),
    )
    problems += _claimed_twice(events)
    if problems:
        raise ConfigError("\n".join(f"{path}: {line}" for line in problems))
    return events


def _entries(
    value: Mapping[str, Any], key: str, model: type[E], problems: list[str]
) -> tuple[E, ...]:
    """The entries of one list; what is wrong with the others is added to *problems*."""
    if not isinstance(value[key], list):
        problems.append(f"{key}: expected a list of entries")
        return ()
    found = []
    for number, entry in enumerate(value[key], start=1):
        name = entry.get("id") if isinstance(entry, dict) else None
        try:
            found.append(build(model, entry, f"{key} entry {number} ({name})"))
        except Problem as problem:
            problems += problem.lines
    return tuple(found)


def _claimed_twice(events: Events) -> list[str]:
    """Ids that stand twice, and terms that two entries (or one, twice) claim."""
    lines, ids, terms = [], set(), dict[str, str]()
    for event in events.all:
        if event.id in ids:
            lines.append(f"{event.id}.id: stands there twice")
        ids.add(event.id)
        for term in event.terms:
            owner = terms.setdefault(fold(term), event.id)
            if owner != event.id or [fold(one) for one in event.terms].count(fold(term)) > 1:
                lines.append(f"{event.id}.terms: {term!r} is already claimed by {owner}")
    return lines


# --- words -------------------------------------------------------------------


@lru_cache(maxsize=200_000)
def _plain_word(word: str) -> str:
    return singular(word)


def fold(text: str) -> str:
    """*text* as it is compared: small letters, singular words, no signs between them."""
    return " ".join(_plain_word(word) for word in _WORD.findall(text.lower()))
