"""Names for themes: phrases that stand in the texts, chosen without a language model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-'][A-Za-z0-9]+)*|[^\sA-Za-z0-9]|\d+")
LONGEST = 4  # words of a phrase

# Words that say nothing about the subject, in research, project and news prose.
_GENERIC = """
    abstract account achieve achieved achieves aim aims allow allows also analyse analysed analyses
    analysis analyze analyzed application applications applied apply approach approaches article
    aspect aspects author authors available based benefit better case cases challenge challenges
    class common compare compared comparison complete concept consider considered considering
    consists contribution contributions current data demonstrate demonstrated demonstrates
    demonstrating demonstrator derive derived describe described describes design despite
    determine develop developed developing development different difficult discuss discussed effect
    effective effects efficient enable enables equation establish establishes estimate estimated
    evaluate evaluated evaluation event evidence example examples existing experiment experimental
    experiments explore explored factor factors feature features find finding findings focus form
    framework function functions fundamental future general generally give given good great group
    groups high higher however identify implementation important improve improved improvement
    improves including increase increased increases increasing influence information instance
    introduce introduced investigate investigated investigation issue issues key known large larger
    lead leading leads level levels like limited literature local low lower main make makes making
    means measure measured method methodology methods million model modelling models multiple nature
    need needs new news novel number numbers numerical obtain obtained order paper papers part
    partner partners parameter parameters particular per percent perform performance performed pilot
    point points possible potential present presented presents previous previously problem problems
    procedure process processes produce project projects promising propose proposed proposes
    proposing prove provide provided provides providing question range recent recently related
    relation report reported reports require required requires research result resulting results
    reveal revealed role say says scheme second section set several shared show showed showing
    shown shows significant significantly similar simple simulation simulations single small
    solution solutions space specific standard state states strategy strong structure studied
    studies study studying suggest suggested suggests support system systems task tasks technique
    techniques term terms test tested tests theoretical theory therefore thus time times today tool
    tools total towards type types typical understand understanding use used useful user uses using
    value values variety various via way ways week well wide widely with without work works world
    year years yet
"""
GENERIC = frozenset(_GENERIC.split())


@cache
def stop_words() -> frozenset[str]:
    """Function words of English: no phrase contains one."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS) | {"and/or", "e.g", "i.e", "et", "al", "eu"}


def phrases(text: str) -> Iterator[str]:
    """Runs of one to four words as they stand in *text*, lower case.

    No phrase crosses punctuation, a number or a function word, and none starts or ends
    with a generic word, so each can be read as a name. Used as the analyser of the
    vectoriser, after embedding: vectors see the whole text.
    """
    stop = stop_words()
    run: list[str] = []
    for match in TOKEN.finditer(text.lower()):
        word = match[0]
        if len(word) < 3 or word in stop or not word[0].isalpha():
            yield from _runs(run)
            run = []
        else:
            run.append(word)
    yield from _runs(run)


def _runs(run: Sequence[str]) -> Iterator[str]:
    for start in range(len(run)):
        if run[start] in GENERIC:
            continue
        for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
            if run[end - 1] not in GENERIC:
                yield " ".join(run[start:end])


def choose(
    candidates: Sequence[tuple[str, float]], number: int, diversity: float = 0.3
) -> list[str]:
    """The best *number* of scored phrases that do not repeat each other (MMR over words).

    *candidates* are best first; the likeness of two phrases is the share of words they
    have in common, compared without plural endings.
    """
    if not candidates:
        return []
    top = max(score for _, score in candidates) or 1.0
    left = {phrase: score / top for phrase, score in candidates}
    stems = {phrase: frozenset(stem(word) for word in phrase.split()) for phrase in left}
    chosen: list[str] = []

    def worth(phrase: str) -> float:
        twin = max((_likeness(stems[phrase], stems[other]) for other in chosen), default=0.0)
        return (1 - diversity) * left[phrase] - diversity * twin

    while left and len(chosen) < number:
        best = max(left, key=lambda phrase: (worth(phrase), phrase))
        del left[best]
        if all(stems[best] != stems[other] for other in chosen):
            chosen.append(best)
    return chosen


def label(candidates: Sequence[tuple[str, float]], taken: frozenset[str] = frozenset()) -> str:
    """A name for a theme: its strongest phrase, of two words or more where there is one.

    A single word names a theme only when no phrase comes near it. A name that another
    theme already has is made distinct by a second phrase.
    """
    if not candidates:
        return "unnamed theme"
    best = max(score for _, score in candidates)
    scores = dict(candidates)
    longer = [
        (phrase, score)
        for phrase, score in candidates
        if " " in phrase and score >= 0.2 * best and not _part_of_a_name(phrase, score, scores)
    ]
    ranked = choose(sorted(longer or candidates, key=lambda pair: (-pair[1], pair[0])), 4, 0.5)
    for phrase in ranked:
        if phrase not in taken:
            return phrase
    return f"{ranked[0]} and {ranked[1]}" if len(ranked) > 1 else ranked[0]


def _part_of_a_name(phrase: str, score: float, scores: Mapping[str, float]) -> bool:
    """Whether *phrase* nearly always stands inside one longer phrase."""
    return any(
        phrase != other and f" {phrase} " in f" {other} " and value >= 0.8 * score
        for other, value in scores.items()
    )


def stem(word: str) -> str:
    """The word without a plural ending: enough to tell repetitions."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _likeness(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / len(first | second)
