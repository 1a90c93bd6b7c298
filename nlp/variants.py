"""The ways a technology's name is written: plural, hyphens, one word or two, British spelling."""

from collections.abc import Iterator
from itertools import product

from nlp.words import plural, singular

MOST_WORDS = 6  # a longer name is matched as it stands, and in the plural

_SPELLINGS = (
    ("fibre", "fiber"),
    ("aluminium", "aluminum"),
    ("sulphur", "sulfur"),
    ("modelling", "modeling"),
    ("colour", "color"),
    ("behaviour", "behavior"),
    ("vapour", "vapor"),
    ("catalyse", "catalyze"),
    ("electrolyser", "electrolyzer"),
    ("centre", "center"),
    ("haem", "hem"),
    ("isation", "ization"),
    ("ising", "izing"),
    ("ised ", "ized "),
    ("moulding", "molding"),
    ("labelling", "labeling"),
    ("signalling", "signaling"),
    ("defence", "defense"),
    ("grey", "gray"),
    ("tyre", "tire"),
)


def variants(name: str) -> set[str]:
    """Every way in which *name* may stand in a text, in small letters."""
    found: set[str] = set()
    for spelling in spellings(" ".join(name.lower().split())):
        for written in joints(spelling):
            found.update(numbers(written))
    return found


def spellings(name: str) -> set[str]:
    """British and American spelling of *name*, itself included."""
    found = {name}
    for british, american in _SPELLINGS:
        for one in tuple(found):
            found.add(one.replace(british, american))
            found.add(one.replace(american, british))
    return found


def joints(name: str) -> set[str]:
    """*name* with its words apart, hyphenated, and closed where two words commonly close."""
    parts = [part for word in name.split(" ") for part in word.split("-")]
    if not 1 < len(parts) <= MOST_WORDS or not all(parts):
        return {name}
    found = {name}
    gaps = len(parts) - 1
    for signs in product(" -", repeat=gaps) if gaps <= 3 else ((" ",) * gaps, ("-",) * gaps):
        found.add(_join(parts, signs))
    # "photo-catalysis", "super capacitor": closed where the text's author wrote a hyphen,
    # or the name is two words of which the first is a prefix-like short one.
    for gap in range(gaps):
        written_closed = f"{parts[gap]}-{parts[gap + 1]}" in name
        if written_closed or (gaps == 1 and len(parts[0]) <= 5):
            signs = tuple("" if i == gap else " " for i in range(gaps))
            found.add(_join(parts, signs))
    return found


def numbers(name: str) -> Iterator[str]:
    """*name* in the singular and in the plural, judged by its last word."""
    yield name
    head, _, last = name.rpartition(" ")
    front, dash, tail = last.rpartition("-")
    lead = f"{head} {front}{dash}" if head else f"{front}{dash}"
    if len(tail) > 2 and tail.isalpha():
        one = singular(tail)
        yield lead + one
        yield lead + plural(one)


def _join(parts: list[str], signs: tuple[str, ...]) -> str:
    return parts[0] + "".join(sign + part for sign, part in zip(signs, parts[1:], strict=True))
