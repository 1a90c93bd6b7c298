"""Which language a text is written in."""

from functools import cache
from typing import Any

# What European sources write in, and what is often mistaken for it.
LANGUAGES = (
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv "
    "nb nn is uk ru sr tr ar zh ja ko"
)
SAMPLE = 1000  # characters that are looked at
SHORT = 30  # letters below which a declared language is believed
SURE = 0.5  # below this a declared language is believed

_ALIASES = {"nb": "no", "nn": "no"}


def detect(text: str, declared: str = "") -> tuple[str, float]:
    """ISO 639-1 code and confidence (0 to 1) of the language of *text*.

    A *declared* code wins over a text too short or too mixed to tell. Without letters and
    without a declared code the answer is ("", 0.0).
    """
    sample = text[:SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if not letters:
        return declared, 0.0
    # Titles in capitals look like no language at all to a model of byte n-grams.
    if sum(map(str.isupper, sample)) > 0.6 * letters:
        sample = sample.lower()
    code, confidence = _classify(sample)
    confidence *= min(1.0, letters / SHORT)
    if declared and declared != code and confidence < (0.95 if letters < 4 * SHORT else SURE):
        return declared, confidence
    return code, confidence


def _classify(sample: str) -> tuple[str, float]:
    code, probability = _identifier().classify(sample)
    return _ALIASES.get(code, code), float(probability)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.nb_classes)
    identifier.set_languages([code for code in LANGUAGES.split() if code in known])
    return identifier
