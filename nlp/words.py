"""Our word lists, read once, and the plain forms words are compared in."""

from functools import cache, lru_cache
from importlib.resources import files

import yaml

# "ies" before "s", and endings that look like a plural but are none.
_NOT_PLURAL = ("ss", "us", "is", "ics", "ous", "sis")
_SHORT = 3
_SAME = frozenset({"series", "species", "means", "news", "gas", "lens", "bias", "always", "canvas"})
_ODD = {
    "analyses": "analysis",
    "hypotheses": "hypothesis",
    "matrices": "matrix",
    "syntheses": "synthesis",
}


@cache
def words(name: str) -> frozenset[str]:
    """The list *name* of `nlp/data/words.yml`."""
    text = (files("nlp") / "data" / "words.yml").read_text(encoding="utf-8")
    lists: dict[str, str] = yaml.safe_load(text)
    return frozenset(lists[name].split())


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    """The singular of an English noun by its ending; small letters in, small letters out."""
    if len(word) <= _SHORT or not word.endswith("s") or word.endswith(_NOT_PLURAL):
        return word
    if word in _SAME or word in _ODD:
        return _ODD.get(word, word)
    if word.endswith("ies") and len(word) > _SHORT + 1:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


def plural(word: str) -> str:
    """The regular plural of an English noun; words that have none come back unchanged."""
    if len(word) < 2 or word.endswith(_NOT_PLURAL[2:4]):
        return word
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "ch", "sh", "z")):
        return word + "es"
    return word + "s"
