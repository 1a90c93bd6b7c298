"""How well technologies and sectors are found in real texts: `python -m benchmarks.gold`.

The gold set holds ids, offsets and labels of 200 texts, not the texts; they are read from the
folder named by TRENDSCOUT_BENCH_DATA. `docs/gold_guidelines.md` says how it was labelled and by
what. One half (`--split dev`) is to tune on, the other (`--split test`) to report on. In
300 more (`--split held-out`) only technologies were marked, in one reading.
`--agreement` compares the labels with those of a second annotator, blind to the first, for 32,
and with those of the readers who labelled texts to learn from.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.data import folder
from benchmarks.gold_baselines import (
    SCHEME,
    by_cosine,
    by_keywords,
    cosines,
    technology_baselines,
)
from benchmarks.gold_sample import Sample, further_samples, samples
from benchmarks.gold_score import (
    Codes,
    Span,
    Spans,
    code_f1,
    kappa,
    macro_f1,
    micro_f1,
    span_f1,
    span_interval,
    span_parts,
)
from config.configuration import Configuration
from config.loader import load_configuration
from nlp.embed import load_embedder
from nlp.extraction import Findings, Text, extractor
from nlp.judging import judge

GOLD = Path(__file__).parent / "gold"
FIRST_PASS = GOLD / "gold.jsonl"
SECOND_PASS = GOLD / "second_pass.jsonl"
READ_ONCE = GOLD / "technologies.jsonl"
SECTOR_READINGS = GOLD / "sector_readings.jsonl"
TECHNOLOGY_READINGS = GOLD / "technology_readings.jsonl"
HELD_OUT = "held-out"
WORST = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a text speaks of; offsets refer to the text as `benchmarks.gold_sample` cuts it."""

    id: str
    split: str
    text_hash: str
    technologies: tuple[Span, ...]
    sectors: Codes


def labelled(path: Path = FIRST_PASS) -> list[Labelled]:
    """The lines of a gold file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans = tuple((int(start), int(end)) for start, end in row["technologies"])
        found.append(
            Labelled(
                row["id"], row["split"], row["text_hash"], spans, frozenset(row.get("sectors", ()))
            )
        )
    return found


@cache
def texts() -> dict[str, str]:
    """The texts of the gold set by id."""
    gold = labelled()
    found = texts_of(gold, samples(folder()))
    return {one.id: text for one, text in zip(gold, found, strict=True)}


def texts_of(marked: Sequence[Labelled], drawn: Iterable[Sample]) -> list[str]:
    """The texts that were *marked*; ends with a clear line when a source has changed."""
    held = {one.id: one for one in drawn}
    for one in marked:
        if one.id not in held or held[one.id].text_hash != one.text_hash:
            sys.exit(f"{one.id}: the data folder no longer holds the text that was labelled")
    return [held[one.id].text for one in marked]


def spans_of(findings: Findings) -> list[Span]:
    """Where technologies were found."""
    return [(one.start, one.end) for one in findings.technologies]


def codes_of(findings: Findings) -> Codes:
    """Industrial ecosystems that were found."""
    return frozenset(one.code for one in findings.sectors if one.scheme == SCHEME)


# --- the table ---------------------------------------------------------------------------


def show(split: str, *, errors: bool, worst: bool) -> None:
    """Print the scores of one half, with the baselines; their thresholds are fitted on dev."""
    configuration = load_configuration()
    gold = [one for one in labelled() if one.split == split]
    dev = [one for one in labelled() if one.split == "dev"]
    given = [texts()[one.id] for one in gold]
    without = show_technologies(split, gold, given, configuration)
    findings = with_vectors(without, given, configuration)
    wanted = [one.sectors for one in gold]
    print(f"{'sectors, F1 (%)':22}{'macro':>11}{'micro':>11}{'none rightly none':>22}")
    rivals = {
        "trendscout": [codes_of(one) for one in findings],
        "without vectors": [codes_of(one) for one in without],
        **sector_baselines(given, dev, configuration),
    }
    for name, codes in rivals.items():
        empty = [not a for a, b in zip(codes, wanted, strict=True) if not b]
        scores = f"{100 * macro_f1(codes, wanted):11.1f}{100 * micro_f1(codes, wanted):11.1f}"
        print(f"  {name:20}{scores}{f'{sum(empty)} of {len(empty)}':>22}")
    for code, score in code_f1([codes_of(one) for one in findings], wanted).items():
        print(f"    {code:22}{100 * score:6.1f}{sum(code in one for one in wanted):5} texts")
    if worst:
        show_worst(gold, given, findings)
    if errors:
        show_errors(gold, given, findings)


def show_technologies(
    split: str, gold: Sequence[Labelled], given: Sequence[str], configuration: Configuration
) -> list[Findings]:
    """Print the scores of technologies in the texts *given*, with the baselines."""
    finder = extractor(configuration)
    findings = list(finder.extract(Text(text, text.index("\n")) for text in given))
    right = [one.technologies for one in gold]
    rivals: dict[str, list[list[Span]]] = {
        "trendscout": [spans_of(one) for one in findings],
        **technology_baselines(given, configuration),
    }
    mentions = sum(map(len, right))
    print(f"{split}: {len(gold)} texts, {mentions} mentions; in brackets 95 % over texts")
    print(f"{'technologies, F1 (%)':22}{'exact':>22}{'partial':>22}{'precision / recall':>22}")
    for name, found in rivals.items():
        print(f"  {name:20}{figures(found, right)}")
    return findings


def show_held_out(*, worst: bool) -> None:
    """The same for those of the texts read once that nothing learns from."""
    gold = [one for one in labelled(READ_ONCE) if one.split == HELD_OUT]
    given = texts_of(gold, further_samples(folder()))
    findings = show_technologies(HELD_OUT, gold, given, load_configuration())
    if worst:
        show_worst(gold, given, findings)


def figures(found: Sequence[Spans], right: Sequence[Spans]) -> str:
    """Exact and partial F1 with their intervals, and partial precision and recall."""
    cells = []
    for partial in (False, True):
        low, high = span_interval(found, right, partial=partial)
        score = span_f1(found, right, partial=partial)
        cells.append(f"{100 * score:.1f} [{100 * low:.1f}, {100 * high:.1f}]")
    precision, recall = span_parts(found, right, partial=True)
    cells.append(f"{100 * precision:.1f} / {100 * recall:.1f}")
    return "".join(f"{cell:>22}" for cell in cells)


def with_vectors(
    found: Sequence[Findings], given: Sequence[str], configuration: Configuration
) -> list[Findings]:
    """*found* with the sectors that a store has once the texts *given* have vectors."""
    vectors = load_embedder(configuration.settings.embedding).encode(given)
    texts = [Text(text, text.index("\n")) for text in given]
    said = judge(configuration).find(texts, vectors)
    return [replace(one, sectors=tuple(some)) for one, some in zip(found, said, strict=True)]


def sector_baselines(
    given: Sequence[str], dev: Sequence[Labelled], configuration: Configuration
) -> dict[str, list[Codes]]:
    """What plain ways of telling sectors say of the texts *given*."""
    tuning = [texts()[one.id] for one in dev]
    right = [one.sectors for one in dev]
    close = cosines(tuning, configuration)
    least_cosine = max(
        (step / 100 for step in range(5, 60)),
        key=lambda least: macro_f1([by_cosine(one, least) for one in close], right),
    )
    least_words = max(
        range(1, 6),
        key=lambda least: macro_f1(
            [by_keywords(text, configuration, least) for text in tuning], right
        ),
    )
    return {
        "embedding only": [by_cosine(one, least_cosine) for one in cosines(given, configuration)],
        "keywords only": [by_keywords(text, configuration, least_words) for text in given],
    }


def show_errors(
    gold: Sequence[Labelled], given: Sequence[str], findings: Sequence[Findings]
) -> None:
    """Print what was missed and what was wrongly found, text by text."""
    for one, text, found in zip(gold, given, findings, strict=True):
        mine, right = set(spans_of(found)), set(one.technologies)
        print(f"\n{one.id}")
        for name, spans in (("missed", right - mine), ("wrong", mine - right)):
            print(f"  {name}: {' | '.join(text[start:end] for start, end in sorted(spans))}")
        if codes_of(found) != one.sectors:
            print(f"  sectors: {sorted(codes_of(found))} for {sorted(one.sectors)}")


def show_worst(
    gold: Sequence[Labelled], given: Sequence[str], findings: Sequence[Findings]
) -> None:
    """Print the ten worst errors about technologies: kind, phrase, how often, document.

    The worst are those that cost most mentions: the same phrase in a text counts together.
    """
    counted: Counter[tuple[str, str, str]] = Counter()
    for one, text, found in zip(gold, given, findings, strict=True):
        mine, right = set(spans_of(found)), set(one.technologies)
        for start, end in sorted(right - mine):
            meets = any(start < last and first < end for first, last in mine)
            kind = "cut wrongly" if meets else "missed"
            counted[kind, text[start:end].lower(), one.id] += 1
        for start, end in sorted(mine - right):
            if not any(start < last and first < end for first, last in right):
                counted["wrongly found", text[start:end].lower(), one.id] += 1
    worst = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:WORST]
    print("the ten worst errors: kind, times, phrase, document")
    for (kind, phrase, document), times in worst:
        print(f"  {kind:14}{times:3}  {phrase:56} {document}")


def show_agreement() -> None:
    """Print how far the second pass agrees with the first."""
    second = labelled(SECOND_PASS)
    by_id = {one.id: one for one in labelled()}
    first = [by_id[one.id] for one in second]
    before, after = ([one.technologies for one in some] for some in (first, second))
    sectors = [one.sectors for one in first], [one.sectors for one in second]
    codes = sorted(
        one.code for one in load_configuration().sectors.values() if one.scheme == SCHEME
    )
    same = sum(a == b for a, b in zip(*sectors, strict=True))
    mentions = f"{sum(map(len, before))} and {sum(map(len, after))} mentions"
    print(f"two passes over {len(second)} texts, {mentions}")
    print(f"technologies: exact F1 {100 * span_f1(after, before, partial=False):.1f}")
    print(f"technologies: partial F1 {100 * span_f1(after, before, partial=True):.1f}")
    print(f"sectors: macro-F1 {100 * macro_f1(sectors[1], sectors[0]):.1f}")
    print(f"sectors: kappa over texts and codes {kappa(*sectors, codes):.2f}")
    print(f"sectors: the same set in {same} of {len(second)} texts")
    show_readings()


def show_readings() -> None:
    """Print how far those who labelled texts to learn from read the gold set's as it is."""
    gold = {one.id: one for one in labelled() if one.split == "dev"}
    rows, readers = _readings(TECHNOLOGY_READINGS)
    marked = [[(start, end) for start, end in row["technologies"]] for row in rows]
    spans = [gold[row["id"]].technologies for row in rows]
    print(
        f"technologies, {readers} readings of texts of the tuning half: exact F1"
        f" {100 * span_f1(marked, spans, partial=False):.1f}, partial F1"
        f" {100 * span_f1(marked, spans, partial=True):.1f}, {len(rows)} texts"
    )
    rows, readers = _readings(SECTOR_READINGS)
    right = [gold[row["id"]].sectors for row in rows]
    read = [frozenset(row["sectors"]) for row in rows]
    same = sum(a == b for a, b in zip(read, right, strict=True))
    print(
        f"sectors, {readers} readings of texts of the tuning half: macro-F1"
        f" {100 * macro_f1(read, right):.1f}, micro-F1 {100 * micro_f1(read, right):.1f},"
        f" the same set in {same} of {len(rows)}"
    )


def _readings(path: Path) -> tuple[list[dict[str, Any]], int]:
    """The lines of *path*, and by how many readers they are."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows, len({row["reading"] for row in rows})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("dev", "test", HELD_OUT), default="dev")
    parser.add_argument("--errors", action="store_true", help="list the errors (dev only)")
    parser.add_argument("--worst", action="store_true", help="list the ten worst errors")
    parser.add_argument("--agreement", action="store_true", help="compare the two passes")
    options = parser.parse_args()
    if options.agreement:
        show_agreement()
    elif options.split == "test" and (options.errors or options.worst):
        parser.error("errors of the test half stay unseen, or it would be tuned on")
    elif options.split == HELD_OUT and options.errors:
        parser.error("only the worst errors are listed of the texts that are held out")
    elif options.split == HELD_OUT:
        show_held_out(worst=options.worst)
    else:
        show(options.split, errors=options.errors, worst=options.worst)


if __name__ == "__main__":
    main()
