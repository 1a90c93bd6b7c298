"""One sentence of why, from a signal's own numbers."""

from dataclasses import replace

from nlp.documents import Signal, ThemeClass

OPENING: dict[ThemeClass, str] = {
    "emerging": "Growing faster than what it is counted in",
    "established": "Still growing, but no longer new",
    "hype": "Growing in news alone, without research or projects behind it",
    "fading": "Losing ground",
    "weak_signal": "Too early to tell",
    "none": "No change that stands out",
}
BURST = "A burst of few weeks, not shown to be more"
GROWN = "Grown, but not all tests are passed"
# What a gate asks for, as a reader is told what is missing.
ASKED = {
    "documents": "enough documents",
    "significance": "growth beyond chance",
    "growth": "enough growth",
    "interval": "growth even at the lower bound",
    "active bins": "documents in enough weeks",
    "lasting": "growth outside its busiest weeks",
    "still growing": "growth in the last quarter",
    "base share": "a small share to begin with",
    "other cuts": "growth when the documents are cut otherwise",
    "organisations": "several organisations",
    "places": "several countries or sources",
    "author groups": "several groups of authors",
}


def reason(
    signal: Signal, *, field: float | None = None, rising: bool = False, falling: float = 1.0
) -> Signal:
    """The *signal* with its sentence.

    *field* is how much it and the nearest themes grew, *rising* whether its texts use more
    rising words than those of nineteen themes in twenty, *falling* the q of its share having
    fallen.
    """
    return replace(signal, why=why(signal, field, rising, falling))


def why(signal: Signal, field: float | None, rising: bool, falling: float = 1.0) -> str:
    """What decided the class: counts, growth, test, field, words, and what failed."""
    growth = signal.growth
    q = falling if signal.theme_class == "fading" else growth.q
    before = signal.documents - signal.recent
    parts = [f"{_count(signal.recent)} in the recent window after {before} before it"]
    if q is not None:
        parts.append(
            f"{growth.ratio:.1f} times its former share"
            f" (90 % interval {growth.low:.1f} to {growth.high:.1f}, {_q(q)})"
        )
    else:
        parts.append("too few for a test")
    if field is not None:
        parts.append(f"together with the themes around it {field:.2f} times")
    if rising:
        parts.append("its texts are full of words that rise elsewhere (first 5 % of the themes)")
    failed = missing(signal)
    if failed and signal.theme_class in {"weak_signal", "none"} and growth.ratio > 1:
        parts.append(f"not shown: {', '.join(failed)}")
    return f"{_opening(signal)}: {'; '.join(parts)}."


def missing(signal: Signal) -> list[str]:
    """What the gates that failed ask for."""
    return [ASKED[name] for name, state in signal.gates.items() if state == "failed"]


def not_judged(signal: Signal) -> list[str]:
    """The gates that its documents say nothing about."""
    return [name for name, state in signal.gates.items() if state == "not judged"]


def _opening(signal: Signal) -> str:
    """The class in words; a theme without one may still have grown."""
    if signal.theme_class != "none" or signal.growth.low <= 1:
        return OPENING[signal.theme_class]
    return BURST if signal.gates.get("lasting") == "failed" else GROWN


def _count(number: int) -> str:
    return f"{number} independent document" + ("" if number == 1 else "s")


def _q(value: float) -> str:
    if value < 0.001:
        return "q below 0.001"
    return f"q = {value:.3f}" if value < 0.1 else f"q = {value:.2f}"
