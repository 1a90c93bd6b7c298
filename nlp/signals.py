"""What one week says about every theme: growth, gates, class, score and a sentence of why.

docs/method.md, sections 3 to 6. Everything here is a function of the counts as they stood at
the end of the week and of the weeks before it, so that a late run equals a punctual one.
"""

from collections.abc import Iterable
from typing import Literal

import numpy as np

from config.models import Gates
from config.weeks import shift
from nlp.components import shift_point
from nlp.documents import Gate, Growth, Signal, ThemeClass
from nlp.evidence import Evidence, Facts, four_weekly
from nlp.former import ESTABLISHED
from nlp.growth import MIN_POOLED, Z90, combine, pooled_ratio
from nlp.neighbourhood import field_matrix
from nlp.ranking import longest, score
from nlp.sentences import reason
from nlp.standing import AGREED, REPLAY, WELL_AGREED, Standing, entered, standing

NAMED = 0.2  # share of documents that must name organisations for the gate to be judged
CONFIDENCE: tuple[Literal["high", "medium", "low"], ...] = ("high", "medium", "low")  # by doubts


def weekly_signals(evidence: Evidence, gates: Gates) -> list[Signal]:
    """One signal per theme, in the order of the evidence's themes."""
    if not evidence.themes:
        return []
    matrix = field_matrix(evidence.likeness, gates.field_themes)
    weeks = [standing(evidence, gates, matrix, back) for back in range(REPLAY)]
    growing = entered(weeks[::-1], gates)
    now = weeks[0]
    scores = score(evidence, now, gates)
    table, due = four_weekly(evidence, longest(evidence))
    found = []
    for k, facts in enumerate(evidence.themes):
        growth = _growth(now, k)
        gate = _gates(evidence, facts, now, k, gates)
        kind = theme_class(now, k, bool(growing[k]), gate, facts, gates)
        start = shift_point(table[k], due[k])
        doubts = _doubts(now, k)
        signal = Signal(
            theme=facts.theme,
            week=evidence.week,
            theme_class=kind,
            flagged=kind == "emerging",
            score=round(float(scores[k]), 2),
            growth=growth,
            documents=int(now.documents[k]),
            recent=int(now.recent[k]),
            organisations=facts.organisations,
            countries=facts.countries,
            first_seen=facts.first_seen,
            since=None if start is None else shift(evidence.week, 1 - 4 * (len(due[k]) - start)),
            confidence=CONFIDENCE[min(len(doubts), 2)],
            why="",
            gates=gate,
            streams=_streams(now, k),
            sparkline=tuple(int(count) for count in table[k]),
            doubts=doubts,
        )
        field = float(np.exp(now.field_growth[k])) if matrix.any() else None
        falling = float(np.nan_to_num(now.fading[k], nan=1.0))
        found.append(reason(signal, field=field, rising=bool(now.rising[k]), falling=falling))
    return found


def asked_of_cuts(signals: Iterable[Signal]) -> bool:
    """Whether other cuts had to agree for a flag among *signals*."""
    return any("other cuts" in signal.gates for signal in signals)


# --- one theme ---------------------------------------------------------------


def theme_class(
    now: Standing,
    k: int,
    growing: bool,
    gate: dict[str, Gate],
    facts: Facts,
    gates: Gates,
) -> ThemeClass:
    """The class a reader sees (docs/method.md, section 5)."""
    high = now.ratio[k] + Z90 * now.error[k]
    # What is growing passed the countable gates; who stands behind it is asked every week.
    independent = all(gate.get(name) != "failed" for name in _INDEPENDENCE)
    if growing and independent:
        if _news_alone(now, k):
            return "hype"
        old = facts.grown < ESTABLISHED or gate["base share"] == "failed"
        return "established" if old else "emerging"
    if high < 0 and now.fading[k] <= gates.q:
        return "fading"
    promising = all(state != "failed" for name, state in gate.items() if name not in _MAY_FAIL)
    few = 3 <= now.documents[k] < gates.min_documents
    near = now.q[k] <= gates.watch_q
    return "weak_signal" if promising and (few or near) else "none"


# What is watched may fail these.
_MAY_FAIL = {"documents", "significance", "interval", "other cuts"}
_INDEPENDENCE = ("organisations", "places", "author groups")


def _news_alone(now: Standing, k: int) -> bool:
    """Whether growth is seen in news while other streams were heard and are not growing."""
    others = [test for test in now.tests if test.name != "news"]
    heard = [test for test in others if (test.recent + test.base).sum() > 0]
    news = [test for test in now.tests if test.name == "news" and test.weight[k] >= MIN_POOLED]
    if not heard or not news:
        return False
    p, tested = combine(heard)
    silent = tested[k] < MIN_POOLED or np.isnan(p[k])
    return bool(silent or p[k] > 0.3 or pooled_ratio(heard)[0][k] < np.log(1.25))


def _gates(
    evidence: Evidence, facts: Facts, now: Standing, k: int, gates: Gates
) -> dict[str, Gate]:
    def judged(condition: object) -> Gate:
        return "passed" if condition else "failed"

    q, agreement = now.q[k], now.agreement[k]
    return {
        "documents": judged(now.documents[k] >= gates.min_documents),
        "significance": judged(not np.isnan(q) and q <= gates.q),
        "growth": judged(now.ratio[k] >= np.log(gates.min_ratio)),
        "interval": judged(now.ratio[k] - Z90 * now.error[k] >= np.log(gates.min_ratio_low)),
        "active bins": judged(now.active[k] >= gates.min_active_bins),
        "lasting": judged(
            now.lasting[k] >= np.log(gates.min_lasting_ratio) and now.left[k] >= gates.min_left
        ),
        "still growing": judged(now.field_latest[k] >= 0 or now.rising[k]),
        "base share": judged(now.base_share[k] < gates.max_base_share),
        **({"other cuts": judged(agreement >= AGREED)} if np.isfinite(agreement) else {}),
        **independence(facts, evidence.sources, gates),
    }


def independence(facts: Facts, sources: int, gates: Gates) -> dict[str, Gate]:
    """Whether several independent parties stand behind the theme, as far as one can tell.

    Where documents name no organisations, groups of authors without a common member stand
    in, and where there are no authors either, sources do.
    """

    def enough(number: int, needed: int) -> Gate:
        return "passed" if number >= needed else "failed"

    found: dict[str, Gate] = {"organisations": "not judged", "places": "not judged"}
    if facts.named >= NAMED:
        found["organisations"] = enough(facts.organisations, gates.min_organisations)
        found["places"] = enough(max(facts.countries, facts.sources), gates.min_places)
    elif facts.signed >= NAMED:
        found["author groups"] = enough(facts.groups, gates.min_organisations)
    elif sources > 1:
        found["places"] = enough(facts.sources, gates.min_places)
    return found


def _growth(now: Standing, k: int) -> Growth:
    spread = Z90 * float(now.error[k])
    if not np.isfinite(spread):
        return Growth(1.0, 0.0, 1e6, None)  # nothing is known yet
    low, high = float(now.ratio[k]) - spread, float(now.ratio[k]) + spread
    q = None if np.isnan(now.q[k]) else float(f"{now.q[k]:.3g}")
    return Growth(_round(np.exp(now.ratio[k])), _round(np.exp(low)), _round(np.exp(high)), q)


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def _doubts(now: Standing, k: int) -> tuple[str, ...]:
    """What does not speak for what is said: streams, interval, and other cuts if asked."""
    kinds = sum(1 for test in now.tests if test.weight[k] >= MIN_POOLED)
    found = {
        "seen in one kind of evidence only": kinds < 2,
        "the interval is wide": not 2 * Z90 * now.error[k] <= np.log(3),
        "less sure when the documents are cut otherwise": now.agreement[k] < WELL_AGREED,
    }
    return tuple(doubt for doubt, holds in found.items() if holds)


def _streams(now: Standing, k: int) -> dict[str, dict[str, float]]:
    return {
        test.name: {
            "recent": float(test.recent[k]),
            "base": float(test.base[k]),
            "p": float(f"{test.p[k]:.3g}") if not np.isnan(test.p[k]) else 1.0,
            "ratio": _round(np.exp(test.log_ratio[k])),
        }
        for test in now.tests
        if test.recent[k] + test.base[k] > 0
    }
