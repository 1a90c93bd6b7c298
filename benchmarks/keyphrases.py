"""Keyphrases against the gold, with PromptRank's protocol, and plain methods to beat.

A prediction counts when its stems are those of a gold phrase; predictions are taken without
repetition, and counts are summed over the texts before precision and recall are formed.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.data import json_lines
from benchmarks.porter import stem_phrase

CUTS = (5, 10, 15)
SETS = {
    "Inspec": ("keyphrases/inspec_train_validation.jsonl", "uncontrolled"),
    "SemEval-2017": ("keyphrases/semeval2017_half.jsonl", "keyphrases"),
}
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_PIECE = re.compile(r"[.,;:!?()\[\]\"\n]")
_STOP_WORDS = """
    a about above after again all also although always am among an and any are as at be because
    been before being below between both but by can cannot could did do does doing down during
    each either for from further had has have having he hence her here his how however i if in
    into is it its itself just many may me might more most much must my neither no nor not of
    off on once only or other our out over own per rather same she should since so some such
    than that the their them then there therefore these they this those through thus to too
    under until up upon us very via was we were what when where whether which while who whom why
    will with within without would you your
"""
_STOP = frozenset(_STOP_WORDS.split())

Ranker = Callable[[str], list[str]]


def gold(data: Path, name: str, limit: int) -> list[tuple[str, list[str]]]:
    """Texts and their gold phrases; at most *limit*, 0 for all."""
    file, field = SETS[name]
    rows = [(row["text"], row[field]) for row in json_lines(data / file)]
    return rows[:limit] if limit else rows


def f1(predicted: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> list[float]:
    """F1 in per cent at each of CUTS."""
    scores = []
    for cut in CUTS:
        hits = guesses = wanted = 0
        for phrases, answers in zip(predicted, right, strict=True):
            taken = list(dict.fromkeys(stem_phrase(phrase) for phrase in phrases))[:cut]
            stems = {stem_phrase(answer) for answer in answers}
            hits += sum(phrase in stems for phrase in taken)
            guesses += len(taken)
            wanted += len(stems)
        scores.append(100 * 2 * hits / (guesses + wanted))
    return scores


def runs(text: str) -> list[list[str]]:
    """Runs of words without a stop word or a punctuation mark: what RAKE calls candidates."""
    found: list[list[str]] = []
    for piece in _PIECE.split(text.lower()):
        run: list[str] = []
        for word in _WORD.findall(piece):
            if word in _STOP or word.isdigit():
                if run:
                    found.append(run)
                run = []
            else:
                run.append(word)
        if run:
            found.append(run)
    return found


def rake(text: str) -> list[str]:
    """RAKE (Rose et al. 2010): a phrase is worth the sum of degree over frequency of its words."""
    phrases = runs(text)
    frequency: Counter[str] = Counter()
    degree: Counter[str] = Counter()
    for phrase in phrases:
        for word in phrase:
            frequency[word] += 1
            degree[word] += len(phrase)
    worth = {
        " ".join(phrase): sum(degree[word] / frequency[word] for word in phrase)
        for phrase in phrases
        if len(phrase) <= 5
    }
    return sorted(worth, key=lambda phrase: -worth[phrase])


def tf_idf(texts: Sequence[str]) -> Ranker:
    """Phrases of one to three words between stop words, by tf-idf over *texts*."""
    spread: Counter[str] = Counter()
    for text in texts:
        spread.update(set(grams(text)))

    def ranked(text: str) -> list[str]:
        counts = Counter(grams(text))
        worth = {gram: n * math.log(len(texts) / spread[gram]) for gram, n in counts.items()}
        return sorted(worth, key=lambda gram: -worth[gram])

    return ranked


def grams(text: str) -> list[str]:
    """Every run of one to three words without a stop word."""
    return [
        " ".join(run[i : i + width])
        for run in runs(text)
        for width in (1, 2, 3)
        for i in range(len(run) - width + 1)
    ]


def yake(text: str) -> list[str]:
    """YAKE (Campos et al. 2020), re-implemented from the paper: n = 3, window 1; low is good."""
    sentences = [_WORD.findall(one) for one in re.split(r"[.!?\n]", text)]
    sentences = [one for one in sentences if one]
    score = yake_words(sentences)
    words = [word.lower() for sentence in sentences for word in sentence]
    single, pairs = Counter(words), Counter(pairwise(words))
    counts: Counter[tuple[str, ...]] = Counter()
    for piece in _PIECE.split(text):
        tokens = [word.lower() for word in _WORD.findall(piece)]
        for width in (1, 2, 3):
            for i in range(len(tokens) - width + 1):
                gram = tuple(tokens[i : i + width])
                if not (gram[0] in _STOP or gram[-1] in _STOP or any(map(str.isdigit, gram))):
                    counts[gram] += 1
    worth: dict[str, float] = {}
    for gram, count in counts.items():
        product, total = 1.0, 0.0
        for i, word in enumerate(gram):
            if word in _STOP:  # judged by how often it joins its neighbours
                before, after = gram[i - 1], gram[i + 1]
                joins = pairs[before, word] / single[before] * pairs[word, after] / single[after]
                product, total = product * (2 - joins), total - (1 - joins)
            else:
                product, total = product * score[word], total + score[word]
        worth[" ".join(gram)] = product / (count * (1 + total))
    return sorted(worth, key=lambda key: worth[key])


def yake_words(sentences: Sequence[Sequence[str]]) -> dict[str, float]:
    """YAKE's weight of each word from case, position, frequency, company and spread."""
    count: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    where: dict[str, list[int]] = {}
    left: dict[str, Counter[str]] = {}
    right: dict[str, Counter[str]] = {}
    for number, sentence in enumerate(sentences):
        for i, written in enumerate(sentence):
            word = written.lower()
            count[word] += 1
            upper[word] += (written[0].isupper() and i > 0) or written.isupper()
            where.setdefault(word, []).append(number)
            if i:
                left.setdefault(word, Counter())[sentence[i - 1].lower()] += 1
                right.setdefault(sentence[i - 1].lower(), Counter())[word] += 1
    plain = [count[word] for word in count if word not in _STOP] or [1]
    mean, deviation, most = (
        float(np.mean(plain)),
        float(np.std(plain)),
        max(count.values(), default=1),
    )
    found = {}
    for word in count:
        case = upper[word] / (1 + math.log(count[word]))
        position = math.log(math.log(3 + float(np.median(where[word]))))
        frequency = count[word] / (mean + deviation)
        company = (
            1
            + sum(
                len(side.get(word, ())) / max(1, sum(side.get(word, Counter()).values()))
                for side in (left, right)
            )
            * count[word]
            / most
        )
        spread = len(set(where[word])) / len(sentences)
        found[word] = company * position / (case + frequency / company + spread / company)
    return found
