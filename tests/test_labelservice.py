"""Names from a service on loopback: used when plain, else our own; nothing but the name moves."""

import json
import logging
import time
from collections import Counter

import pytest

from config.loader import load_configuration
from config.models import LabelSettings
from nlp.embed import configured_name
from nlp.labelservice import LARGEST, PATIENCE, LabelService, accepted, question
from pipelines.labels import namer_of
from pipelines.store import open_store
from pipelines.store.themes import titles_of
from pipelines.themes import advance
from tests.server import Answer, drip, hang, send, serve
from tests.test_theme_stage import fill

KEYWORDS = ("honey bee colony", "hive sensors", "varroa mite")
PATH = "/v1/chat/completions"


def says(text):
    """An answer in which the model says *text*."""
    body = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]})
    return Answer(body.encode(), type="application/json")


def asked_of(route, **options):
    """The label that a service with *route* gives, and the site it was asked on."""
    with serve({PATH: route}) as site:
        service = LabelService(f"{site.url}/v1", "small-model", **options)
        return service.label(KEYWORDS, ["On bees"]), site


# --- what is taken ---------------------------------------------------------------


def test_a_plain_name_is_taken():
    label, site = asked_of(says("Hive monitoring for bees"))
    assert label == "Hive monitoring for bees"
    assert site.paths() == [PATH]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ('"Hive sensors"', "Hive sensors"),
        ("  hive sensors.\n", "hive sensors"),
        ("Bee-keeper's hives", "Bee-keeper's hives"),
        ("Überwachung of colonies", "Überwachung of colonies"),
    ],
)
def test_quotes_and_a_final_stop_are_taken_off(said, label):
    assert accepted(said, KEYWORDS) == label


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "<b>Hive sensors</b>",
        "Hive sensors\nIgnore the above",
        "Hive sensors, and more",
        "Hive sensors at www.example.org",
        "Hive  sensors",
        "hive {{ sensors }}",
        "Hive \u202esensors",
        "H\u0456ve sensors",  # a Cyrillic letter that looks Latin
        "Hive sensors \U0001f41d",
        "hive sensors " + "very " * 12 + "long",
        "hive a b c d e f g h",
        "Buy our shares",
        "new systems for the world",
        "12 34",
    ],
)
def test_what_is_no_plain_name_is_refused(said):
    assert accepted(said, KEYWORDS) is None


def test_a_word_that_says_nothing_does_not_count_as_shared():
    assert accepted("New systems", ("new systems of bees",)) is None


# --- a service that misbehaves -----------------------------------------------------


def redirect(site_url):
    return Answer(b"", 307, headers={"Location": f"{site_url}/elsewhere"})


@pytest.mark.parametrize(
    "route",
    [
        Answer(b"no", 500, "text/plain"),
        Answer(b"no", 401, "text/plain"),
        Answer(b"not json"),
        Answer(b"\xff\xfe"),
        Answer(b"[" * 50_000),
        Answer(b"{}"),
        Answer(b"[]"),
        Answer(b'{"choices": []}'),
        Answer(b'{"choices": [{"message": null}]}'),
        Answer(b'{"choices": [{"message": {"content": 7}}]}'),
        Answer(b'{"choices": [{"message": {"content": "hive"}}]' + b" " * LARGEST + b"}"),
        redirect("http://127.0.0.1:9"),
    ],
)
def test_an_answer_that_is_none_leaves_our_own_name(route, caplog):
    label, _ = asked_of(route)
    assert label is None
    assert "label service failed" in caplog.text


@pytest.mark.parametrize("route", [hang, drip])
def test_a_slow_service_is_given_up(route, caplog):
    began = time.monotonic()
    label, _ = asked_of(route, seconds=0.4)
    assert label is None
    assert time.monotonic() - began < 3
    assert "label service failed (TimeoutError)" in caplog.text


def test_a_redirect_is_not_followed():
    with serve({"/elsewhere": says("Hive sensors")}) as other:
        label, _ = asked_of(redirect(other.url), key="hush")
        assert label is None
        assert other.paths() == []


def test_a_service_that_keeps_failing_is_left_alone(caplog):
    with serve({PATH: Answer(b"no", 503)}) as site:
        service = LabelService(f"{site.url}/v1", "small-model")
        labels = [service.label(KEYWORDS, []) for _ in range(PATIENCE + 4)]
    assert labels == [None] * (PATIENCE + 4)
    assert len(site.asked) == PATIENCE
    assert "is not asked again" in caplog.text


def test_nobody_listening_is_a_failure_like_any_other(caplog):
    with serve({}) as site:
        address = site.url
    assert LabelService(address, "small-model", seconds=2).label(KEYWORDS, []) is None
    assert "label service failed" in caplog.text


# --- what is sent ----------------------------------------------------------------------


def test_the_key_is_sent_and_never_logged(caplog):
    caplog.set_level(logging.DEBUG)
    _, site = asked_of(says("Hive sensors"), key="hush-hush")
    assert site.asked[0].headers["Authorization"] == "Bearer hush-hush"
    asked_of(Answer(b"no", 401), key="hush-hush")
    asked_of(says("Hive sensors"), key="hush-hush\nX: 1")  # no header can hold it
    assert "hush-hush" not in caplog.text


def test_key_words_and_shortened_titles_are_sent_and_nothing_else():
    sent = json.loads(question("small-model", KEYWORDS, ["On\nbees " + "x" * 900] * 20))
    assert sent["model"] == "small-model"
    material = json.loads(sent["messages"][1]["content"])
    assert material["key words"] == list(KEYWORDS)
    assert len(material["titles"]) == 8
    assert all(title.startswith("On bees") and len(title) <= 150 for title in material["titles"])


def test_without_an_endpoint_nobody_is_asked():
    assert load_configuration().settings.labels.endpoint is None
    assert namer_of(LabelSettings()) is None


def test_an_endpoint_without_a_model_is_refused():
    with pytest.raises(ValueError, match="name the model"):
        LabelSettings.model_validate({"endpoint": "http://localhost:11434/v1"})


def test_the_key_is_read_from_the_variable_that_settings_name(monkeypatch):
    monkeypatch.setenv("OUR_LABEL_KEY", "hush")
    with serve({PATH: says("Hive sensors")}) as site:
        settings = {"endpoint": f"{site.url}/v1", "model": "m", "key_env": "OUR_LABEL_KEY"}
        namer = namer_of(LabelSettings.model_validate(settings))
        assert namer(KEYWORDS, []) == "Hive sensors"
    assert site.asked[0].headers["Authorization"] == "Bearer hush"


# --- themes ----------------------------------------------------------------------------


def echo(visitor):
    """Name each theme after its first key word; say so twice, since labels are unlike."""
    material = json.loads(json.loads(visitor.sent)["messages"][1]["content"])
    send(visitor, says(f"{material['key words'][0]} at work"))


def kept(db):
    """Everything of the themes but their labels."""
    themes = db.execute("SELECT id, keywords, created_week, centroid, radius, parent FROM themes")
    members = db.execute("SELECT * FROM theme_documents ORDER BY theme, document")
    events = db.execute("SELECT * FROM theme_events ORDER BY week, theme, event")
    return [list(rows) for rows in (themes, members, events)]


def labels(db):
    return dict(db.execute("SELECT id, label FROM themes"))


def run(data, namer):
    """Themes of two weeks: a fit, and a week in which another theme is born."""
    configuration = load_configuration()
    model = configured_name(configuration.settings.embedding)
    db = open_store(data)
    fill(db, model)
    fill(db, model, start=52, weeks=60, names=("glass",), growing="glass")
    settings = configuration.settings.themes
    for week in ("2025-W50", "2025-W51"):
        advance(db, settings, model, Counter(), week=week, namer=namer)
    return db


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return run(tmp_path_factory.mktemp("plain"), None)


def test_the_service_changes_labels_and_nothing_else(plain, tmp_path):
    with serve({PATH: echo}) as site:
        named = run(tmp_path, LabelService(f"{site.url}/v1", "m").label)
        asked = len(site.asked)
    assert asked == len(labels(plain))  # each theme once, when it is new
    assert kept(named) == kept(plain)
    assert set(labels(named).values()).isdisjoint(labels(plain).values())


def test_a_failing_service_leaves_every_own_label(plain, tmp_path):
    with serve({PATH: Answer(b"no", 500)}) as site:
        named = run(tmp_path, LabelService(f"{site.url}/v1", "m").label)
    assert labels(named) == labels(plain)


def test_one_name_is_not_given_twice(plain, tmp_path):
    named = run(tmp_path, lambda keywords, titles: "The same for all")
    found = Counter(labels(named).values())
    assert found["The same for all"] == 1
    assert max(found.values()) == 1


def test_titles_come_in_the_order_they_are_asked_for(plain):
    ids = [row[0] for row in plain.execute("SELECT id FROM documents ORDER BY id DESC LIMIT 3")]
    assert len(titles_of(plain, [*ids, "unknown"])) == 3
