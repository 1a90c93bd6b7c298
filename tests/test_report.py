"""What every rendering of a report says, and what it must never let through."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from reports import charts, wording
from reports.cards import so_what
from reports.feed import read_issue, render_feed, render_index
from reports.front import decision, front, headline
from reports.mail import addressed, mail
from reports.method import method_lines
from reports.model import (
    Audience,
    Bar,
    Cell,
    Change,
    Growth,
    Link,
    PastFlag,
    Point,
    ThemeRow,
    TrackRecord,
    WeeklyReport,
)
from reports.render_html import render_html
from reports.render_json import render_json
from reports.render_markdown import escape, render_markdown
from reports.render_pdf import render_pdf
from reports.render_xlsx import render_xlsx
from reports.view import view
from reports.wording import growth
from tests.report_samples import CARDS, REPORT

GOLDEN = Path(__file__).parent / "golden" / "report.html"
HOSTILE = (
    "<script>alert(1)</script> **bold** [x](http://evil.example) "
    "#eval(read(\"/etc/passwd\")) $ =cmd|'/c'!A1"
)
ROW = ThemeRow(
    theme="t-1", label="=HYPERLINK(\"http://evil.example\")", keywords=("@SUM(1)", "+2"),
    theme_class="emerging", flagged=True, score=50.0, growth=Growth(2.0, 1.5, float("inf"), None),
    documents=9, recent=5, organisations=4, countries=2, first_seen="2025-W01",
    since=None, cross_sector=False, cross_score=0.0, sectors={"-1+1": 0.5}, confidence="low",
    why="=1+1",
)  # fmt: skip


def quiet(**changes: object) -> WeeklyReport:
    """A week in which nothing happened."""
    empty = {"cards": (), "changes": (), "watch": (), "caution": (), "flagged": 0, "points": ()}
    return replace(REPORT, **{**empty, **changes})  # type: ignore[arg-type]


def hostile() -> WeeklyReport:
    """The sample report with every text that can come from outside replaced by an attack."""
    link = Link(HOSTILE, "javascript:alert(1)", HOSTILE, "2026-03-01", "news")
    card = replace(
        CARDS[0],
        label=HOSTILE,
        keywords=(HOSTILE,),
        why=HOSTILE,
        links=(link,),
        sectors=(replace(CARDS[0].sectors[0], label=HOSTILE),),
        pairs=(replace(CARDS[0].pairs[0], first=HOSTILE),),
        priorities=(replace(CARDS[0].priorities[0], title=HOSTILE, sentence=HOSTILE),),
        actors=(replace(CARDS[0].actors[0], name=HOSTILE),),
        partners=(replace(CARDS[0].partners[0], name=HOSTILE, proof=link),),
        watched_terms=(HOSTILE,),
        value_chain=(HOSTILE,),
        challenges=(HOSTILE,),
        part_of=HOSTILE,
        next_step=replace(CARDS[0].next_step, about=HOSTILE),
    )
    return replace(
        REPORT,
        audience=Audience("DED", "region", HOSTILE, HOSTILE),
        cards=(card,),
        watch=tuple(replace(line, label=HOSTILE) for line in REPORT.watch),
        changes=tuple(replace(one, label=HOSTILE, why=HOSTILE) for one in REPORT.changes),
        sources=tuple(replace(one, title=HOSTILE, reason=HOSTILE) for one in REPORT.sources),
        bars=(Bar(HOSTILE, 1, 2),),
        cells=(Cell(HOSTILE, HOSTILE, 3, 2.0, 1.2, "t-1"),),
        points=(Point(HOSTILE, "emerging", 1, Growth(2, 1.5, 3, 0.1), 9, True),),
    )


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


# --- the page ----------------------------------------------------------------


def without_drawings(page: str) -> str:
    """The page with its drawings cut out: their coordinates belong to the drawing library."""
    return re.sub(r"<svg.*?</svg>", "<svg/>", page, flags=re.DOTALL)


def test_page_is_the_golden_one() -> None:
    # To accept a new page: write `without_drawings(render_html(REPORT))` to the golden file.
    assert without_drawings(render_html(REPORT)) == GOLDEN.read_text(encoding="utf-8")


def test_page_escapes_what_sites_publish() -> None:
    page = render_html(hostile())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "javascript:" not in page


def test_page_asks_for_nothing_from_outside() -> None:
    page = render_html(REPORT)
    assert not re.findall(r"<(?:link|script|img|iframe|object|embed|form)\b", page)
    assert not re.findall(r"@import|url\((?!#)", page)
    assert "default-src 'none'" in page


def test_links_of_the_page_are_web_addresses_without_a_way_back() -> None:
    anchors = re.findall(r"<a [^>]*>", render_html(REPORT))
    outside = [anchor for anchor in anchors if "#themes" not in anchor]
    assert outside
    assert all('href="https://' in anchor for anchor in outside)
    assert all('rel="noopener noreferrer"' in anchor for anchor in outside)


def test_every_picture_has_a_description() -> None:
    page = render_html(REPORT)
    described = re.findall(r'<div role="img" aria-label="[^"]{20,}"><svg', page)
    assert len(described) == page.count("<svg") == len(CARDS) + 3


def test_identifiers_of_the_page_are_unique() -> None:
    identifiers = re.findall(r'\bid="([^"]+)"', render_html(REPORT))
    assert len(identifiers) == len(set(identifiers))


def test_growth_never_stands_without_its_interval() -> None:
    page = render_html(REPORT)
    shown = re.findall(r"times its former share(.{0,24})", page)
    assert len(shown) >= 8
    assert all("90 % interval" in after for after in shown)


def test_nothing_is_predicted() -> None:
    for text in (render_html(REPORT), render_markdown(REPORT)):
        assert not re.search(r"\b(?:will|going to|is set to)\b", text)


def test_titles_to_be_confirmed_are_marked() -> None:
    page = render_html(REPORT)
    assert '<span class="status">to be confirmed</span>' in page
    assert "2 of 7 priorities are to be confirmed" in page


def test_organisations_that_cannot_be_judged_are_not_counted_as_none() -> None:
    assert "12 documents, organisations not named by the sources" in render_html(REPORT)


# --- ordinary weeks of the unusual kind ----------------------------------------


def test_quiet_week_says_so() -> None:
    report = quiet(silent_priorities=(), blind_spots=())
    assert headline(report) == "No significant change this week"
    page = render_html(report)
    assert "An empty week is an ordinary result" in page
    assert "Nothing entered, left or changed class since 2026-W09." in page
    assert decision(report) == "No decision needed this week."


def test_flagged_themes_without_any_change_are_no_significant_change() -> None:
    assert headline(replace(REPORT, changes=())) == "No significant change this week"


def test_first_week_has_nothing_to_compare_with() -> None:
    page = render_html(replace(REPORT, previous=None, changes=()))
    assert "This is the first issue" in page
    assert "No significant change" not in page


def test_silent_source_is_named_on_the_front_page() -> None:
    text = " ".join(front(REPORT)["sentences"])
    assert "Not heard from: Wind Letter." in text
    assert "answered with an error page three times" in render_html(REPORT)


def test_imported_archive_makes_no_source_silent() -> None:
    sources = tuple(replace(one, heard=None) for one in REPORT.sources)
    page = render_html(replace(REPORT, sources=sources))
    assert "No source was crawled for this week" in page
    assert "Not heard from" not in page


def test_week_without_documents_says_so() -> None:
    assert "No new document became available this week" in render_html(replace(REPORT, documents=0))


def test_nothing_to_draw_is_said_in_words() -> None:
    page = render_html(replace(REPORT, cells=(), points=(), bars=()))
    assert "No technology and sector met" in page
    assert "no theme can be placed yet" in page


def test_front_page_is_read_in_a_minute() -> None:
    values = front(REPORT)
    words = " ".join([values["headline"], *values["sentences"], values["decision"]]).split()
    assert len(words) <= 150


def test_cards_stay_short() -> None:
    for card in view(REPORT)["cards"]:
        told = [card["so_what"], card["growth"], card["evidence"], card["why"], card["next_step"]]
        told += [*card["sectors"], *card["pairs"], *(one["title"] for one in card["priorities"])]
        assert len(" ".join(told).split()) <= 120


def test_cards_name_value_chain_and_challenges_where_there_are_some() -> None:
    card = replace(CARDS[0], value_chain=("Components and subsystems",), challenges=("Clean air",))
    told = replace(REPORT, cards=(card,))
    for text in (render_html(told), render_markdown(told)):
        assert "Components and subsystems" in text
        assert "Clean air" in text
    assert "Value chain" not in render_html(REPORT)


# --- other forms ---------------------------------------------------------------


def test_data_has_stable_keys_and_a_version() -> None:
    record = json.loads(render_json(REPORT))
    assert record["format"] == 1
    names = [field.name for field in fields(WeeklyReport)]
    assert list(record) == ["format", *names, "front"]
    assert record["track_record"]["grew"] == 2


def test_data_holds_no_number_that_is_none() -> None:
    card = replace(CARDS[0], growth=Growth(float("inf"), float("nan"), 1.0, None))
    record = json.loads(render_json(replace(REPORT, cards=(card,))))
    assert record["cards"][0]["growth"] == {"ratio": None, "low": None, "high": 1.0, "q": None}


def test_markdown_shows_hostile_text_as_text() -> None:
    text = render_markdown(hostile())
    assert "<script" not in text
    assert not re.search(r"(?<!\\)\]\(", text.replace("](<https://", ""))
    assert "](<javascript" not in text
    assert "\\*\\*bold\\*\\*" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("a_b `c` <d> & [e]", "a\\_b \\`c\\` &lt;d&gt; &amp; \\[e\\]"),
        ("3.5 times", "3.5 times"),
    ],
)
def test_markdown_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_print_edition_has_at_most_four_pages() -> None:
    cards = tuple(replace(card, theme=f"t-{n}") for n, card in enumerate((*CARDS, *CARDS[:2])))
    watch = (REPORT.watch * 4)[:10]
    pdf = render_pdf(replace(REPORT, cards=cards, watch=watch, changes=(REPORT.changes * 4)[:12]))
    assert pdf.startswith(b"%PDF")
    assert 1 <= pages(pdf) <= 4


def test_print_edition_takes_hostile_text_as_text() -> None:
    assert render_pdf(hostile()).startswith(b"%PDF")
    assert b"javascript" not in render_pdf(hostile())


def test_print_edition_of_an_empty_week_is_made() -> None:
    report = quiet(bars=(), cells=(), sources=(), blind_spots=(), silent_priorities=())
    assert pages(render_pdf(report)) == 1


def test_sheet_holds_no_formula_and_no_link() -> None:
    with ZipFile(BytesIO(render_xlsx(hostile(), [ROW]))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
        strings = book.read("xl/sharedStrings.xml").decode()
        links = [name for name in book.namelist() if "worksheets/_rels" in name]
    assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)
    assert links == []
    assert "=HYPERLINK(" in strings


def test_mail_is_the_front_page_as_text_and_page_with_the_print_edition() -> None:
    message = mail(REPORT, b"%PDF-1.7")
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "application/pdf"]
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Suggested decision: Add to EDP agenda" in text
    assert message["Date"] == "Mon, 09 Mar 2026 06:00:00 +0000"


def test_mail_subject_cannot_smuggle_a_header() -> None:
    change = replace(REPORT.changes[0], label="evil\r\nBcc: victim@example.org")
    message = mail(replace(REPORT, changes=(change,)), b"%PDF")
    assert message["Bcc"] is None
    assert b"\r\nBcc:" not in message.as_bytes()


def test_several_readers_do_not_see_each_other() -> None:
    message = addressed(mail(REPORT, b"%PDF"), "a@example.org", ("b@example.org", "c@example.org"))
    assert b"b@example.org" not in message.as_bytes()
    assert "X-Unsent" not in message


def test_feed_is_well_formed_and_newest_first() -> None:
    older = replace(REPORT, week="2026-W09", first_day="2026-02-23", last_day="2026-03-01")
    issues = [read_issue(render_json(one)) for one in (older, hostile())]
    feed = ET.fromstring(render_feed(issues))
    atom = "{http://www.w3.org/2005/Atom}"
    updated = [entry.findtext(f"{atom}updated") for entry in feed.iter(f"{atom}entry")]
    assert updated == ["2026-03-09T06:00:00+00:00", "2026-03-02T06:00:00+00:00"]
    assert "<script" not in render_index(issues)


def test_empty_list_of_issues_is_a_page() -> None:
    assert "No report has been published yet." in render_index([])
    ET.fromstring(render_feed([]))


@pytest.mark.parametrize(
    "render",
    [
        render_html,
        render_json,
        render_markdown,
        render_pdf,
        lambda report: render_xlsx(report, [ROW]),
        lambda report: mail(report, b"%PDF").as_bytes(),
    ],
    ids=["html", "json", "markdown", "pdf", "xlsx", "mail"],
)
def test_same_report_gives_the_same_bytes(render) -> None:  # type: ignore[no-untyped-def]
    first = render(REPORT)
    for draw in (charts.sparkline, charts.emergence_map, charts.heat_map, charts.bars):
        draw.cache_clear()
    assert render(REPORT) == first


# --- wording -------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/x",
        "https://",
        "https://example.org/a b",
        'https://example.org/"onmouseover="x',
        "https://[bad",
        "",
    ],
)
def test_addresses_that_are_no_web_pages_are_dropped(url: str) -> None:
    assert wording.safe_url(url) == ""


def test_ordinary_address_is_kept() -> None:
    url = "https://example.org/a?b=1&c=2#d"
    assert wording.safe_url(url) == url


def test_direction_and_control_characters_are_taken_out() -> None:
    assert wording.plain("a\u202eb\x00c\r\nd") == "a b c d"


@pytest.mark.parametrize(
    ("growth", "said"),
    [
        (Growth(2.4, 1.6, 3.5, 0.1), "2.4 times its former share (90 % interval 1.6 to 3.5)"),
        (Growth(24.0, 11.2, 51.0, 0.1), "24 times its former share (90 % interval 11 to 51)"),
        (Growth(float("nan"), 0.0, 1.0, None), "growth cannot be told yet"),
    ],
)
def test_growth_in_words(growth: Growth, said: str) -> None:
    assert wording.growth(growth) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-02", "2026-03-08", "2 to 8 March 2026"),
        ("2026-03-30", "2026-04-05", "30 March to 5 April 2026"),
        ("2025-12-29", "2026-01-04", "29 December 2025 to 4 January 2026"),
    ],
)
def test_days_of_a_week_in_words(first: str, last: str, said: str) -> None:
    assert wording.week_range(first, last) == said


def test_label_gets_a_capital_unless_it_has_its_own_spelling() -> None:
    assert wording.title("solid-state battery") == "Solid-state battery"
    assert wording.title("mRNA vaccine") == "mRNA vaccine"


def test_reason_does_not_repeat_the_growth() -> None:
    why = "growing: 39 in the recent window; 4.2 times (90 % interval 2.4 to 7.4); two fields"
    assert wording.brief(why) == "Growing: 39 in the recent window; two fields."


def test_what_to_handle_with_care_says_why() -> None:
    why = "Growing in news alone: 17 in the recent window; 3 times (90 % interval 1.9 to 4.7)."
    report = replace(REPORT, caution=(replace(REPORT.caution[0], why=why),))
    for page in (render_html(report), render_markdown(report)):
        assert "26 documents. Growing in news alone: 17 in the recent window." in page


def test_the_regions_and_organisations_that_are_not_listed_are_counted() -> None:
    everybody = Audience("all", "all", "all regions")
    card = replace(CARDS[0], regions=("Saxony", "Piedmont", "Lithuania", "Slovenia"), local=9)
    assert so_what(card, replace(REPORT, audience=everybody)).endswith(
        "It touches priorities of Saxony, Piedmont, Lithuania and one more."
    )
    assert "nine local organisations take part" in so_what(card, REPORT)


def test_the_decision_is_about_something_to_do() -> None:
    idle = replace(CARDS[0], next_step=replace(CARDS[0].next_step, action="watch", about=""))
    label = CARDS[1].label
    assert label in decision(replace(REPORT, cards=(idle, CARDS[1])))
    assert decision(replace(REPORT, cards=(idle,))).startswith("Watch, because of ")


def test_matches_that_came_or_went_are_counted_apart() -> None:
    lost = Change("unmatched", "t-1", "A theme", None, None, "Mining: 0.502 to 0.498.")
    page = render_html(replace(REPORT, changes=(lost,)))
    assert "one match with a priority came or went; the reasons" in page
    assert "Priority lost:" in page


def test_the_method_names_the_themes_that_some_gate_cannot_judge() -> None:
    names = tuple(f"theme {n}" for n in range(5))
    method = replace(REPORT.method, not_judged=("organisations", "places"), not_judged_for=names)
    assert method_lines(replace(REPORT, method=method))[-1] == (
        "Not judged for theme 0, theme 1, theme 2 and two more, as their sources are silent on"
        " it: organisations and places."
    )


def test_a_field_is_told_of_where_there_is_one() -> None:
    alone = replace(REPORT, method=replace(REPORT.method, field=False))
    assert "read together with the themes around it" in method_lines(REPORT)[0]
    assert "themes around it" not in method_lines(alone)[0]


def test_method_says_in_how_many_weeks_a_flag_is_earned() -> None:
    strict = replace(REPORT, method=replace(REPORT.method, enter_weeks=3))
    assert "in this week and in 2 of the last 3" in method_lines(REPORT)[0]
    assert "in this week and in 3 of the last 3" in method_lines(strict)[0]


def test_one_source_is_not_all_sources() -> None:
    one = replace(REPORT, sources=REPORT.sources[:1])
    assert view(one)["sources_summary"] == "The one source was heard from."


def test_growth_between_nothing_and_anything_is_not_told() -> None:
    assert growth(Growth(1.0, 0.0, 1e6, None)) == "growth cannot be told yet"


def test_many_changes_are_counted_beyond_the_first_twelve() -> None:
    many = tuple(
        replace(REPORT.changes[0], theme=f"t-{n}", label=f"Theme {n}", why="") for n in range(15)
    )
    report = replace(REPORT, changes=many)
    for page in (render_html(report), render_markdown(report)):
        assert "Theme 11" in page
        assert "Theme 12" not in page
        assert "3 more, see themes.xlsx" in page
    assert "more, see themes.xlsx" not in render_html(REPORT)
    assert render_pdf(report).startswith(b"%PDF")


def test_the_method_box_says_whether_other_cuts_must_agree():
    asked = replace(REPORT, method=replace(REPORT.method, other_cuts=True))
    assert len(method_lines(asked)) == len(method_lines(REPORT)) + 1
    assert "cut otherwise" in method_lines(asked)[1]


def test_record_counts_what_grew_and_leaves_out_what_cannot_be_told() -> None:
    flags = (PastFlag("a", "a", 1.2), PastFlag("b", "b", 0.9), PastFlag("c", "c", None))
    page = render_html(replace(REPORT, track_record=TrackRecord("2025-W10", 1.08, flags)))
    assert "Of 3 themes flagged a year ago (2025-W10), 1 grew" in page


# --- drawings ------------------------------------------------------------------


def test_drawings_escape_labels() -> None:
    report = hostile()
    for svg in (charts.heat_map(report.cells), charts.bars(report.bars)):
        assert "<script" not in svg
        ET.fromstring(svg)


def test_no_data_is_no_drawing() -> None:
    drawn = (
        charts.sparkline((0, 0)),
        charts.emergence_map(()),
        charts.heat_map(()),
        charts.bars(()),
    )
    assert drawn == ("", "", "", "")


def test_map_leaves_out_what_has_no_finite_growth() -> None:
    endless = Point("x", "emerging", 1, Growth(2.0, 1.0, float("inf"), None), 9, False)
    assert charts.emergence_map((endless,)) == ""


# --- headlines -----------------------------------------------------------------


def test_region_hears_first_of_what_touches_its_priorities() -> None:
    assert headline(REPORT).startswith("New for Saxony: textile-reinforced concrete")


def test_region_is_told_when_what_is_new_lies_outside_its_priorities() -> None:
    cards = tuple(replace(card, priorities=()) for card in CARDS)
    assert headline(replace(REPORT, cards=cards)).startswith("New, but outside the priorities of")


def test_region_is_told_what_left_its_priorities() -> None:
    cards = tuple(replace(card, priorities=()) for card in CARDS)
    lost = Change("unmatched", "t-1", "algae", None, None, "Mining: 0.502 to 0.498.")
    said = headline(replace(REPORT, cards=cards, changes=(lost,)))
    assert said == "No longer within the priorities of Saxony: algae"


def test_many_silent_sources_are_counted_not_listed() -> None:
    silent = tuple(replace(REPORT.sources[3], title=f"Source {n}") for n in range(40))
    page = render_html(replace(REPORT, sources=silent))
    assert "Source 7" in page
    assert "Source 8" not in page
    assert "32 more, see themes.xlsx" in page
