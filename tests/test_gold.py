"""The gold set is well formed, fits the texts it was made from, and is scored as it says."""

import json
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.gold import (
    FIRST_PASS,
    HELD_OUT,
    READ_ONCE,
    SECOND_PASS,
    SECTOR_READINGS,
    TECHNOLOGY_READINGS,
    codes_of,
    labelled,
    show_worst,
    spans_of,
)
from benchmarks.gold_baselines import by_cosine, by_keywords, technology_baselines
from benchmarks.gold_label import occurrences, written
from benchmarks.gold_sample import BLOCKS, LONGEST_BODY, PER_BLOCK, Sample, cut, full, samples, tidy
from benchmarks.gold_score import (
    code_f1,
    kappa,
    macro_f1,
    matched,
    micro_f1,
    span_f1,
    span_interval,
    span_parts,
)
from benchmarks.sector_texts import written as written_texts
from benchmarks.train_technologies import TRAINING
from config.errors import InputError
from config.loader import load_configuration
from nlp.documents import Mention, SectorWeight
from nlp.extraction import Findings


@pytest.fixture(scope="module")
def drawn():
    """The texts themselves, by id."""
    named = os.environ.get("TRENDSCOUT_BENCH_DATA", "")
    if not named or not Path(named).is_dir():
        pytest.skip("TRENDSCOUT_BENCH_DATA names no folder with the texts")
    return {one.id: one for one in samples(Path(named))}


def mentions(spans):
    """A mention of a technology at each of *spans*."""
    return tuple(Mention(start, end, "technology", "x") for start, end in spans)


# --- the files -----------------------------------------------------------------------


def test_two_hundred_texts_are_labelled_half_of_each_kind_to_tune_on():
    gold = labelled()
    assert len({one.id for one in gold}) == len(gold) == 200
    for kind, many in PER_BLOCK.items():
        sides = [one.split for one in gold if one.id.startswith(f"{kind}:")]
        assert len(sides) == BLOCKS * many
        assert set(sides) == {"dev", "test"}
        assert abs(sides.count("dev") - sides.count("test")) <= 1
    assert sum(one.split == "dev" for one in gold) == 100


@pytest.mark.parametrize("path", [FIRST_PASS, SECOND_PASS, TRAINING, READ_ONCE])
def test_spans_are_in_order_and_do_not_overlap(path):
    for one in labelled(path):
        reach = -1
        for start, end in one.technologies:
            assert reach <= start < end
            reach = end


@pytest.mark.parametrize("path", [FIRST_PASS, SECOND_PASS])
def test_at_most_three_sectors_of_the_shipped_ones_are_given(path):
    sectors = load_configuration().sectors.values()
    codes = {one.code for one in sectors if one.scheme == "ecosystem"}
    for one in labelled(path):
        assert one.sectors <= codes
        assert len(one.sectors) <= 3


def test_the_second_pass_is_over_texts_of_the_first():
    first = {one.id: one.text_hash for one in labelled()}
    second = labelled(SECOND_PASS)
    assert len(second) >= 32
    assert all(first[one.id] == one.text_hash for one in second)


def test_texts_to_learn_from_are_in_no_half_of_the_gold():
    gold, more = {one.id for one in labelled()}, labelled(TRAINING)
    assert len({one.id for one in more}) == len(more) == 592
    assert not gold & {one.id for one in more}
    assert {one.split for one in more} == {"training"}


def test_texts_read_once_are_none_of_the_others_and_some_are_held_out():
    read, others = labelled(READ_ONCE), [*labelled(), *labelled(TRAINING)]
    assert len({one.id for one in read}) == len(read)
    assert not {one.id for one in read} & {one.id for one in others}
    assert Counter(one.split for one in read) == {"training": 6899, HELD_OUT: 300}


def test_texts_to_learn_sectors_from_carry_shipped_sectors():
    sectors = load_configuration().sectors.values()
    codes = {one.code for one in sectors if one.scheme == "ecosystem"}
    assert all(one.sectors <= codes for one in labelled(TRAINING))


def test_written_texts_are_all_different_and_carry_shipped_sectors():
    sectors = load_configuration().sectors.values()
    codes = {one.code for one in sectors if one.scheme == "ecosystem"}
    texts = written_texts()
    assert len({one.text for one in texts}) == len(texts) == 900
    assert all(one.sectors <= codes and len(one.sectors) <= 3 for one in texts)
    assert not any(re.search(r"\w@\w+\.\w|https?:|www\.", one.text) for one in texts)
    times = Counter(code for one in texts for code in one.sectors)
    assert min(times[code] for code in ("textiles", "retail", "tourism", "creative")) >= 100


@pytest.mark.parametrize("path", [SECTOR_READINGS, TECHNOLOGY_READINGS])
def test_readings_are_of_texts_that_may_be_tuned_on(path):
    tuning = {one.id for one in labelled() if one.split == "dev"}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 80
    assert {row["id"] for row in rows} <= tuning


def test_the_worst_errors_are_named_with_their_kind_and_document(capsys):
    one = next(one for one in labelled() if one.split == "dev" and len(one.technologies) > 2)
    first, second, *_ = one.technologies
    found = Findings(technologies=mentions([(first[0] + 1, first[1]), second]))
    show_worst([one], ["x" * 2000], [found])
    lines = capsys.readouterr().out.splitlines()
    assert any("cut wrongly" in line and line.endswith(one.id) for line in lines)
    assert any("missed" in line for line in lines)
    assert len(lines) <= 11


def test_a_gold_file_holds_no_words_of_its_texts():
    for path in (FIRST_PASS, SECOND_PASS, TRAINING, READ_ONCE):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert line.startswith('{"id": ')
            assert len(line) < 1500


def test_every_labelled_text_is_drawn_again_unchanged(drawn):
    for one in labelled():
        assert drawn[one.id].text_hash == one.text_hash
        assert drawn[one.id].split == one.split


def test_every_span_begins_and_ends_at_a_word_of_its_text(drawn):
    for path in (FIRST_PASS, SECOND_PASS):
        for one in labelled(path):
            text = drawn[one.id].text
            for start, end in one.technologies:
                assert end <= len(text)
                assert text[start:end] == text[start:end].strip()
                assert "\n" not in text[start:end]
                assert not (text[start - 1 : start].isalnum() and text[start].isalnum())
                assert not (text[end : end + 1].isalnum() and text[end - 1].isalnum())


# --- the sample ----------------------------------------------------------------------


def test_a_long_body_ends_with_its_last_whole_sentence():
    sentence = "Heat pumps warm houses, e.g. ours, at 3.5 times the power they take. "
    short = cut(sentence * 40)
    assert short.endswith("they take.")
    assert LONGEST_BODY - len(sentence) < len(short) <= LONGEST_BODY


def test_a_body_without_sentences_ends_with_a_word():
    assert cut("word " * 1000).endswith("word")


def test_a_body_without_a_space_is_cut_all_the_same():
    assert cut("x" * 5000) == "x" * LONGEST_BODY


def test_white_space_of_a_source_does_not_move_offsets():
    assert full(" A\ttitle ", "A  body\nof two lines.") == "A title\nA body of two lines."


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("1710.0954399999998", "1710.09544"),
        ("1305.635", "1305.6350"),
        ("HORIZON-CL4-2023", "HORIZON-CL4-2023"),
    ],
)
def test_an_arxiv_number_is_written_as_arxiv_does(key, right):
    assert tidy(key) == right


# --- labelling -----------------------------------------------------------------------


def test_every_whole_word_is_labelled_and_the_longest_wins():
    text = "Solar cells: a solar cell is no solar cellar. Perovskite solar cells."
    found = occurrences(text, ["solar cells", "solar cell", "perovskite solar cells"])
    assert [text[start:end] for start, end in found] == [
        "Solar cells",
        "solar cell",
        "Perovskite solar cells",
    ]


def test_capitals_count_in_abbreviations():
    text = "The MAP is no map."
    assert occurrences(text, ["MAP"]) == [(4, 7)]


def test_a_string_that_is_not_in_the_text_is_an_error():
    with pytest.raises(InputError, match="graphen"):
        occurrences("Graphene is thin.", ["graphen"])


def test_notes_with_an_unknown_sector_name_their_line(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("a | digital |\nb | banking |\n", encoding="utf-8")
    drawn = {key: Sample(key, "dev", "Some text.") for key in "ab"}
    with pytest.raises(InputError, match=r"notes\.txt, line 2: no such sector: banking"):
        list(written(notes, drawn, frozenset({"digital"})))


# --- the scores ----------------------------------------------------------------------


def test_a_span_counts_as_exact_only_with_both_ends():
    assert matched([(0, 5), (8, 12)], [(0, 5), (8, 11)], partial=False) == 1


def test_a_long_finding_meets_one_labelled_span_and_no_more():
    assert matched([(0, 100)], [(0, 5), (8, 12), (20, 30)], partial=True) == 1


def test_spans_that_only_touch_do_not_meet():
    assert matched([(0, 5)], [(5, 9)], partial=True) == 0


def test_as_many_pairs_meet_as_can():
    assert matched([(0, 6), (7, 9)], [(0, 2), (4, 8)], partial=True) == 2


def test_precision_recall_and_f1_are_counted_over_all_texts():
    found, right = [[(0, 5), (6, 7)], []], [[(0, 5)], [(1, 4), (5, 6)]]
    assert span_parts(found, right, partial=False) == (1 / 2, 1 / 3)
    assert span_f1(found, right, partial=False) == pytest.approx(2 / 5)


def test_finding_nothing_where_nothing_is_scores_full():
    assert span_f1([[]], [[]], partial=False) == 1.0


def test_the_interval_holds_the_score_and_is_the_same_each_time():
    found, right = [[(0, 5)], [(0, 2)], []] * 10, [[(0, 5)], [(0, 3)], [(1, 2)]] * 10
    low, high = span_interval(found, right, partial=False)
    assert low < span_f1(found, right, partial=False) < high
    assert span_interval(found, right, partial=False) == (low, high)


def test_a_code_that_the_gold_never_has_costs_micro_but_not_macro_f1():
    found = [frozenset({"health", "retail"}), frozenset()]
    right = [frozenset({"health"}), frozenset()]
    assert code_f1(found, right) == {"health": 1.0}
    assert macro_f1(found, right) == 1.0
    assert micro_f1(found, right) == pytest.approx(2 / 3)


def test_kappa_takes_chance_off():
    first = [frozenset({"a"}), frozenset({"a"}), frozenset(), frozenset()]
    second = [frozenset({"a"}), frozenset(), frozenset(), frozenset()]
    assert kappa(first, first, ["a"]) == 1.0
    assert kappa(first, second, ["a"]) == pytest.approx(0.5)


def test_kappa_of_readers_who_agree_by_chance_is_nought():
    first = [frozenset({"a"}), frozenset({"a"}), frozenset(), frozenset()]
    second = [frozenset({"a"}), frozenset(), frozenset({"a"}), frozenset()]
    assert kappa(first, second, ["a"]) == pytest.approx(0.0)


def test_technologies_are_also_looked_for_in_plain_ways():
    text = "A better perovskite solar cell was made in the laboratory."
    shipped = load_configuration()
    one = {key: tech for key, tech in shipped.technologies.items() if "perovskite" in tech.label}
    found = technology_baselines([text], replace(shipped, technologies=one))
    named = {way: [text[start:end] for start, end in spans] for way, (spans,) in found.items()}
    assert named["gazetteer only"] == named["gazetteer, on lemmas"] == ["perovskite solar cell"]
    assert "laboratory" in named["noun phrases only"]


def test_findings_are_scored_by_their_spans_and_ecosystems():
    gold = next(one for one in labelled() if one.technologies and one.sectors)
    right = Findings(
        technologies=mentions(gold.technologies),
        sectors=(
            *(SectorWeight("ecosystem", code, 1.0) for code in gold.sectors),
            SectorWeight("nace", "26", 1.0),
        ),
    )
    assert spans_of(right) == list(gold.technologies)
    assert codes_of(right) == gold.sectors


# --- the baselines -------------------------------------------------------------------


def test_keywords_count_as_whole_words_in_any_case():
    configuration = load_configuration()
    assert by_keywords("Aircraft. And an AIRPORT", configuration, 2) == {"aerospace_defence"}
    assert by_keywords("Aircrafty airportlike", configuration, 1) == frozenset()


def test_a_sector_counts_from_the_threshold_on():
    assert by_cosine({"health": 0.4, "retail": 0.39}, 0.4) == {"health"}
