"""Porter's stemmer (1980, "An algorithm for suffix stripping"), used to compare keyphrases."""

import re
from functools import cache

_C = "[^aeiou]"
_V = "[aeiouy]"
_CS = f"{_C}[^aeiouy]*"
_VS = f"{_V}[aeiou]*"
_M_GT_0 = re.compile(f"^({_CS})?{_VS}{_CS}")
_M_EQ_1 = re.compile(f"^({_CS})?{_VS}{_CS}({_VS})?$")
_M_GT_1 = re.compile(f"^({_CS})?{_VS}{_CS}{_VS}{_CS}")
_VOWEL = re.compile(f"^({_CS})?{_V}")
_CVC = re.compile(f"^{_CS}{_V}[^aeiouwxy]$")
_DOUBLE = re.compile(r"([^aeiouylsz])\1$")

_STEP_2 = dict(
    pair.split(":")
    for pair in [
        "ational:ate",
        "tional:tion",
        "enci:ence",
        "anci:ance",
        "izer:ize",
        "bli:ble",
        "alli:al",
        "entli:ent",
        "eli:e",
        "ousli:ous",
        "ization:ize",
        "ation:ate",
        "ator:ate",
        "alism:al",
        "iveness:ive",
        "fulness:ful",
        "ousness:ous",
        "aliti:al",
        "iviti:ive",
        "biliti:ble",
        "logi:log",
    ]
)
_STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "",
           "ness": ""}  # fmt: skip
_STEP_4 = [
    "ement",
    "ance",
    "ence",
    "able",
    "ible",
    "ment",
    "ant",
    "ent",
    "ism",
    "ate",
    "iti",
    "ous",
    "ive",
    "ize",
    "al",
    "er",
    "ic",
    "ou",
]


@cache
def stem(word: str) -> str:
    """The stem of *word*, in small letters."""
    word = word.lower()
    if len(word) < 3:
        return word
    word = _step_1(word)
    for suffix, new in sorted(_STEP_2.items(), key=lambda one: -len(one[0])):
        if word.endswith(suffix):
            root = word[: -len(suffix)]
            word = root + new if _M_GT_0.match(root) else word
            break
    for suffix, new in sorted(_STEP_3.items(), key=lambda one: -len(one[0])):
        if word.endswith(suffix):
            root = word[: -len(suffix)]
            word = root + new if _M_GT_0.match(root) else word
            break
    word = _step_4(word)
    if word.endswith("e"):
        root = word[:-1]
        if _M_GT_1.match(root) or (_M_EQ_1.match(root) and not _CVC.match(root)):
            word = root
    if word.endswith("ll") and _M_GT_1.match(word):
        word = word[:-1]
    return word


def _step_1(word: str) -> str:
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed"):
        if _M_GT_0.match(word[:-3]):
            word = word[:-1]
    else:
        for suffix in ("ed", "ing"):
            root = word[: -len(suffix)]
            if word.endswith(suffix) and _VOWEL.match(root):
                word = root
                if word.endswith(("at", "bl", "iz")) or _CVC.match(word):
                    word += "e"
                elif _DOUBLE.search(word):
                    word = word[:-1]
                break
    if word.endswith("y") and _VOWEL.match(word[:-1]):
        word = word[:-1] + "i"
    return word


def _step_4(word: str) -> str:
    for suffix in _STEP_4:
        if word.endswith(suffix):
            root = word[: -len(suffix)]
            return root if _M_GT_1.match(root) else word
    if word.endswith(("sion", "tion")) and _M_GT_1.match(word[:-3]):
        return word[:-3]
    return word


def stem_phrase(phrase: str) -> str:
    """A phrase as it is compared: small letters, single spaces, every word stemmed."""
    return " ".join(stem(word) for word in phrase.lower().split())
