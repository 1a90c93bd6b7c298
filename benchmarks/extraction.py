"""How good and how fast extraction is: `python -m benchmarks.extraction`.

Reads the development data in TRENDSCOUT_BENCH_DATA and prints one table, the baselines of
each task measured in the same run. Nothing is trained on the gold; the weights of `nlp.terms`
were chosen on these development texts. `--tables memory` sends 100,000 texts through the
processes of the stage and prints what memory they hold; it takes a quarter of an hour.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import keyphrases
from benchmarks.data import folder, json_lines
from benchmarks.extraction_speed import speed_table, stream_table
from config.loader import Configuration, load_configuration
from nlp.embed import Embedder, load_embedder
from nlp.extraction import extractor

TABLES = ("speed", "technologies", "keyphrases", "memory")


def keyphrase_table(data: Path, configuration: Configuration, limit: int) -> None:
    """F1@5/10/15 of ours, with and without vectors, and of the baselines."""
    embedder = load_embedder(configuration.settings.embedding)
    plain = extractor(configuration)
    close = replace(plain, embedder=embedder)
    print(f"\n{'keyphrases, stemmed F1 (%)':34}{'@5':>8}{'@10':>8}{'@15':>8}")
    for name in keyphrases.SETS:
        rows = keyphrases.gold(data, name, limit)
        texts = [text for text, _ in rows]
        right = [phrases for _, phrases in rows]
        weighing = keyphrases.tf_idf(texts)
        rankings: dict[str, list[list[str]]] = {
            "trendscout": [[t.text for t in one.terms] for one in close.extract(texts)],
            "trendscout without vectors": [
                [t.text for t in one.terms] for one in plain.extract(texts)
            ],
            "KeyBERT (1-3 words, same model)": [keybert(text, embedder) for text in texts],
            "TF-IDF": [weighing(text) for text in texts],
            "RAKE": [keyphrases.rake(text) for text in texts],
            "YAKE (re-implemented)": [keyphrases.yake(text) for text in texts],
        }
        print(f"{name} ({len(rows)} texts)")
        for method, predicted in rankings.items():
            scores = "".join(f"{one:8.1f}" for one in keyphrases.f1(predicted, right))
            print(f"  {method:32}{scores}")


def keybert(text: str, embedder: Embedder) -> list[str]:
    """KeyBERT (Grootendorst 2020): word groups without stop words, by cosine with the text."""
    found = sorted(set(keyphrases.grams(text)))
    if not found:
        return []
    vectors = embedder.encode([text, *found])
    cosines = vectors[1:] @ vectors[0]
    return [found[i] for i in (-cosines).argsort(kind="stable")]


def technology_table(data: Path, configuration: Configuration) -> None:
    """Exact and partial F1 on the `tech` mentions of ACL RD-TEC 2.0, annotator 1 and 2 alike."""
    finder = extractor(configuration)
    sentences = [
        sentence
        for abstract in json_lines(data / "keyphrases/acl_rd_tec_half.jsonl")
        for sentence in abstract["sentences"]
    ]
    right = [
        [(t["start"], t["end"]) for t in one["terms"] if t["class"] == "tech"] for one in sentences
    ]
    found = list(finder.extract(one["text"] for one in sentences))
    systems = {
        "trendscout": [[(m.start, m.end) for m in one.technologies] for one in found],
        "gazetteer only": [
            [(m.start, m.end) for m in one.technologies if m.concept] for one in found
        ],
        "noun phrases only": [[p for t in one.terms for p in t.places] for one in found],
    }
    print(f"\n{'ACL RD-TEC technology (%)':34}{'exact':>8}{'partial':>8}")
    for name, spans in systems.items():
        exact = span_f1(spans, right, partial=False)
        print(f"  {name:32}{exact:8.1f}{span_f1(spans, right, partial=True):8.1f}")


Spans = Sequence[Sequence[tuple[int, int]]]


def span_f1(found: Spans, right: Spans, *, partial: bool) -> float:
    """F1 in per cent; *partial* counts any overlap as a hit."""

    def fits(one: tuple[int, int], other: tuple[int, int]) -> bool:
        return one[0] < other[1] and other[0] < one[1] if partial else one == other

    hits = sum(any(fits(a, b) for b in gold) for mine, gold in zip(found, right, strict=True)
               for a in mine)  # fmt: skip
    met = sum(any(fits(a, b) for a in mine) for mine, gold in zip(found, right, strict=True)
              for b in gold)  # fmt: skip
    precision = hits / max(1, sum(map(len, found)))
    recall = met / max(1, sum(map(len, right)))
    return 200 * precision * recall / max(1e-9, precision + recall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES[:3])
    parser.add_argument("--limit", type=int, default=0, help="texts per keyphrase set; 0 for all")
    parser.add_argument("--abstracts", type=int, default=2000, help="texts for the speed lines")
    parser.add_argument("--stream", type=int, default=100_000, help="texts for the memory lines")
    parser.add_argument("--processes", type=int, default=2, help="of the memory lines")
    options = parser.parse_args()
    data, configuration = folder(), load_configuration()
    if "speed" in options.tables:
        speed_table(data, configuration, options.abstracts)
    if "technologies" in options.tables:
        technology_table(data, configuration)
    if "keyphrases" in options.tables:
        keyphrase_table(data, configuration, options.limit)
    if "memory" in options.tables:
        stream_table(data, configuration, options.stream, options.processes)


if __name__ == "__main__":
    main()
