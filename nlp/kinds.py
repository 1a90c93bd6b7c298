"""What kind of thing a noun names: device, material, process, technique, field, or no more."""

import re
from functools import lru_cache

from nlp.words import words

KINDS = ("device", "material", "process", "technique", "field")  # heads that say enough
GENERIC = "generic_technology"  # a head that names one only with the words before it

# Endings and beginnings of words that no list holds. Each has a look at what only looks like it.
_FORMED = (
    (
        "technique",
        r".{3,}(?:scopy|graphy|metry)",
        r".*(?:geograph|biograph|demograph|symmetr|geometr)y",
    ),
    ("device", r".{3,}(?:meter|scope)", r".*(?:para|dia|peri|kilo|centi|milli|nano|micro)meter"),
    ("process", r".{3,}(?:lysis|lithography)", r".*(?:analysis|paralysis)"),
    ("material", r"nano[a-z]{4,}", r"nano(?:met|sec|scale|science|scop).*"),
)
_TELLING = tuple((kind, re.compile(yes), re.compile(no)) for kind, yes, no in _FORMED)


@lru_cache(maxsize=50_000)
def kind_of(head: str) -> str:
    """What kind of thing a head in the singular names; "" when it is none we know."""
    for kind in (*KINDS, GENERIC):
        if head in words(f"{kind}_heads"):
            return kind
    for kind, yes, no in _TELLING:
        if len(head) < 40 and yes.fullmatch(head) and not no.fullmatch(head):
            return kind
    return ""
