import json
from importlib.resources import files

import pytest

from benchmarks.train_tagger import sentences, suffix_rules
from nlp.tagger import load_tagger, tagger_name

TREEBANK = """\
# text = It doesn't weave.
1\tIt\tit\tPRON\tPRP\tNumber=Sing\t4\tnsubj\t_\t_
2-3\tdoesn't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdoes\tdo\tAUX\tVBZ\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
4\tweave\tweave\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
5\t.\t.\tPUNCT\t.\t_\t4\tpunct\t_\t_

# text = These words are not those.
1\tOther\tother\tADJ\tJJ\t_\t0\troot\t_\t_

"""


@pytest.fixture(scope="module")
def packaged():
    return files("nlp") / "data" / "tagger"


def test_the_packaged_tagger_tells_nouns_from_verbs():
    doc = load_tagger()("The new plant makes two glass anodes.")
    assert [token.pos_ for token in doc] == [
        "DET", "ADJ", "NOUN", "VERB", "NUM", "NOUN", "NOUN", "PUNCT"]  # fmt: skip


def test_the_packaged_tagger_gives_lemmas():
    doc = load_tagger()("The batteries were made by two companies.")
    assert [token.lemma_ for token in doc if token.pos_ in {"NOUN", "VERB"}] == [
        "battery", "make", "company"]  # fmt: skip


def test_the_packaged_tagger_is_small_and_says_where_it_comes_from(packaged):
    size = sum(path.stat().st_size for path in packaged.rglob("*") if path.is_file())
    assert size < 15_000_000
    meta = json.loads((packaged / "meta.json").read_text(encoding="utf-8"))
    assert meta["license"] == "CC BY-SA 4.0"
    assert meta["performance"]["pos_acc"] > 0.93
    assert "Universal Dependencies" in (packaged / "LICENCE.txt").read_text(encoding="utf-8")


def test_the_name_of_the_tagger_needs_no_loading(packaged):
    meta = json.loads((packaged / "meta.json").read_text(encoding="utf-8"))
    assert tagger_name() == f"{meta['name']}-{meta['version']}"


def test_the_recipe_reads_words_and_leaves_out_what_does_not_spell_its_text(tmp_path):
    path = tmp_path / "tiny.conllu"
    path.write_text(TREEBANK, encoding="utf-8")
    [found] = sentences(path)
    assert found.words == ["It", "does", "n't", "weave", "."]
    assert found.morphs == ["Number=Sing", "", "", "", ""]


def test_the_recipe_learns_endings_and_keeps_what_they_get_wrong():
    from collections import Counter

    regular = Counter({(f"{stem}s", stem): 2 for stem in ("cell", "chip", "loom", "rail", "fan")})
    rules, wrong = suffix_rules(regular + Counter({("mice", "mouse"): 2, ("yarn", "yarn"): 9}))
    assert ["s", ""] in rules
    assert wrong == {"mice": ["mouse"]}
