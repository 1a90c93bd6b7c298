"""What the shipped configuration holds and may claim."""

import re
from collections import Counter
from pathlib import Path

import pytest
from pydantic import BaseModel

from config import models
from config.check import check
from config.configuration import Configuration
from config.loader import SHIPPED, load_configuration
from config.references import spelling
from nlp.variants import variants

ATI = {
    "advanced-manufacturing", "advanced-materials", "ai", "ar-vr", "big-data", "blockchain",
    "cloud", "connectivity", "industrial-biotech", "iot", "micro-nanoelectronics", "mobility",
    "nanotech", "photonics", "robotics", "security",
}  # fmt: skip
PILOT = {"DED", "ES13", "FRB0", "FI1D", "FRE", "FRF", "LT0", "SE31", "ITC1", "SI0", "BE3"}
GENERIC = {
    "network", "platform", "system", "model", "data", "material", "device", "process", "method",
    "paper", "film", "plant", "cell", "train", "driver", "transport", "led", "design", "media",
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Configuration:
    return load_configuration()


def names(technology: models.Technology) -> list[str]:
    return [technology.label, *technology.aliases]


def test_the_shipped_configuration_has_no_problem() -> None:
    assert check() == []


def test_every_key_explains_itself() -> None:
    for model in vars(models).values():
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, field in model.model_fields.items():
                assert field.description, f"{model.__name__}.{name}"


def test_the_model_alone_holds_the_defaults() -> None:
    """The shipped settings repeat no default, so that a default has one home."""
    text = (SHIPPED / "settings.yml").read_text("utf-8")
    assert re.findall(r"^(\w+):", text, re.M) == ["contact"]


def test_a_settings_file_of_one_key_is_enough(tmp_path: Path) -> None:
    (tmp_path / "settings.yml").write_text("contact: team@example.org\n", encoding="utf-8")
    settings = load_configuration(tmp_path).settings
    assert settings.contact == "team@example.org"
    assert list(settings.streams) == ["publications", "news", "projects"]


def test_the_streams_cover_publications_news_and_projects(shipped: Configuration) -> None:
    kinds = {kind for stream in shipped.settings.streams.values() for kind in stream.kinds}
    assert kinds == {"publication", "patent", "news", "project"}


# --- technologies ------------------------------------------------------------


def test_there_are_more_than_six_hundred_technologies(shipped: Configuration) -> None:
    assert len(shipped.technologies) >= 600


def test_each_field_has_twenty_technologies_or_more(shipped: Configuration) -> None:
    count = Counter(field for each in shipped.technologies.values() for field in each.fields)
    assert set(count) == set(shipped.technology_fields)
    assert min(count.values()) >= 20, count.most_common()[-3:]


def test_the_european_lists_are_complete(shipped: Configuration) -> None:
    schemes = Counter(field.scheme for field in shipped.technology_fields.values())
    assert schemes["ket"] == 6
    assert schemes["step"] == 3
    assert {f"ati-{name}" for name in ATI} <= set(shipped.technology_fields)
    assert schemes["ati"] == len(ATI)


def test_no_two_technologies_share_a_name(shipped: Configuration) -> None:
    owners: dict[str, set[str]] = {}
    for each in shipped.technologies.values():
        for name in names(each):
            owners.setdefault(spelling(name), set()).add(each.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_no_two_technologies_share_a_spelling_that_is_searched_for(
    shipped: Configuration,
) -> None:
    owners: dict[str, set[str]] = {}
    for each in shipped.technologies.values():
        for written in {form for name in names(each) for form in variants(name)}:
            owners.setdefault(written, set()).add(each.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_no_technology_goes_by_a_generic_word(shipped: Configuration) -> None:
    used = {spelling(name) for each in shipped.technologies.values() for name in names(each)}
    assert used & GENERIC == set()


def test_a_short_form_is_never_also_a_plain_name(shipped: Configuration) -> None:
    plain = {name for each in shipped.technologies.values() for name in names(each)}
    short = {form for each in shipped.technologies.values() for form in each.short_forms}
    assert short & plain == set()
    assert {"AR", "PLC", "SMR", "GAN"} <= short


def test_a_short_form_has_words_that_support_it(shipped: Configuration) -> None:
    for each in shipped.technologies.values():
        assert bool(each.short_forms) == bool(each.context), each.id


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("all-solid-state battery", "solid_state_battery"),
        ("aluminum alloy", "aluminium_alloy"),
        ("fiber laser", "fibre_laser"),
        ("3D printing", "additive_manufacturing"),
        ("adversarial example", "adversarial_machine_learning"),
        ("electrolyzer", "water_electrolysis"),
        ("light-emitting diode", "light_emitting_diode"),
        ("CRISPR", "gene_editing"),
        ("personalised medicine", "precision_medicine"),
    ],
)
def test_common_spellings_reach_their_technology(
    shipped: Configuration, name: str, concept: str
) -> None:
    assert name in names(shipped.technologies[concept])


# --- sectors -----------------------------------------------------------------


def test_the_sector_lists_are_complete(shipped: Configuration) -> None:
    schemes = Counter(scheme for scheme, _ in shipped.sectors)
    assert schemes == {"ecosystem": 14, "nace": 88, "emerging_industry": 10}


def test_each_sector_has_words_that_indicate_it(shipped: Configuration) -> None:
    least = {"ecosystem": 40, "nace": 5, "emerging_industry": 15}
    for (scheme, code), sector in shipped.sectors.items():
        assert len(set(sector.terms)) >= least[scheme], (scheme, code)
        assert len(set(sector.terms)) == len(sector.terms), (scheme, code)


def test_each_division_of_a_sector_exists(shipped: Configuration) -> None:
    divisions = {code for scheme, code in shipped.sectors if scheme == "nace"}
    for sector in shipped.sectors.values():
        assert set(sector.nace) <= divisions, sector.code
    assert {code for old in shipped.nace_rev21.values() for code in old} == divisions
    assert len(shipped.nace_rev21) == 87


def test_indicator_words_are_not_generic(shipped: Configuration) -> None:
    for sector in shipped.sectors.values():
        assert {term.casefold() for term in sector.terms} & GENERIC == set(), sector.code


# --- what may be claimed -------------------------------------------------------


def test_a_recalled_list_is_never_presented_as_official(shipped: Configuration) -> None:
    for field in shipped.technology_fields.values():
        if field.scheme == "ati":
            assert field.confidence == "recalled", field.id
            assert "recalled" in field.note
        if field.scheme == "ours":
            assert field.confidence == "ours", field.id
    uncertain = [
        *(f for f in shipped.technology_fields.values() if f.confidence != "verified"),
        *(s for s in shipped.sectors.values() if s.confidence != "verified"),
    ]
    for each in uncertain:
        assert "official" not in f"{each.label} {each.description}".lower()


def test_verified_sector_names_say_that_terms_are_ours(shipped: Configuration) -> None:
    for sector in shipped.sectors.values():
        assert "ours" in sector.note, sector.code


def test_an_unconfirmed_priority_has_no_official_page_of_its_strategy(
    shipped: Configuration,
) -> None:
    """Confirmed means that somebody read it; memory alone never confirms."""
    for region in shipped.regions.values():
        for priority in region.priorities:
            assert priority.source.url is not None, priority.id
            if priority.source.evidence == "from_memory":
                assert priority.status == "to_be_confirmed", priority.id


def test_regions_without_an_official_text_have_no_confirmed_priority(
    shipped: Configuration,
) -> None:
    for region in shipped.regions.values():
        if region.strategy.status == "to_be_confirmed":
            assert region.strategy.note, region.nuts
            assert {each.status for each in region.priorities} == {"to_be_confirmed"}, region.nuts


# --- regions and clusters ------------------------------------------------------


def test_the_eleven_pilot_regions_are_shipped(shipped: Configuration) -> None:
    assert set(shipped.regions) == PILOT
    assert sum(len(region.priorities) for region in shipped.regions.values()) == 70


def test_each_priority_can_be_matched(shipped: Configuration) -> None:
    for region in shipped.regions.values():
        for priority in region.priorities:
            assert len(priority.keywords) >= 8, priority.id
            assert priority.ecosystems, priority.id
            assert priority.nace, priority.id
            assert len(priority.technologies) >= 2, priority.id


def test_the_prefixes_of_regions_do_not_overlap(shipped: Configuration) -> None:
    prefixes = [member for region in shipped.regions.values() for member in region.members]
    for one in prefixes:
        assert [other for other in prefixes if other.startswith(one)] == [one]


def test_no_invented_cluster_reads_the_report(shipped: Configuration) -> None:
    assert shipped.clusters == {}


def test_example_clusters_are_sound_and_say_that_they_are_invented() -> None:
    examples = load_configuration(SHIPPED.parent / "docs" / "examples").clusters
    assert len(examples) >= 2
    for name, cluster in examples.items():
        assert name.startswith("example_")
        assert "invented example" in cluster.title


# --- sources -----------------------------------------------------------------


def test_at_least_a_hundred_and_twenty_feeds_are_shipped(shipped: Configuration) -> None:
    feeds = [source for source in shipped.sources.values() if source.spider == "feed"]
    assert len(feeds) >= 120
    assert sum(feed.crawl != "paused" for feed in feeds) >= 120
    assert len({feed.endpoint for feed in feeds}) == len(feeds)


def test_each_service_has_a_source(shipped: Configuration) -> None:
    spiders = {source.spider for source in shipped.sources.values()}
    assert spiders == {
        "feed", "cordis", "arxiv", "openalex", "press_corner", "europepmc", "crossref",
        "openaire", "sedia", "ted", "kohesio", "keep", "epo",
    }  # fmt: skip


def test_a_feed_that_nobody_checked_is_paused(shipped: Configuration) -> None:
    for source in shipped.sources.values():
        if source.spider == "feed" and source.confidence != "verified":
            assert source.crawl == "paused", source.name


def test_full_text_is_fetched_only_under_an_open_licence(shipped: Configuration) -> None:
    for source in shipped.sources.values():
        if source.full_text:
            assert re.match(r"CC BY|Open Government Licence", source.licence), source.name


def test_patents_wait_for_a_key(shipped: Configuration) -> None:
    assert shipped.sources["epo_ops"].crawl == "paused"
    assert shipped.sources["epo_ops"].key_env


def test_feeds_are_spread_over_countries_languages_and_sectors(shipped: Configuration) -> None:
    read = [source for source in shipped.sources.values() if source.crawl != "paused"]
    assert len({source.country for source in read}) >= 12
    assert len({source.language for source in read}) >= 5
    covered = {sector for source in read for sector in source.sectors}
    ecosystems = {code for scheme, code in shipped.sectors if scheme == "ecosystem"}
    assert ecosystems - covered <= {"proximity"}


def test_no_two_sources_tell_the_same_reason_to_read_them(shipped: Configuration) -> None:
    summaries = Counter(source.summary for source in shipped.sources.values())
    assert summaries.most_common(1)[0][1] == 1
