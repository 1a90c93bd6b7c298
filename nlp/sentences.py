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


def reason(signal: Signal, *, field: float | None = None, rising: bool = False) -> Signal:
    """The *signal* with its sentence.

    *field* is how much it and the nearest themes grew, *rising* whether its texts use more
    rising words than those of nineteen themes in twenty.
    """
    return replace(signal, why=why(signal, field, rising))


def why(signal: Signal, field: float | None, rising: bool) -> str:
    """What decided the class: counts, growth, test, field, words, and what failed."""
    growth = signal.growth
    before = signal.documents - signal.recent
    parts = [f"{_count(signal.recent)} in the recent window after {before} before it"]
    if growth.q is not None:
        parts.append(
            f"{growth.ratio:.1f} times its former share"
            f" (90 % interval {growth.low:.1f} to {growth.high:.1f}, q = {_q(growth.q)})"
        )
    else:
        parts.append("too few for a test")
    if field is not None:
        parts.append(f"together with the themes around it {field:.2f} times")
    if rising:
        parts.append("its texts are full of words that rise elsewhere (first 5 % of the themes)")
    failed = [name for name, state in signal.gates.items() if state == "failed"]
    if failed and signal.theme_class in {"weak_signal", "none"} and growth.ratio > 1:
        parts.append(f"not shown yet: {', '.join(failed)}")
    return f"{OPENING[signal.theme_class]}: {'; '.join(parts)}."


def _count(number: int) -> str:
    return f"{number} independent document" + ("" if number == 1 else "s")


def _q(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
