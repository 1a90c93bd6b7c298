"""Themes meet the priority areas of regions: how well they fit, and why (docs/method.md, 8).

`f = 0.45·text + 0.40·codes + 0.15·words`, turned into a probability by a logistic curve
fitted on the judgements of `tests/gold/matching.jsonl` (`python -m benchmarks.matching`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from config.models import Priority, Region
from nlp.arrays import Array
from nlp.documents import Match, Vectors
from nlp.embed import Embedder
from nlp.prioritytexts import Idf, PriorityTexts, code_overlap, codes_of, idf_of, stems, word_fit

WEIGHTS = (0.45, 0.40, 0.15)  # text, codes, words
CENTRE, SLOPE = 0.487, 19.7  # of the logistic curve: f at which relevant is as likely as not
MATCH = 0.5  # a theme and a priority meet
DISPLAY = 0.25  # below it a pair is not kept
NEAR, FAR = 0.50, 0.10  # cosines that count as fully and not at all alike
USUAL, SPREAD = 0.17, 0.12  # cosines of themes and priorities that have nothing in common
PRIOR = 20  # themes that the usual distribution counts for beside the week's own


@dataclass(frozen=True, slots=True)
class ThemeProfile:
    """What of a theme is compared with priorities."""

    id: str
    label: str
    keywords: tuple[str, ...]
    centroid: npt.NDArray[np.float32]  # unit length, by the embedder that matches
    # scheme (ecosystem, nace, technology field) -> code -> weight, largest 1
    codes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def description(self) -> str:
        """The text that stands for the theme."""
        return f"{self.label}. {', '.join(self.keywords)}"


def match_priorities(
    themes: Sequence[ThemeProfile],
    regions: Iterable[Region],
    embedder: Embedder,
    *,
    display: float = DISPLAY,
) -> list[Match]:
    """Every theme with every priority it may fit, best first; scores are probabilities.

    A score of `MATCH` or more is a match; pairs below *display* are left out. *themes*
    should be all live themes of the week: a priority that resembles everything is corrected
    by the percentile among them.
    """
    listed = [(region, one) for region in sorted(regions, key=_nuts) for one in region.priorities]
    if not themes or not listed:
        return []
    texts = [PriorityTexts.of(priority) for _, priority in listed]
    cosines, nearest = _cosines(themes, texts, embedder)
    text = text_fit(cosines)
    idf = idf_of(priority for _, priority in listed)
    used = [stems(theme.description) for theme in themes]
    wanted = [codes_of(priority) for _, priority in listed]
    codes = code_overlap([theme.codes for theme in themes], wanted, idf.codes)
    words = word_fit(used, texts, idf.words)
    score = fit(text, codes, words)
    matches = []
    for k, q in np.argwhere(score >= display):
        theme, (region, priority) = themes[k], listed[q]
        phrase = texts[q].phrases[nearest[k, q]]
        matches.append(
            Match(
                theme=theme.id,
                region=region.nuts,
                priority=priority.id,
                score=round(float(score[k, q]), 4),
                text=round(float(text[k, q]), 4),
                codes=round(float(codes[k, q]), 4),
                words=round(float(words[k, q]), 4),
                reasons=_reasons(theme, used[k], priority, texts[q], idf, phrase),
            )
        )
    return sorted(matches, key=lambda match: (-match.score, match.theme, match.priority))


def fit(text: Array, codes: Array, words: Array) -> Array:
    """Probability that a reader calls a pair relevant, from its parts, each 0 to 1."""
    whole = WEIGHTS[0] * text + WEIGHTS[1] * codes + WEIGHTS[2] * words
    return np.asarray(1 / (1 + np.exp(-SLOPE * (whole - CENTRE))))


def text_fit(cosines: Array) -> Array:
    """Cosines (themes, priorities) as 0 to 1: near in itself, and nearer than other themes.

    Half the cosine on a fixed scale, half its percentile in the priority's column. A
    percentile alone would always find a best theme, a cosine alone would favour priorities
    worded so broadly that everything is near. With few themes a percentile says little, so
    it is mixed with the percentile among the usual cosines, which counts as 20 themes.
    """
    from scipy.stats import norm

    near = np.clip((cosines - FAR) / (NEAR - FAR), 0, 1)
    themes = len(cosines)
    ranks = cosines.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") + 0.5
    usual = norm.cdf((cosines - USUAL) / SPREAD)
    found: Array = (near + (ranks + PRIOR * usual) / (themes + PRIOR)) / 2
    return found


def blind_spots(
    flagged: Sequence[str], matches: Iterable[Match], region: str, *, least: float = MATCH
) -> list[str]:
    """Flagged themes that none of the *region*'s priorities covers, in the order given."""
    covered = {one.theme for one in matches if one.region == region and one.score >= least}
    return [theme for theme in flagged if theme not in covered]


def silent_priorities(
    region: Region, matches: Iterable[Match], *, least: float = MATCH
) -> list[Priority]:
    """Priorities of *region* that no theme of the window supports, in the region's order."""
    heard = {one.priority for one in matches if one.region == region.nuts and one.score >= least}
    return [priority for priority in region.priorities if priority.id not in heard]


def _cosines(
    themes: Sequence[ThemeProfile], texts: Sequence[PriorityTexts], embedder: Embedder
) -> tuple[Array, npt.NDArray[np.intp]]:
    """Likeness (themes, priorities), and the place of each priority's nearest phrase.

    Half the whole text of the priority, half its two nearest phrases: priorities are
    broad, and a theme usually concerns one field within them.
    """
    words = embedder.encode([theme.description for theme in themes])
    mixed = _unit(words + np.stack([theme.centroid for theme in themes]))
    whole = mixed @ embedder.encode([text.whole for text in texts]).T
    distinct = sorted({phrase for text in texts for phrase in text.phrases})
    place = {phrase: number for number, phrase in enumerate(distinct)}
    by_phrase = mixed @ embedder.encode(distinct).T
    cosines = np.empty(whole.shape)
    nearest = np.empty(whole.shape, dtype=np.intp)
    for q, text in enumerate(texts):
        columns = by_phrase[:, [place[phrase] for phrase in text.phrases]]
        best = np.sort(columns, axis=1)[:, -2:].mean(axis=1)
        cosines[:, q] = (whole[:, q] + best) / 2
        nearest[:, q] = columns.argmax(axis=1)
    return cosines, nearest


def _reasons(
    theme: ThemeProfile,
    used: frozenset[str],
    priority: Priority,
    texts: PriorityTexts,
    idf: Idf,
    nearest: str,
) -> tuple[str, ...]:
    """Shared keywords, shared codes by scheme, and the priority's own nearest wording."""
    shared = [phrase for phrase in texts.phrases if stems(phrase) and stems(phrase) <= used]
    reasons = [f"keywords: {', '.join(shared[:5])}"] if shared else []
    for scheme, wanted in codes_of(priority).items():
        weights = theme.codes.get(scheme, {})
        common = sorted(set(weights) & set(wanted), key=lambda code: (-weights[code], code))
        if common:
            reasons.append(f"{scheme}: {', '.join(common[:5])}")
    reasons.append(f"priority: {texts.sentence(used, idf.words, nearest)}")
    return tuple(reasons)


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


def _nuts(region: Region) -> str:
    return region.nuts
