"""How good and how fast extraction is: `python -m benchmarks.extraction`.

Reads the development data in TRENDSCOUT_BENCH_DATA and prints one table, the baselines of
each task measured in the same run. Nothing is trained on the gold; the weights of `nlp.terms`
were chosen on these development texts. `gold` is the half of the gold set that is reported on
(more in `benchmarks.gold`), `fields` what `benchmarks.fields` prints. `--tables memory`, not
among those that are printed by default, sends 100,000 texts through the processes of the stage
and prints what memory they hold; it takes a quarter of an hour.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks import fields, gold, keyphrases
from benchmarks.data import folder, json_lines
from benchmarks.extraction_speed import speed_table, stream_table
from benchmarks.gold_baselines import technology_baselines
from benchmarks.gold_score import span_f1
from config.configuration import Configuration
from config.loader import load_configuration
from nlp.embed import Embedder, load_embedder
from nlp.extraction import extractor

TABLES = ("speed", "gold", "technologies", "fields", "keyphrases", "memory")


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
    sentences = [
        sentence
        for abstract in json_lines(data / "keyphrases/acl_rd_tec_half.jsonl")
        for sentence in abstract["sentences"]
    ]
    right = [
        [(t["start"], t["end"]) for t in one["terms"] if t["class"] == "tech"] for one in sentences
    ]
    texts = [one["text"] for one in sentences]
    ways = {
        "trendscout": [gold.spans_of(one) for one in extractor(configuration).extract(texts)],
        **technology_baselines(texts, configuration),
    }
    print(f"\n{'ACL RD-TEC technology (%)':34}{'exact':>8}{'partial':>8}")
    for name, spans in ways.items():
        exact, partial = (100 * span_f1(spans, right, partial=loose) for loose in (False, True))
        print(f"  {name:32}{exact:8.1f}{partial:8.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES[:-1])
    parser.add_argument("--limit", type=int, default=0, help="texts per keyphrase set; 0 for all")
    parser.add_argument("--abstracts", type=int, default=2000, help="texts for the speed lines")
    parser.add_argument("--stream", type=int, default=100_000, help="texts for the memory lines")
    parser.add_argument("--processes", type=int, default=2, help="of the memory lines")
    options = parser.parse_args()
    data, configuration = folder(), load_configuration()
    if "speed" in options.tables:
        speed_table(data, configuration, options.abstracts)
    if "gold" in options.tables:
        print()
        gold.show("test", errors=False, worst=False)
    if "technologies" in options.tables:
        technology_table(data, configuration)
    if "fields" in options.tables:
        print()
        fields.show(everything=False)
    if "keyphrases" in options.tables:
        keyphrase_table(data, configuration, options.limit)
    if "memory" in options.tables:
        stream_table(data, configuration, options.stream, options.processes)


if __name__ == "__main__":
    main()
