"""The back-test page: what it says, and that hostile labels stay text."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from pipelines.backtest import summary
from reports.backtest import (
    Backtest,
    Chance,
    Cutoff,
    Fate,
    FlaggedTheme,
    Result,
    Rival,
    record,
    render_backtest,
)
from reports.parts import Growth

GROWING = FlaggedTheme(
    "mycelium insulation panels",
    Growth(2.4, 1.6, 3.5, 0.01),
    "growing: 39 in the recent window; two fields",
    (Fate(12, 12, True, 1.9, 64), Fate(24, 20, False, 1.1, 41)),
)
POOLED = (
    Result(12, (12, 12), 2, 90, 14, 9, 16, 0.18, 0.55, (0.41, 0.83)),
    Result(24, (20, 24), 1, 40, 5, 2, 8, 0.2, 0.4),
)
TEST = Backtest(
    first="2020-W01",
    last="2020-W14",
    yearly=1.08,
    followers=20,
    q=0.1,
    cutoffs=(
        Cutoff("2020-W01", 4_000, 50, (replace(POOLED[0], cutoffs=1),), (GROWING,)),
        Cutoff("2020-W14", 4_100, 40),
    ),
    chance=Chance(4, 180, 1, 1),
    pooled=POOLED,
    rivals=(Rival("Holt", (Result(24, (20, 24), 1, 40, 10, 5, 8, 0.2, 0.3),)),),
)


def rows(page: str) -> list[list[str]]:
    """The cells of all tables; fails when the page is not well formed."""
    tree = ET.fromstring(page.partition("<body>")[2].partition("</body>")[0])
    return [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]


def test_horizons_stand_with_interval_and_base_rate() -> None:
    cells = rows(render_backtest(TEST))
    assert cells[1][:9] == ["12", "2", "14", "9", "64 %", "41 to 83 %", "18 %", "3.6", "55 %"]
    assert cells[1][9:] == ["56 %", "0.43"]  # 9 of 16 that grew; 9 of 21 flagged or grown


def test_a_horizon_that_the_archive_does_not_reach_is_said_to_be_so() -> None:
    assert "its last twelve months are looked at" in render_backtest(TEST)
    assert "its last twelve months" not in render_backtest(replace(TEST, pooled=POOLED[:1]))


def test_a_horizon_without_flags_is_said_to_have_none() -> None:
    assert summary(replace(POOLED[0], flags=0, hits=0)) == (
        "nothing was flagged 12 months before (base rate 18 %)"
    )
    assert summary(POOLED[0]).startswith("of 14 themes flagged 12 months before, 9 grew")


def test_an_interval_that_cannot_be_told_is_not_shown() -> None:
    cells = rows(render_backtest(TEST))
    assert cells[2][:9] == ["20 to 24", "1", "5", "2", "40 %", "n/a", "20 %", "2.0", "40 %"]


def test_flags_where_nothing_emerges_are_told() -> None:
    page = render_backtest(TEST)
    assert "0.56 % of the themes are flagged; 1 of 4 such corpora has a flag at all." in page
    assert "2 of 4 such corpora have" in render_backtest(replace(TEST, chance=Chance(4, 180, 2, 2)))


def test_detectors_stand_in_order_of_being_right_at_the_longest_horizon() -> None:
    names = [row[0] for row in rows(render_backtest(TEST)) if row[0] in {"Holt", "trendscout"}]
    assert names == ["Holt", "trendscout"]


def test_each_flag_stands_with_its_growth_and_every_outcome() -> None:
    page = render_backtest(TEST)
    assert "Mycelium insulation panels" in page
    assert "2.4 times its former share (90 % interval 1.6 to 3.5)" in page
    assert 'After 12 months <span class="grew">grew</span>: 1.9 times its share' in page
    assert 'After 20 months <span class="not">did not grow</span>' in page


def test_the_headline_speaks_of_the_longest_horizon() -> None:
    assert "<h1>Of 5 themes flagged 20 to 24 months before, 2 had grown</h1>" in render_backtest(
        TEST
    )


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (replace(TEST, pooled=(), rivals=()), "Too early to say how the flags turned out"),
        (replace(TEST, pooled=(), rivals=(), cutoffs=()), "Nothing would have been flagged"),
        (
            replace(TEST, pooled=(Result(12, (12, 12), 1, 40, 0, 0, 8, 0.2, 0.3),), cutoffs=()),
            "Nothing would have been flagged",
        ),
    ],
)
def test_a_back_test_without_a_result_says_so(test: Backtest, said: str) -> None:
    page = render_backtest(test)
    rows(page)
    assert f"<h1>{said}</h1>" in page


def test_hostile_labels_stay_text() -> None:
    nasty = "<script>alert(1)</script>\u202e\x00 {{ 7 * 7 }}"
    flag = replace(GROWING, label=nasty, why=nasty)
    page = render_backtest(replace(TEST, cutoffs=(replace(TEST.cutoffs[0], flagged=(flag,)),)))
    rows(page)
    assert "<script" not in page
    assert "\u202e" not in page
    assert "\x00" not in page
    assert "49" not in page


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = render_backtest(TEST)
    assert "default-src 'none'" in page
    assert not any(mark in page for mark in ("http://", "https://", "src=", "@import", "url("))


def test_the_record_holds_what_the_page_says() -> None:
    found = record(TEST)
    assert found["pooled"][0]["interval"] == (0.41, 0.83)
    assert found["cutoffs"][0]["flagged"][0]["fates"][1]["grew"] is False
