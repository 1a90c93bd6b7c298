"""Phrases that could name something: runs of content words, found without a tagger."""

import re
from collections.abc import Iterable, Iterator, Sequence
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


def runs(text: str) -> Iterator[list[str]]:
    """Runs of content words as they stand in *text*, lower case.

    None crosses punctuation, a number or a function word.
    """
    stop = stop_words()
    run: list[str] = []
    for match in TOKEN.finditer(text.lower()):
        word = match[0]
        if len(word) < 3 or word in stop or not word[0].isalpha():
            if run:
                yield run
            run = []
        else:
            run.append(word)
    if run:
        yield run


def phrases(found: Iterable[Sequence[str]]) -> Iterator[str]:
    """Phrases of one to four words within the runs *found* in a text.

    None starts or ends with a generic word, so each can be read as a name. Used as the
    analyser of a vectoriser, after embedding: vectors see the whole text.
    """
    for run in found:
        for start in range(len(run)):
            if run[start] in GENERIC:
                continue
            for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
                if run[end - 1] not in GENERIC:
                    yield " ".join(run[start:end])


def stem(word: str) -> str:
    """The word without a plural ending: enough to tell repetitions."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
