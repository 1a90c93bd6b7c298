"""Towns and the NUTS region each lies in, as the seats of Horizon Europe participants say.

There is no list of local administrative units among the public code lists; the addresses of
participants (CORDIS, CC BY 4.0) name the towns that matter here, with a NUTS code each.
"""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from nlp.background import background
from nlp.nuts import level_2, to_2024
from nlp.places import unaccented

LEAST_SEATS = 2  # organisations that must name a town
AGREED = 0.9  # share of them that must lie in one region
COMMON_WORD = 8  # texts of the background that hold a word from which no town can be told
LEAST_LETTERS = 4

_SMALL = re.compile(
    "aan|am|an|auf|bei|da?|de|del|della|den|der|des|di|do|e|em|en|et|im|in|la?|le|les|nad|of|ob"
    "|op|pod|s|sul|sur|the|unter|van"
)
_NUMBERED = re.compile(r"\s+(?:cedex.*|\d.*|\w{1,2})$", re.IGNORECASE)
# First names and surnames: a person is meant more often than the town.
_PERSONS = re.compile("amer|antony|baden|langen|martin|meda|niel|reus|ronne|vernon|wels|witten")

Seats = Iterable[tuple[str, str]]  # town, NUTS code of any edition


def seats(data: Path) -> list[tuple[str, str]]:
    """Town and NUTS code of every organisation, each organisation once."""
    path = data / "cordis/he_organization.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        by_organisation = {
            row["organisationID"]: (town_name(row["city"]), row["nutsCode"] or row["country"])
            for row in csv.DictReader(file)
        }
    return [by_organisation[one] for one in sorted(by_organisation)]


def town_name(written: str) -> str:
    """The town in a field of an address: "GIF-SUR-YVETTE CEDEX" is Gif-sur-Yvette."""
    first = re.split(r"\s*[/,(]", written.strip(), maxsplit=1)[0]
    first = _NUMBERED.sub("", " ".join(first.split()))
    words = re.split(r"([\s'-])", first.lower())
    return "".join(
        word if i and _SMALL.fullmatch(word) else word.capitalize() for i, word in enumerate(words)
    )


def towns(found: Seats) -> dict[str, str]:
    """Town -> the NUTS region of 2024, level 3 or 2, that nearly all its organisations name.

    A town without such a region (outside NUTS, or in several countries) is left out, and so
    is a name that is a common word or a person's.
    """
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for name, code in found:
        counted[name][to_2024(code) or code] += 1
    result: dict[str, str] = {}
    for name, codes in sorted(counted.items()):
        region = agreed(codes)
        if region and can_be_told(name):
            result[name] = region
    return result


def agreed(codes: Mapping[str, int]) -> str:
    """The smallest region, from NUTS-3 up to NUTS-2, that holds `AGREED` of *codes*, or ""."""
    seen = sum(codes.values())
    if seen < LEAST_SEATS:
        return ""
    for level in (5, 4):
        cut = Counter[str]()
        for code, times in codes.items():
            if level_2(code) and len(code) >= level:
                cut[code[:level]] += times
        for region, times in cut.most_common(1):
            if times >= AGREED * seen:
                return region
    return ""


def can_be_told(name: str) -> bool:
    """Whether a capitalised *name* in running text is likely to be the town."""
    word = name.lower()
    return (
        len(name) >= LEAST_LETTERS
        and not _PERSONS.fullmatch(word)
        and background().counts.get(word, 0) < COMMON_WORD
    )


def report(found: list[tuple[str, str]], known: Mapping[str, str]) -> str:
    """How many seats of one half of the organisations the towns of the other half tell."""
    learnt = with_towns(known, towns(found[::2]))
    judged = [(unaccented(town), level_2(code)) for town, code in found[1::2] if level_2(code)]
    lines = []
    for name, table in (("without towns", known), ("with towns", learnt)):
        told = {unaccented(place): code for place, code in table.items()}
        right = [level_2(told[town]) == region for town, region in judged if town in told]
        lines.append(
            f"{name}: {len(right) / len(judged):.1%} of {len(judged)} seats found,"
            f" {sum(right) / len(right):.1%} of them in their NUTS-2 region"
        )
    return "\n".join(lines)


def with_towns(known: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """*known* places and the towns among *more* that are not there under any spelling."""
    plain = {unaccented(name).lower() for name in known}
    added = {name: code for name, code in more.items() if unaccented(name).lower() not in plain}
    return {**known, **added}
