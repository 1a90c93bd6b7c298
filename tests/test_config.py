"""How configuration files are read, laid over each other, and refused."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.check import check, hints, summary
from config.environment import read_environment, secret
from config.errors import ConfigError
from config.keys import brought_up_to_date, keys_page
from config.loader import SHIPPED, load_configuration

Write = Callable[[str, str], Path]

SOURCE = """\
name: acme_news
title: Acme news
summary: >-
  Announcements of an invented company, long enough to satisfy the model's minimum length.
kind: news
url: https://acme.example
endpoint: https://acme.example/feed
country: NO
"""


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def write(overlay: Path) -> Write:
    def put(name: str, text: str) -> Path:
        path = overlay / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


def refusal(overlay: Path) -> str:
    """The message with which the configuration is refused."""
    with pytest.raises(ConfigError) as caught:
        load_configuration(overlay)
    return str(caught.value)


# --- overlay -----------------------------------------------------------------


def test_a_new_file_is_added_to_the_shipped_ones(overlay: Path, write: Write) -> None:
    write("sources/acme_news.yml", SOURCE)
    sources = load_configuration(overlay).sources
    assert sources["acme_news"].country == "NO"
    assert set(load_configuration().sources) < set(sources)


def test_a_file_with_the_same_path_replaces_the_shipped_one(overlay: Path, write: Write) -> None:
    write(
        "settings.yml",
        "streams: {all: {kinds: [news], bin_weeks: 2, recent_bins: 3, base_bins: 9}}",
    )
    assert list(load_configuration(overlay).settings.streams) == ["all"]


def test_a_stream_longer_than_what_themes_hold_is_refused(overlay: Path, write: Write) -> None:
    write(
        "settings.yml",
        "streams: {all: {kinds: [news], bin_weeks: 4, recent_bins: 6, base_bins: 21}}",
    )
    with pytest.raises(ConfigError, match=r"streams\.all: its windows are 108 weeks long"):
        load_configuration(overlay)


def test_an_own_table_of_technologies_adds_to_the_shipped_one(overlay: Path, write: Write) -> None:
    write(
        "taxonomies/technologies_own.csv",
        "id,label,fields,aliases,short_forms,context\n"
        "quark_drive,quark drive,ours-space,quark engine| quark motor,QD,quark|drive\n",
    )
    found = load_configuration(overlay).technologies["quark_drive"]
    assert found.aliases == ("quark engine", "quark motor")


def test_an_empty_overlay_changes_nothing(overlay: Path) -> None:
    assert load_configuration(overlay) == load_configuration()


def test_a_missing_overlay_folder_is_named(tmp_path: Path) -> None:
    assert "nowhere" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["soruces/acme.yml", "sources/acme.yaml", "taxonomies/words.csv"])
def test_a_file_that_nobody_would_read_is_an_error(overlay: Path, write: Write, name: str) -> None:
    write(name, SOURCE)
    assert f"{name}: no such kind of configuration file" in refusal(overlay)


def test_notes_and_hidden_files_are_left_alone(overlay: Path, write: Write) -> None:
    write("README.md", "Our own notes.")
    write(".draft.yml", "not: read")
    write("sources/acme.yml~", "not: read")
    assert load_configuration(overlay) == load_configuration()


# --- refusals ----------------------------------------------------------------


def test_a_misspelt_key_is_named_with_its_file(overlay: Path, write: Write) -> None:
    path = write("sources/acme_news.yml", SOURCE.replace("country:", "contry:"))
    assert f"{path}: contry: no such key" in refusal(overlay)


def test_all_problems_of_a_file_are_told_at_once(overlay: Path, write: Write) -> None:
    write("sources/acme_news.yml", "name: acme_news\ntitle: A\nkind: rumour\nsumary: x\n")
    message = refusal(overlay)
    assert all(f": {key}: " in message for key in ("title", "kind", "summary", "sumary", "url"))


def test_problems_of_two_files_are_told_at_once(overlay: Path, write: Write) -> None:
    write("sources/one.yml", "name: one\n")
    write("clusters/two.yml", "name: two\n")
    message = refusal(overlay)
    assert "one.yml" in message
    assert "two.yml" in message


def test_the_path_of_a_nested_key_is_told(overlay: Path, write: Write) -> None:
    write("sources/acme_news.yml", SOURCE + "expect: {min_items: -1}\n")
    assert "acme_news.yml: expect.min_items: " in refusal(overlay)


def test_a_code_that_yaml_takes_for_a_number_wants_quotes(overlay: Path, write: Write) -> None:
    shipped = (SHIPPED / "regions" / "FI1D.yml").read_text("utf-8")
    write("regions/FI1D.yml", shipped.replace("- '35'", "- 35", 1))
    assert "expected text: write '35' in quotes" in refusal(overlay)


def test_a_repeated_key_is_named_with_its_line(overlay: Path, write: Write) -> None:
    write("sources/acme_news.yml", SOURCE + "title: Again\n")
    assert "acme_news.yml: line 9: title: the key stands here twice" in refusal(overlay)


def test_broken_yaml_is_named_with_its_line(overlay: Path, write: Write) -> None:
    write("sources/acme_news.yml", SOURCE + "sectors: [mobility\n")
    assert "acme_news.yml: line " in refusal(overlay)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("# only a note\n", "the file is empty"),
        ("- one\n- two\n", "expected keys and values"),
        ("just words", "expected keys and values"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("[" * 5000, "not readable as YAML"),
        ("name: 2026-99-99", "not readable as YAML"),
    ],
)
def test_what_is_no_mapping_is_refused(overlay: Path, write: Write, text: str, said: str) -> None:
    write("sources/acme_news.yml", text)
    assert said in refusal(overlay)


def test_another_encoding_is_named(overlay: Path, write: Write) -> None:
    path = write("sources/acme_news.yml", "")
    path.write_bytes(SOURCE.replace("Acme", "Ácme").encode("latin-1"))
    assert "acme_news.yml: not UTF-8 text" in refusal(overlay)


def test_a_byte_order_mark_is_no_problem(overlay: Path, write: Write) -> None:
    write("sources/acme_news.yml", "\ufeff" + SOURCE)
    assert "acme_news" in load_configuration(overlay).sources


def test_a_name_other_than_the_files_stem_is_refused(overlay: Path, write: Write) -> None:
    write("sources/other.yml", SOURCE)
    assert "other.yml: name: must be 'other'" in refusal(overlay)


def test_a_paused_source_needs_a_reason(overlay: Path, write: Write) -> None:
    write("sources/acme_news.yml", SOURCE + "crawl: paused\n")
    assert "paused_because" in refusal(overlay)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "the file is empty"),
        ("id,label,fields\nx,an x\n", "line 2: expected 3 cells"),
        ("id,label,fields\nx,an x,ours-space,more\n", "line 2: expected 3 cells"),
        ("id,label,fields\nx,an x,\n", "line 2.fields"),
        ("id,label,feilds\nx,an x,ours-space\n", "line 2.feilds: no such key"),
        ("id,label,fields\nx,an x,ours-space\nx,an y,ours-space\n", "line 3: x stands there twice"),
        ('id,label,fields\nx,"an x,ours-space\n', "line "),
        ("id,label,fields\nx,quark drive,ours-nothing\n", "there is no field 'ours-nothing'"),
        (
            "id,label,fields\nx,Quark-Drive,ours-space\ny,quark drive,ours-space\n",
            "'quark drive' is also a name of x",
        ),
        (
            "id,label,fields,short_forms\nx,quark drive,ours-space,QD\n",
            "short forms need words that support them",
        ),
    ],
)
def test_a_faulty_table_is_refused_with_its_line(
    overlay: Path, write: Write, table: str, said: str
) -> None:
    write("taxonomies/technologies_own.csv", table)
    assert said in refusal(overlay)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("spider: nobody\n", "spider: there is no module crawlers/spiders/nobody.py"),
        ("spider: ../feed\n", "spider: there is no module"),
        ("sectors: [aerospce]\n", "sectors: there is no ecosystem 'aerospce'"),
    ],
)
def test_a_source_may_only_name_what_exists(
    overlay: Path, write: Write, line: str, said: str
) -> None:
    write("sources/acme_news.yml", SOURCE + line)
    assert f"sources/acme_news.yml: {said}" in refusal(overlay)


def test_a_feed_needs_an_address(overlay: Path, write: Write) -> None:
    write("sources/acme_news.yml", SOURCE.replace("endpoint: https://acme.example/feed\n", ""))
    assert "endpoint: a feed needs its address" in refusal(overlay)


def test_a_cluster_may_only_name_what_exists(overlay: Path, write: Write) -> None:
    write(
        "clusters/acme.yml",
        "{name: acme, title: Acme, region: XX9, sectors: [luck], technologies: [magic]}",
    )
    message = refusal(overlay)
    assert "there is no region 'XX9'" in message
    assert "there is no ecosystem 'luck'" in message
    assert "there is no technology 'magic'" in message


def test_a_priority_may_only_name_what_exists(overlay: Path, write: Write) -> None:
    shipped = (SHIPPED / "regions" / "FI1D.yml").read_text("utf-8")
    write("regions/FI1D.yml", shipped.replace("id: FI1D-P2", "id: FI1D-P1", 1))
    assert "priorities.1 (FI1D-P1): id: stands there twice" in refusal(overlay)
    write("regions/FI1D.yml", shipped.replace("- digital\n", "- digtal\n", 1))
    assert "there is no ecosystem 'digtal'" in refusal(overlay)


# --- check, environment, page of keys ------------------------------------------


def test_check_tells_problems_instead_of_raising(overlay: Path, write: Write) -> None:
    assert check(overlay) == []
    write("sources/acme_news.yml", "name: 1")
    assert len(check(overlay)) > 1
    assert len(check(overlay / "nowhere")) == 1


def test_the_summary_counts_what_was_loaded(overlay: Path, write: Write) -> None:
    before = summary(load_configuration(overlay))["sources read"]
    write("sources/acme_news.yml", SOURCE)
    assert summary(load_configuration(overlay))["sources read"] == before + 1


def test_a_missing_contact_is_hinted_at(overlay: Path) -> None:
    assert any("contact" in line for line in hints(load_configuration(overlay)))


def test_all_shipped_files_load_within_a_second() -> None:
    began = time.process_time()
    load_configuration()
    assert time.process_time() - began < 1.0


def test_the_environment_is_read_in_one_place() -> None:
    found = read_environment(
        {"TRENDSCOUT_DATA": "/data", "TRENDSCOUT_MAIL_TO": "a@b.example, c@d.example"}
    )
    assert found.data == Path("/data")
    assert found.mail_to == ("a@b.example", "c@d.example")
    assert found.smtp_port == 587


@pytest.mark.parametrize(
    ("name", "value"),
    [("TRENDSCOUT_SMTP_PORT", "high"), ("TRENDSCOUT_SMTP_SECURITY", "maybe")],
)
def test_an_impossible_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        read_environment({name: value})


def test_a_password_is_never_shown() -> None:
    found = read_environment({"TRENDSCOUT_SMTP_PASSWORD": "hush"})
    assert found.smtp_password == "hush"
    assert "hush" not in repr(found)


def test_a_key_that_is_not_set_is_empty() -> None:
    assert secret("SOME_KEY", {"SOME_KEY": " abc\n"}) == "abc"
    assert secret("OTHER_KEY", {}) == ""


def test_the_page_of_keys_is_up_to_date() -> None:
    page = SHIPPED.parent / "docs" / "configuration.md"
    if not page.exists():
        pytest.skip("docs/ is not part of an installed package")
    text = page.read_text("utf-8")
    message = "run: python -m config.keys docs/configuration.md"
    assert brought_up_to_date(text) == text, message
    assert "`expect.min_items`" in keys_page()
