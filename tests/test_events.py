"""The dated events, how they are found, and the arithmetic of lead times."""

from pathlib import Path

import pytest

from benchmarks.eventlist import Events, HypeEvent, TechnologyEvent, fold, load_events
from benchmarks.events import (
    documents_in_time,
    later,
    lead_times,
    matches,
    mentions,
    month_of,
    months_between,
)
from config.errors import ConfigError

SOURCE = {"title": "A report", "publisher": "A press", "date": "2015-06"}
GLASS = {
    "id": "moon_glass",
    "label": "moon glass",
    "terms": ["moon glass", "lunar glazing"],
    "event": "The first pane of moon glass was sold.",
    "source": SOURCE,
    "confidence": "recalled",
}
TECHNOLOGY = TechnologyEvent.model_validate({**GLASS, "took_off": "2016-06"})
HYPE = HypeEvent.model_validate(
    {
        **GLASS,
        "id": "talking_spoons",
        "terms": ["talking spoon", "voice cutlery"],
        "announced": "2013-01",
        "peak": "2014-01",
        "outcome": "Nobody wanted to be answered by a spoon.",
    }
)
EVENTS = Events((TECHNOLOGY,), (HYPE,))
SPAN = ("2014-W01", "2017-W52")
ENOUGH = {"moon_glass": 10, "talking_spoons": 10}


@pytest.fixture(scope="module")
def shipped() -> Events:
    return load_events()


# --- the list ----------------------------------------------------------------


def test_the_list_names_forty_technologies_and_forty_hypes(shipped: Events) -> None:
    assert len(shipped.technologies) >= 44
    assert len(shipped.hypes) >= 42


def test_about_half_of_the_technologies_took_off_before_2018(shipped: Events) -> None:
    early = [one for one in shipped.technologies if one.took_off < "2018"]
    assert 0.4 <= len(early) / len(shipped.technologies) <= 0.6


def test_technologies_stand_in_order_between_2013_and_2025(shipped: Events) -> None:
    months = [one.took_off for one in shipped.technologies]
    assert months == sorted(months)
    assert months[0] >= "2013-01"
    assert months[-1] <= "2025-12"


def test_hypes_peak_three_years_before_the_list_was_made(shipped: Events) -> None:
    assert all("1999" < one.announced <= one.peak for one in shipped.hypes)
    assert max(later(one.peak, 36) for one in shipped.hypes) <= "2026-11"


def test_ids_are_unique_and_no_term_is_claimed_twice(shipped: Events) -> None:
    ids = [one.id for one in shipped.all]
    terms = [fold(term) for one in shipped.all for term in one.terms]
    assert len(set(ids)) == len(ids)
    assert len(set(terms)) == len(terms)


def test_terms_are_two_to_six_phrases_in_small_letters(shipped: Events) -> None:
    for one in shipped.all:
        assert 2 <= len(one.terms) <= 6, one.id
        assert all(term == term.lower() for term in one.terms), one.id


def test_twenty_sources_were_read_and_are_linked(shipped: Events) -> None:
    read = [one for one in shipped.all if one.confidence == "verified"]
    assert len(read) >= 20
    assert all(one.source.url for one in read)


def test_every_entry_is_found_by_each_of_its_own_terms_alone(shipped: Events) -> None:
    for one in shipped.all:
        for term in one.terms:
            (found,) = mentions([f"We study {term.upper()}, and more."], shipped)
            assert one.id in found, term


# --- reading -----------------------------------------------------------------


def written(folder: Path, technology: str, hypes: str = "[]") -> Path:
    path = folder / "events.yml"
    path.write_text(f"technologies:\n{technology}\nhypes: {hypes}\n", encoding="utf-8")
    return path


ENTRY = """\
  - id: moon_glass
    label: moon glass
    terms: [moon glass, lunar glazing]
    took_off: 2016-06
    event: The first pane of moon glass was sold.
    source: {title: A report, publisher: A press}
    confidence: recalled
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("took_off: 2016-06", "took_off: 2016-13", "technologies entry 1 (moon_glass).took_off"),
        ("label: moon", "name: moon", "technologies entry 1 (moon_glass).name: no such key"),
        ("[moon glass,", "[Moon Glass,", "'Moon Glass' must be"),
        ("lunar glazing]", "moon-glasses]", "'moon-glasses' is already claimed by moon_glass"),
        ("recalled", "verified", "needs source.url"),
        ("publisher: A press", "publisher: ''", "(moon_glass).source.publisher"),
        ("[moon glass, lunar glazing]", "[moon glass]", "(moon_glass).terms"),
    ],
)
def test_a_wrong_entry_is_named_with_its_key(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    path = written(tmp_path, ENTRY.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_events(path)
    assert expected in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_all_wrong_entries_are_named_at_once(tmp_path: Path) -> None:
    wrong = ENTRY.replace("2016-06", "soon")
    path = written(tmp_path, wrong + wrong.replace("moon_glass", "moon_glass_2"))
    with pytest.raises(ConfigError) as caught:
        load_events(path)
    assert len(str(caught.value).splitlines()) == 2


def test_a_repeated_id_is_refused(tmp_path: Path) -> None:
    again = ENTRY.replace("moon glass, lunar glazing", "sea glass, ocean glazing")
    with pytest.raises(ConfigError, match=r"moon_glass\.id: stands there twice"):
        load_events(written(tmp_path, ENTRY + again))


def test_a_term_of_two_entries_is_refused(tmp_path: Path) -> None:
    other = ENTRY.replace("id: moon_glass", "id: sea_glass")
    with pytest.raises(ConfigError, match=r"sea_glass\.terms: 'moon glass' is already claimed"):
        load_events(written(tmp_path, ENTRY + other))


def test_a_hype_that_peaks_before_its_announcement_is_refused(tmp_path: Path) -> None:
    hype = (
        "[{id: spoon, label: spoon, terms: [talking spoon, voice cutlery], announced: 2014-01,"
        " peak: 2013-01, event: A spoon spoke in public., outcome: Nobody listened to it.,"
        " source: {title: A report, publisher: A press}, confidence: recalled}]"
    )
    with pytest.raises(ConfigError, match="peak 2013-01 lies before announced 2014-01"):
        load_events(written(tmp_path, ENTRY, hype))


def test_another_shape_and_a_missing_file_are_clear_errors(tmp_path: Path) -> None:
    path = tmp_path / "events.yml"
    with pytest.raises(ConfigError, match="cannot be read"):
        load_events(path)
    path.write_text("- moon\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="technologies and hypes"):
        load_events(path)
    path.write_text("technologies: moon\nhypes: []\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="technologies: expected a list"):
        load_events(path)


# --- finding -----------------------------------------------------------------


@pytest.mark.parametrize("text", ["Moon-Glasses bend.", "On LUNAR\nglazing", "a moon glass"])
def test_case_hyphens_and_plural_do_not_matter(text: str) -> None:
    assert mentions([text], EVENTS) == [frozenset({"moon_glass"})]


@pytest.mark.parametrize("text", ["", "honeymoon glass", "moon and glass", "glass moon"])
def test_parts_of_words_and_of_phrases_are_no_mention(text: str) -> None:
    assert mentions([text], EVENTS) == [frozenset()]


def test_a_theme_matches_from_thirty_percent_of_its_documents() -> None:
    named, other = frozenset({"moon_glass"}), frozenset[str]()
    assert matches([named] * 6 + [other] * 14) == ["moon_glass"]
    assert matches([named] * 5 + [other] * 15) == []


def test_a_small_theme_needs_three_documents() -> None:
    named = frozenset({"moon_glass"})
    assert matches([named] * 3) == ["moon_glass"]
    assert matches([named] * 2) == []
    assert matches([]) == []


def test_a_theme_lists_the_most_named_event_first() -> None:
    both, one = frozenset({"moon_glass", "talking_spoons"}), frozenset({"talking_spoons"})
    assert matches([both, both, both, one]) == ["talking_spoons", "moon_glass"]
    assert matches([both] * 3) == ["moon_glass", "talking_spoons"]


def test_documents_count_until_the_event_can_no_longer_be_judged() -> None:
    both = frozenset({"moon_glass", "talking_spoons"})
    months = ["2016-05", "2016-06", "2017-01", "2017-02"]
    counts = documents_in_time([both] * 4, months, EVENTS)
    assert counts == {"moon_glass": 1, "talking_spoons": 3}


# --- lead times --------------------------------------------------------------


def flag(week: str | None, event: str = "moon_glass") -> dict[str, str | None]:
    lead = lead_times({"t-1": week}, {"t-1": [event]}, ENOUGH, EVENTS, SPAN)
    (one,) = (lead for lead in lead.leads if lead.event == event)
    return {"flagged": one.flagged, "months": None if one.months is None else str(one.months)}


@pytest.mark.parametrize(
    ("week", "months"),
    [("2015-W23", "12"), ("2016-W21", "1"), ("2016-W22", "0"), ("2016-W40", "-4"), (None, None)],
)
def test_lead_time_is_counted_in_calendar_months(week: str | None, months: str | None) -> None:
    # 2015-W23 ends on 7 June, 2016-W21 on 29 May, 2016-W22 on 5 June, 2016-W40 on 9 October.
    assert flag(week) == {"flagged": week, "months": months}


def test_a_flag_in_the_month_itself_is_not_before() -> None:
    same = lead_times({"t": "2016-W23"}, {"t": ["moon_glass"]}, ENOUGH, EVENTS, SPAN)
    early = lead_times({"t": "2016-W20"}, {"t": ["moon_glass"]}, ENOUGH, EVENTS, SPAN)
    assert (same.before, same.median_months) == (0.0, 0)
    assert (early.before, early.median_months) == (1.0, 1)


def test_the_first_flag_of_several_themes_counts() -> None:
    flags = {"a": "2016-W10", "b": "2015-W10", "c": None}
    found = lead_times(flags, {theme: ["moon_glass"] for theme in "abcd"}, ENOUGH, EVENTS, SPAN)
    assert found.leads[0].flagged == "2015-W10"
    assert found.leads[0].themes == 4


def test_an_event_without_theme_is_missed_not_left_out() -> None:
    found = lead_times({}, {}, ENOUGH, EVENTS, SPAN)
    assert (found.technologies, found.before, found.median_months) == (1, 0.0, None)
    assert (found.hypes, found.hypes_flagged) == (1, 0.0)


def test_an_event_the_corpus_hardly_names_is_not_judged() -> None:
    found = lead_times({"t": "2015-W10"}, {"t": ["moon_glass"]}, {"moon_glass": 9}, EVENTS, SPAN)
    assert (found.technologies, found.before, found.hypes_flagged) == (0, None, None)
    assert found.leads[0].months == 15


@pytest.mark.parametrize(
    ("span", "judged"),
    [
        (("2016-W10", "2016-W30"), 1),
        (("2016-W23", "2017-W30"), 0),  # it had taken off before a flag could be raised
        (("2014-W10", "2016-W20"), 0),  # it took off after the last week
        (("2014-W10", "2016-W23"), 1),
    ],
)
def test_a_technology_is_judged_when_it_took_off_within_the_span(
    span: tuple[str, str], judged: int
) -> None:
    assert lead_times({}, {}, ENOUGH, EVENTS, span).technologies == judged


@pytest.mark.parametrize(
    ("week", "share"), [("2013-W30", 1.0), ("2017-W04", 1.0), ("2017-W06", 0.0), (None, 0.0)]
)
def test_a_hype_counts_as_flagged_until_three_years_after_its_peak(
    week: str | None, share: float
) -> None:
    span = ("2013-W01", "2017-W52")
    found = lead_times({"t": week}, {"t": ["talking_spoons"]}, ENOUGH, EVENTS, span)
    assert found.hypes_flagged == share


@pytest.mark.parametrize(
    ("span", "judged"),
    [
        (("2010-W01", "2012-W40"), 0),
        (("2010-W01", "2013-W02"), 1),
        (("2017-W04", "2018-W01"), 1),
        (("2017-W06", "2018-W01"), 0),
    ],
)
def test_a_hype_is_judged_while_it_could_have_misled(span: tuple[str, str], judged: int) -> None:
    assert lead_times({}, {}, ENOUGH, EVENTS, span).hypes == judged


def test_months_are_counted_across_years() -> None:
    assert months_between("2015-11", "2016-02") == 3
    assert months_between("2016-02", "2015-11") == -3
    assert later("2015-11", 36) == "2018-11"
    assert later("2015-12", 1) == "2016-01"
    assert month_of("2015-W53") == "2016-01"
