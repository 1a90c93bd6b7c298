"""Train the packaged English tagger: `python -m benchmarks.train_tagger TRAIN DEV OUT`.

TRAIN and DEV are CoNLL-U files of UD English EWT (plain or .xz, CC BY-SA 4.0). A tenth of the
training part decides when to stop; DEV is read once, at the end, for the scores that are stored
with the model. Everything is seeded, and no vectors or other data are used.
"""

import argparse
import json
import lzma
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

VERSION = "1.0.0"
WIDTH, DEPTH, ROWS = 96, 4, [5000, 1000, 2500, 2500]
BATCH = 8  # texts per update
SENTENCES_PER_TEXT = 4  # so that the tagger also sees where one sentence meets the next
LICENCE = """\
The weights and tables in this folder were derived from Universal Dependencies English EWT
(https://universaldependencies.org/treebanks/en_ewt/), (c) its contributors, licensed under
Creative Commons Attribution-ShareAlike 4.0 (https://creativecommons.org/licenses/by-sa/4.0/).
They are distributed under the same licence. Recipe: benchmarks/train_tagger.py.
"""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the treebank, word by word."""

    text: str
    words: list[str]
    tags: list[str]
    pos: list[str]
    morphs: list[str]
    lemmas: list[str]


def sentences(path: Path) -> Iterator[Sentence]:
    """The sentences of a CoNLL-U file whose words spell out their text."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        text, rows = "", []
        for line in lines:
            if line.startswith("# text = "):
                text = line[9:].rstrip("\n")
            elif line[0].isdigit():
                row = line.rstrip("\n").split("\t")
                if row[0].isdigit():  # not a multiword range or an empty node
                    rows.append(row)
            elif not line.strip() and rows:
                words, lemmas, pos, tags, feats = [list(c) for c in zip(*rows, strict=True)][1:6]
                morphs = ["" if value == "_" else value for value in feats]
                if "".join(words).replace(" ", "") == text.replace(" ", ""):
                    yield Sentence(text, words, tags, pos, morphs, lemmas)
                text, rows = "", []


def joined(group: Sequence[Sentence], *, lower: bool) -> Sentence:
    """Several sentences as one text, in small letters when asked."""
    text = " ".join(s.text for s in group)
    words = [w for s in group for w in s.words]
    return Sentence(
        text.lower() if lower else text,
        [w.lower() for w in words] if lower else words,
        [t for s in group for t in s.tags],
        [p for s in group for p in s.pos],
        [m for s in group for m in s.morphs],
        [lemma for s in group for lemma in s.lemmas],
    )


def examples(nlp: Any, found: Sequence[Sentence], rng: random.Random | None = None) -> list[Any]:
    """spaCy examples on the tokeniser's own words; *rng* writes some texts in small letters."""
    from spacy.training import Example

    groups = [found[i : i + SENTENCES_PER_TEXT] for i in range(0, len(found), SENTENCES_PER_TEXT)]
    result = []
    for group in groups:
        one = joined(group, lower=rng is not None and rng.random() < 0.08)
        gold = {"words": one.words, "tags": one.tags, "pos": one.pos, "morphs": one.morphs,
                "lemmas": one.lemmas}  # fmt: skip
        result.append(Example.from_dict(nlp.make_doc(one.text), gold))
    return result


def suffix_rules(pairs: Counter[tuple[str, str]]) -> tuple[list[list[str]], dict[str, list[str]]]:
    """Endings that turn a form into its lemma, longest first, and the forms they get wrong."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for (form, lemma), count in pairs.items():
        same = next(
            (i for i, (a, b) in enumerate(zip(form, lemma, strict=False)) if a != b),
            min(len(form), len(lemma)),
        )
        for start in range(same, max(same - 5, 0) - 1, -1):
            votes[form[start:]][lemma[start:]] += min(count, 3)
    rules: dict[str, str] = {}
    for old in sorted(votes, key=lambda old: (len(old), old)):
        new, count = votes[old].most_common(1)[0]
        known = next((i for i in range(1, len(old) + 1) if old[i:] in rules), None)
        inherited = None if known is None else old[:known] + rules[old[known:]]
        if new != inherited and (count >= 6 or not old):
            rules[old] = new
    ordered = sorted(rules, key=lambda old: (-len(old), old))
    wrong = {}
    for form, lemma in sorted(pairs, key=lambda pair: pairs[pair]):
        ending = next(old for old in [*ordered, ""] if form.endswith(old))
        if form[: len(form) - len(ending)] + rules.get(ending, ending) != lemma:
            wrong[form] = [lemma]
        else:
            wrong.pop(form, None)
    return [[old, rules[old]] for old in ordered], wrong


def lemma_tables(found: Sequence[Sentence]) -> Any:
    """The tables of spaCy's rule lemmatiser, learnt from the treebank."""
    from spacy.lookups import Lookups

    pairs: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for sentence in found:
        for word, pos, lemma in zip(sentence.words, sentence.pos, sentence.lemmas, strict=True):
            if pos not in {"PROPN", "NUM", "SYM", "X", "PUNCT"} and lemma != "_":
                pairs[pos.lower()][word.lower(), lemma.lower()] += 1
    rules, exceptions = {}, {}
    for pos, counted in sorted(pairs.items()):
        rules[pos], exceptions[pos] = suffix_rules(counted)
    lookups = Lookups()
    lookups.add_table("lemma_index", {pos: {} for pos in rules})
    lookups.add_table("lemma_rules", rules)
    lookups.add_table("lemma_exc", exceptions)
    return lookups


def pipeline() -> Any:
    """tok2vec, tagger (PTB tags) and morphologizer (UD), not yet trained."""
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe(
        "tok2vec",
        config={
            "model": {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {
                    "@architectures": "spacy.MultiHashEmbed.v2",
                    "width": WIDTH,
                    "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                    "rows": ROWS,
                    "include_static_vectors": False,
                },
                "encode": {
                    "@architectures": "spacy.MaxoutWindowEncoder.v2",
                    "width": WIDTH,
                    "depth": DEPTH,
                    "window_size": 1,
                    "maxout_pieces": 3,
                },
            }
        },
    )
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH}
    for name in ("tagger", "morphologizer"):
        nlp.add_pipe(name, config={"model": {"@architectures": "spacy.Tagger.v2",
                                             "tok2vec": listener}})  # fmt: skip
    return nlp


def train(train_path: Path, dev_path: Path, out: Path, *, epochs: int, seed: int) -> None:
    """Fit, keep the best epoch, score on DEV and write the model with its licence note."""
    from spacy.util import minibatch
    from thinc.api import fix_random_seed
    from thinc.optimizers import Adam
    from thinc.schedules import warmup_linear

    fix_random_seed(seed)
    rng = random.Random(seed)
    nlp = pipeline()
    found = list(sentences(train_path))
    held = {i for i in range(len(found)) if (i // 200) % 10 == 9}
    fitted = [s for i, s in enumerate(found) if i not in held]
    stop = examples(nlp, [found[i] for i in sorted(held)])
    data = examples(nlp, fitted, rng)
    nlp.initialize(lambda: data)
    # Added after initialize(), which would look for tables in a package we do not use.
    nlp.add_pipe("lemmatizer", config={"mode": "rule"}).lookups = lemma_tables(fitted)
    steps = epochs * (len(data) // BATCH + 1)
    optimizer = Adam(
        learn_rate=list(islice(warmup_linear(0.002, 150, steps), steps)), L2=0.01, grad_clip=1.0
    )
    best, best_bytes = 0.0, b""
    for epoch in range(epochs):
        rng.shuffle(data)
        losses: dict[str, float] = {}
        for batch in minibatch(data, BATCH):  # type: ignore[no-untyped-call]
            nlp.update(batch, sgd=optimizer, drop=0.15, losses=losses)
            optimizer.step_schedules()
        with nlp.use_params(optimizer.averages):
            scores = nlp.evaluate(stop)
            if scores["pos_acc"] > best:
                best, best_bytes = scores["pos_acc"], nlp.to_bytes()
        print(
            f"epoch {epoch + 1}: pos {scores['pos_acc']:.4f} tag {scores['tag_acc']:.4f} "
            f"lemma {scores['lemma_acc']:.4f} loss {sum(losses.values()):.0f}",
            flush=True,
        )
    nlp.from_bytes(best_bytes)
    scores = nlp.evaluate(examples(nlp, list(sentences(dev_path))))
    kept = {key: round(float(scores[key] or 0), 4)
            for key in ("tag_acc", "pos_acc", "morph_acc", "lemma_acc")}  # fmt: skip
    nlp.meta.update(
        lang="en", name="trendscout_tagger", version=VERSION, license="CC BY-SA 4.0",
        author="trendscout", description="Small English tagger trained on UD English EWT.",
        sources=[{"name": "UD English EWT", "license": "CC BY-SA 4.0"}], performance=kept,
    )  # fmt: skip
    nlp.to_disk(out)
    (out / "LICENCE.txt").write_text(LICENCE, encoding="utf-8")
    print(json.dumps(kept))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("dev", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    train(options.train, options.dev, options.out, epochs=options.epochs, seed=options.seed)


if __name__ == "__main__":
    main()
