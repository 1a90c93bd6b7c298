"""A seeded corpus with planted truth: what the demo crawls and the tests judge by.

The courses below say how often a theme is written about in each week; everything
else is drawn from `lexicon.yml`. Same seed, same documents, on every machine.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from config.weeks import first_day, shift

WEEKS = 78
END = "2026-W46"  # the demo's last week: fixed, so that a demo run can be compared with another
SEED = 20261115
FEEDS = ("cluster_post", "innovation_wire", "industry_monitor", "regio_brief", "tech_courier")
GERMAN_FEED = "standort_nachrichten"

Rates = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Partner:
    """An invented organisation."""

    name: str
    country: str
    nuts: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One invented document, before a sample source dresses it in its own format."""

    id: str
    kind: str
    title: str
    text: str
    published: date
    theme: str  # empty for stories that belong to none
    outlet: str = ""  # the feed that carries a news story
    language: str = "en"
    partners: tuple[Partner, ...] = ()
    amount: int = 0


@cache
def lexicon() -> dict[str, Any]:
    """The word lists and grammars."""
    text = files("pipelines.demo").joinpath("lexicon.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


# --- courses: documents per week and kind, the planted truth -------------------


def _flat(week: int) -> Rates:
    return {"publication": 0.45, "news": 0.42, "project": 0.2}


def _emerging(week: int) -> Rates:
    strength = max(0.06, (week - 55) / 22)
    return {"publication": 2.0 * strength, "news": 1.9 * strength, "project": 0.9 * strength}


def _hype(week: int) -> Rates:
    return {"news": 4.0 if week >= WEEKS - 13 else 0.06}


def _fading(week: int) -> Rates:
    strength = min(1.0, max(0.06, (60 - week) / 30))
    return {"publication": 0.85 * strength, "news": 0.85 * strength, "project": 0.35 * strength}


def _burst(week: int) -> Rates:
    if week in (WEEKS - 8, WEEKS - 7):
        return {"news": 15.0, "publication": 2.0}
    return {"publication": 0.08, "news": 0.08, "project": 0.02}


COURSES = {
    "flat": _flat,
    "emerging": _emerging,
    "hype": _hype,
    "fading": _fading,
    "burst": _burst,
}


# --- texts ---------------------------------------------------------------------


def _fill(pattern: str, words: Mapping[str, list[str]], rng: random.Random) -> str:
    """Replace each {slot} by a word of its list; {Slot} starts with a capital."""
    pieces = []
    for piece in pattern.replace("}", "{").split("{"):
        if piece.lower() in words and (piece.islower() or piece.istitle()):
            drawn = rng.choice(words[piece.lower()])
            pieces.append(drawn if piece.islower() else drawn[0].upper() + drawn[1:])
        else:
            pieces.append(piece)
    return "".join(pieces)


def _write(
    grammar: Mapping[str, list[str]], words: Mapping[str, list[str]], rng: random.Random, size: int
) -> tuple[str, str]:
    """A title and a text of *size* different sentences."""
    title = _fill(rng.choice(grammar["title"]), words, rng)
    patterns = rng.sample(grammar["text"], min(size, len(grammar["text"])))
    return title, " ".join(_fill(pattern, words, rng) for pattern in patterns)


def _numbers() -> list[str]:
    return [str(number) for number in range(11, 90)]


def _partners(rng: random.Random) -> list[Partner]:
    """The pool of organisations that one theme draws from."""
    words = lexicon()["organisations"]
    pool = []
    for _ in range(16):
        name = f"{rng.choice(words['prefixes'])} {rng.choice(words['kinds'])}"
        nuts = words["regions"][sum(map(ord, name)) % len(words["regions"])]
        pool.append(Partner(f"{name} {nuts[:2]}", nuts[:2], nuts))
    return sorted(set(pool), key=lambda partner: partner.name)


def _day(week: int, rng: random.Random) -> date:
    return first_day(shift(END, week - WEEKS + 1)) + timedelta(days=rng.randrange(5))


def _theme_samples(name: str, theme: Mapping[str, Any], seed: int) -> Iterator[Sample]:
    rng = random.Random(f"{seed}:{name}")
    counts = np.random.default_rng([seed, sum(map(ord, name))])
    course, pool = COURSES[theme["course"]], _partners(rng)
    words = {**theme, "number": _numbers(), "place": lexicon()["places"]}
    for week in range(WEEKS):
        for kind, rate in course(week).items():
            for number in range(int(counts.poisson(rate))):
                title, text = _write(lexicon()["grammar"][kind], words, rng, 6)
                partners = {"project": rng.randint(3, 6), "publication": rng.randint(1, 3)}
                yield Sample(
                    id=f"{name}-{week:02d}-{kind}-{number}",
                    kind=kind,
                    title=title,
                    text=text,
                    published=_day(week, rng),
                    theme=name,
                    outlet=rng.choice(FEEDS) if kind == "news" else "",
                    partners=tuple(rng.sample(pool, partners.get(kind, 0))),
                    amount=rng.randrange(400_000, 5_000_000, 1000) if kind == "project" else 0,
                )


def _odd_samples(seed: int) -> Iterator[Sample]:
    """Stories outside every theme, and stories in a language the default model cannot read."""
    rng = random.Random(f"{seed}:odd")
    words = {"odd": lexicon()["odd"], "number": _numbers(), "place": lexicon()["places"]}
    for number in range(90):
        title, text = _write(lexicon()["odd_grammar"], words, rng, 4)
        day = _day(rng.randrange(WEEKS), rng)
        yield Sample(f"odd-{number}", "news", title, text, day, "", outlet=rng.choice(FEEDS))
    german = lexicon()["german"]
    words = {"thing": german["things"], "number": _numbers(), "place": lexicon()["places"]}
    for number in range(12):
        title, text = _write(german, words, rng, 3)
        day = _day(rng.randrange(WEEKS), rng)
        yield Sample(f"german-{number}", "news", title, text, day, "", GERMAN_FEED, "de")


def _syndicated(samples: list[Sample], seed: int) -> Iterator[Sample]:
    """Recent flat stories that every outlet prints: one piece of evidence each, not five."""
    rng = random.Random(f"{seed}:syndicated")
    recent = first_day(shift(END, -12))
    stories = [
        sample
        for sample in samples
        if sample.kind == "news"
        and sample.theme == "rail_maintenance"
        and sample.published >= recent
    ]
    for story in stories:
        for outlet in sorted(set(FEEDS) - {story.outlet}):
            day = min(story.published + timedelta(days=rng.randrange(2)), first_day(shift(END, 1)))
            yield Sample(
                id=f"{story.id}-{outlet}",
                kind="news",
                title=story.title,
                text=f"{story.text} Read more on {outlet.replace('_', ' ')}.",
                published=day,
                theme=story.theme,
                outlet=outlet,
            )


def corpus(seed: int = SEED) -> list[Sample]:
    """All documents, oldest first."""
    samples = [
        sample
        for name, theme in lexicon()["themes"].items()
        for sample in _theme_samples(name, theme, seed)
    ]
    samples += [*_odd_samples(seed), *_syndicated(samples, seed)]
    return sorted(samples, key=lambda sample: (sample.published, sample.id))


def truth() -> dict[str, dict[str, Any]]:
    """What was planted: theme -> course, sectors, whether it crosses sectors."""
    return {
        name: {
            "course": theme["course"],
            "sectors": theme["sectors"],
            "cross_sector": theme.get("cross_sector", False),
        }
        for name, theme in lexicon()["themes"].items()
    }


def as_line(sample: Sample) -> dict[str, Any]:
    """The sample as a Document JSON line, for tests that need no crawl."""
    line: dict[str, Any] = {
        "id": f"sample:{sample.id}",
        "source": sample.outlet or f"sample_{sample.kind}s",
        "kind": sample.kind,
        "title": sample.title,
        "text": sample.text,
        "url": f"https://example.org/{sample.id}",
        "language": sample.language,
        "published": sample.published.isoformat(),
    }
    if sample.partners:
        line["organisations"] = [asdict(partner) for partner in sample.partners]
    if sample.amount:
        line["funding"] = {"programme": "HORIZON", "amount_eu": float(sample.amount)}
    return line
