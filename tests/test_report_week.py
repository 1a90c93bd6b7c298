"""The report stage: what it reads from the store, publishes, and sends once."""

import errno
import json
import shutil
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from config.errors import DeliveryFailed, StageFailed, UsageError
from pipelines.report import choose_views, report_week
from pipelines.reporting.build import read_common, weekly_report
from pipelines.reporting.publish import publish
from pipelines.reporting.scene import read_scene
from pipelines.store import open_store
from reports.model import PartnerRegion, WeeklyReport
from tests.report_store import (
    BEFORE,
    CONFIGURATION,
    WEEK,
    add_document,
    add_member,
    add_organisation,
    add_signal,
    filled,
    signal,
)

FILES = {"report.json", "report.html", "report.md", "report.pdf", "report.eml", "themes.xlsx"}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    store = filled(tmp_path)
    yield store
    store.close()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose week was reported for everybody."""
    data = tmp_path_factory.mktemp("data")
    store = filled(data)
    report_week(store, data, CONFIGURATION, WEEK)
    store.close()
    return data


def built(db: Database, audience: str = "all", week: str = WEEK) -> WeeklyReport:
    """One audience's report as a value, nothing rendered."""
    scene = read_scene(db, CONFIGURATION, week)
    views = {view.audience.code: view for view in choose_views(CONFIGURATION, (), ())}
    return weekly_report(scene, views[audience], read_common(scene, ""))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- publishing ----------------------------------------------------------------


def test_every_audience_gets_a_whole_folder(published: Path) -> None:
    week = published / "reports" / WEEK
    assert {path.name for path in week.iterdir()} == {"all", "DED", "LT", "weavers"}
    assert all({file.name for file in folder.iterdir()} == FILES for folder in week.iterdir())
    assert {p.name for p in week.parent.iterdir()} == {WEEK, "feed.xml", "index.html"}


def test_what_was_published_is_recorded(published: Path) -> None:
    db = open_store(published)
    rows = list(db.query("SELECT * FROM reports WHERE audience = 'DED'"))
    db.close()
    assert rows[0]["path"] == f"reports/{WEEK}/DED"
    assert rows[0]["created"] == "2026-03-09T06:00:00+00:00"
    assert not rows[0]["delivered"]


def test_same_database_and_week_give_the_same_bytes(published: Path, tmp_path: Path) -> None:
    shutil.copy(published / "trendscout.db", tmp_path)
    db = open_store(tmp_path)
    report_week(db, tmp_path, CONFIGURATION, WEEK)
    db.close()
    assert contents(tmp_path / "reports") == contents(published / "reports")


def test_publishing_again_touches_nothing(tmp_path: Path) -> None:
    assert publish(tmp_path / "all", {"a": b"1"})
    before = (tmp_path / "all").stat().st_ino
    assert not publish(tmp_path / "all", {"a": b"1"})
    assert (tmp_path / "all").stat().st_ino == before


def test_failed_publishing_leaves_the_old_folder_whole(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    publish(folder, {"a": b"1", "b": b"1"})
    with pytest.raises(TypeError):
        publish(folder, {"a": b"2", "b": None})  # type: ignore[dict-item]
    assert contents(folder) == {"a": b"1", "b": b"1"}
    assert publish(folder, {"a": b"2"})
    assert contents(tmp_path) == {"all/a": b"2"}


def test_full_disk_names_the_folder_and_leaves_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "all"
    publish(folder, {"a": b"1"})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StageFailed, match=r"all: the report cannot be written .*No space left"):
        publish(folder, {"a": b"2"})
    assert contents(folder) == {"a": b"1"}


def test_folder_moved_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    publish(folder, {"a": b"1"})
    folder.rename(tmp_path / ".all.old")
    assert not publish(folder, {"a": b"1"})
    assert contents(tmp_path) == {"all/a": b"1"}


def test_only_those_named_are_reported(db: Database, tmp_path: Path) -> None:
    assert report_week(db, tmp_path, CONFIGURATION, WEEK, regions=["LT"]) == [
        tmp_path / "reports" / WEEK / "LT"
    ]


def test_unknown_region_is_a_usage_error(db: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no region XX0; there are: DED, LT"):
        report_week(db, tmp_path, CONFIGURATION, WEEK, regions=["XX0"])


def test_week_that_was_not_analysed_is_a_usage_error(db: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2026-W30 has not been analysed"):
        report_week(db, tmp_path, CONFIGURATION, "2026-W30")
    assert not (tmp_path / "reports").exists()


def test_analysed_week_without_themes_is_a_report(tmp_path: Path) -> None:
    db = open_store(tmp_path)
    db.table("stage_runs").insert({"stage": "signals", "week": WEEK, "status": "done"})
    [folder] = report_week(db, tmp_path, CONFIGURATION, WEEK, regions=["LT"])
    db.close()
    assert "No emerging theme" in (folder / "report.md").read_text(encoding="utf-8")


# --- what is told ----------------------------------------------------------------


def test_themes_that_pass_both_flags_come_first(db: Database) -> None:
    # t-2 has the higher emergence score, t-1 crosses sectors too.
    assert [card.theme for card in built(db).cards] == ["t-1", "t-2"]


def test_region_puts_what_fits_its_priorities_first(db: Database) -> None:
    db.table("matches").delete_where("theme = 't-1' AND region = 'LT'")
    row = {"theme": "t-2", "week": WEEK, "region": "LT", "priority": "LT-P2", "score": 0.7}
    db.table("matches").insert(row | {"text": 0.7, "codes": 0, "words": 0, "reasons": "[]"})
    assert [card.theme for card in built(db, "LT").cards] == ["t-2", "t-1"]


def test_pair_below_the_threshold_is_no_match(db: Database) -> None:
    db.conn.execute("UPDATE matches SET score = 0.49")
    report = built(db, "DED")
    assert all(not card.priorities for card in report.cards)
    assert [one.id for one in report.silent_priorities] == ["DED-P1", "DED-P2"]


def test_blind_spots_and_silent_priorities_of_a_region(db: Database) -> None:
    report = built(db, "DED")
    assert [spot.theme for spot in report.blind_spots] == ["t-2"]
    assert [one.id for one in report.silent_priorities] == ["DED-P2"]


def test_priority_to_be_confirmed_says_so(published: Path) -> None:
    folder = published / "reports" / WEEK
    assert "1 of 2 priority titles are to be confirmed" in (folder / "DED/report.html").read_text(
        encoding="utf-8"
    )
    assert "to be confirmed" not in (folder / "LT/report.html").read_text(encoding="utf-8")


def test_actors_are_local_and_partners_are_not(db: Database) -> None:
    card = built(db, "DED").cards[0]
    assert [actor.name for actor in card.actors] == ["Webtech Muster GmbH"]
    assert [one.name for one in card.partners] == ["Pavyzdys UAB", "Politecnico di Esempio"]
    assert {one.proof.title for one in card.partners} == {"TEXCON"}


def test_a_site_with_a_former_code_lies_in_its_region(db: Database) -> None:
    add_organisation(db, "Zwirnerei Muster", "DE", "DED15", "p1")  # Mittweida, until 2008
    names = [actor.name for actor in built(db, "DED").cards[0].actors]
    assert names == ["Webtech Muster GmbH", "Zwirnerei Muster"]


def test_a_seat_is_known_by_other_documents_of_the_time(db: Database) -> None:
    add_organisation(db, "Zwirnerei Muster", "DE", "", "p1")

    def actors() -> list[str]:
        return [actor.name for actor in built(db, "DED").cards[0].actors]

    def seated(document: str) -> None:
        db.table("participations").insert(
            {
                "document": document,
                "organisation": "Zwirnerei Muster",
                "role": "host",
                "nuts": "DED4",
            }
        )

    seated("late")  # available after the week
    assert actors() == ["Webtech Muster GmbH"]
    seated("bad")  # another theme's
    assert actors() == ["Webtech Muster GmbH", "Zwirnerei Muster"]


def test_regions_that_share_projects_are_named_with_their_proof(db: Database) -> None:
    add_organisation(db, "Istituto di Prova", "IT", "ITC12", "p1", "b0")
    add_organisation(db, "Atelier Exemple", "FR", "FR241", "b1")  # no joint project
    assert built(db, "DED").cards[0].partner_regions == (
        PartnerRegion("ITC1", "Piemonte", 2, 1),
        PartnerRegion("LT", "Lithuania", 1, 1),
    )


def test_report_for_all_names_no_partner_regions(db: Database) -> None:
    assert built(db).cards[0].partner_regions == ()


def test_country_is_place_enough_where_the_region_is_the_country(db: Database) -> None:
    assert [actor.name for actor in built(db, "LT").cards[0].actors] == ["Pavyzdys UAB"]


def test_member_of_a_cluster_is_local_wherever_it_sits(db: Database) -> None:
    add_organisation(db, "Webtech Muster GmbH Wien", "AT", "AT13", "p1")
    assert [actor.name for actor in built(db, "weavers").cards[0].actors] == ["Webtech Muster GmbH"]


def test_cluster_sees_what_concerns_its_sectors(db: Database) -> None:
    assert [card.theme for card in built(db, "weavers").cards] == ["t-1"]


def test_links_come_from_several_sources_and_hold_no_copy_nor_later_story(db: Database) -> None:
    links = built(db).cards[0].links
    assert [link.published for link in links] == ["2026-03-03", "2026-03-02", "2026-01-10"]
    assert {link.source for link in links} == {"Build Daily", "projects"}


def test_address_that_is_no_web_page_is_no_link(db: Database) -> None:
    assert built(db).cards[1].links == ()


def test_what_became_available_later_changes_nothing(db: Database) -> None:
    before = built(db, "DED")
    add_document(db, "later", "build_daily", "2026-03-09")
    add_member(db, "t-1", "later", 1.0)
    add_organisation(db, "Späte Weberei", "DE", "DED45", "later")
    assert built(db, "DED") == before


def test_what_cannot_be_judged_is_told_with_its_themes(db: Database) -> None:
    assert built(db).method.not_judged == ()
    signals = db.table("signals")
    detail = json.loads(signals.get(("t-5", WEEK))["detail"])
    detail["signal"]["gates"] = {"organisations": "not judged", "growth": "passed"}
    signals.update(("t-5", WEEK), {"detail": json.dumps(detail)})
    method = built(db).method
    assert method.not_judged == ("organisations",)
    assert len(method.not_judged_for) == 1
    assert method.not_judged_for[0] == built(db).caution[0].label


def test_member_that_left_since_is_still_shown_for_its_week(db: Database) -> None:
    before = built(db, "DED")
    db.conn.execute(
        "INSERT INTO theme_documents_past (theme, document, similarity, week, until)"
        " SELECT theme, document, similarity, week, '2026-W12' FROM theme_documents"
    )
    db.table("theme_documents").delete_where()
    assert built(db, "DED") == before


def test_changes_name_what_came_and_went_and_why(db: Database) -> None:
    told = {change.theme: (change.kind, change.why) for change in built(db).changes}
    assert told["t-1"][0] == "promoted"
    assert told["t-3"] == (
        "demoted",
        "It no longer shows enough growth."
        " Now 2.4 times its former share (90 % interval 1.6 to 3.5).",
    )
    assert "t-2" not in told


def test_a_priority_that_is_lost_or_won_is_a_change_of_its_region(db: Database) -> None:
    assert not [one for one in built(db, "DED").changes if "match" in one.kind]
    emerging = "UPDATE signals SET flagged = 1, class = 'emerging', detail = ? WHERE week = ?"
    detail = db.execute("SELECT detail FROM signals WHERE theme = 't-1' AND week = ?", [WEEK])
    then = detail.fetchone()[0].replace(WEEK, BEFORE)
    db.execute(f"{emerging} AND theme = 't-1'", [then, BEFORE])
    db.table("matches").insert(
        {"theme": "t-1", "week": BEFORE, "region": "DED", "priority": "DED-P1", "score": 0.49}
    )
    [change] = [one for one in built(db, "DED").changes if "match" in one.kind]
    assert (change.kind, change.theme) == ("matched", "t-1")
    assert "the match went from 0.490 to 0.800; 0.500 makes one" in change.why
    kinds = [one.kind for one in built(db, "LT").changes if "match" in one.kind]
    assert kinds == ["matched"]


def test_merged_theme_is_told_with_its_heir(db: Database) -> None:
    db.table("signals").delete_where("theme = 't-3' AND week = ?", [WEEK])
    row = {"week": WEEK, "theme": "t-3", "event": "merged", "other": "t-1", "detail": "9 of 9"}
    db.table("theme_events").insert(row)
    [change] = [one for one in built(db).changes if one.theme == "t-3"]
    assert (change.kind, change.why) == ("merged", "Merged into textile-reinforced concrete.")


def test_a_card_names_the_larger_theme_of_its_week(db: Database) -> None:
    assert built(db).cards[0].part_of == ""
    db.execute("UPDATE themes SET parent = 't-2' WHERE id = 't-1'")
    assert built(db).cards[0].part_of == "acoustic bearing monitoring"
    was = {"theme": "t-1", "keywords": "[]", "centroid": b"", "parent": "t-4", "until": "2026-W14"}
    db.table("themes_past").insert(was)  # a later fit moved it
    assert built(db).cards[0].part_of == "algae yarn"


def test_a_part_that_a_notable_theme_lost_is_told(db: Database) -> None:
    rows = [
        {"week": WEEK, "theme": theme, "event": "split", "other": other, "detail": "4 of 9"}
        for theme, other in [("t-2", "t-1"), ("t-4", "t-9")]
    ]
    db.table("theme_events").insert_all(rows)
    told = [(change.kind, change.theme, change.why) for change in built(db).changes]
    assert ("split", "t-2", "Parted from textile-reinforced concrete.") in told
    assert "t-4" not in {theme for _, theme, _ in told}  # neither of the two is notable


def test_new_flag_that_was_split_off_says_from_what(db: Database) -> None:
    db.table("signals").delete_where("theme = 't-1' AND week < ?", [WEEK])
    row = {"week": WEEK, "theme": "t-1", "event": "split", "other": "t-3", "detail": "9 of 9"}
    db.table("theme_events").insert(row)
    report = built(db)
    [change] = [one for one in report.changes if one.theme == "t-1"]
    assert change.kind == "new"
    assert change.why.startswith("Parted from ")
    assert change.why.endswith(report.cards[0].why)


def test_first_week_has_no_changes(db: Database) -> None:
    report = built(db, week=BEFORE)
    assert (report.previous, report.changes) == (None, ())


def test_hype_is_named_and_never_a_card(db: Database) -> None:
    report = built(db)
    assert [line.theme for line in report.caution] == ["t-5"]
    assert [line.theme for line in report.watch] == ["t-4"]


def test_silent_source_is_named_with_its_reason(db: Database) -> None:
    [silent] = built(db).silent_sources
    assert (silent.title, silent.reason) == ("Wind Letter", "answered with an error page")


def test_source_heard_in_a_later_crawl_of_the_week_is_not_silent(db: Database) -> None:
    [first] = db.query("SELECT * FROM crawl_results WHERE source = 'wind_letter'")
    later = {
        "run_id": "r2",
        "complete": 1,
        "verdict": "healthy",
        "reason": "",
        "until": "2026-03-29",
    }
    db.table("crawl_results").insert(first | later)
    assert built(db).silent_sources == ()


def test_source_that_fails_in_the_last_crawl_of_the_week_is_silent(db: Database) -> None:
    [first] = db.query("SELECT * FROM crawl_results WHERE source = 'build_daily'")
    last = {"run_id": "r-9", "verdict": "failed", "reason": "HTTP 500", "ended": "2026-03-09T06"}
    db.table("crawl_results").insert(first | last)
    silent = {one.source: one.reason for one in built(db).silent_sources}
    assert silent["build_daily"] == "HTTP 500"


def test_without_any_crawl_nobody_is_silent(db: Database) -> None:
    db.table("crawl_results").delete_where()
    assert {source.heard for source in built(db).sources} == {None}


def test_copies_are_not_counted_and_languages_unknown_to_the_model_are_named(db: Database) -> None:
    report = built(db)
    assert report.documents == 5  # four stories and one in German, without the copy
    assert report.method.not_analysed == {"de": 1}


def test_theme_judged_irrelevant_is_left_out_for_that_region(db: Database) -> None:
    row = {"theme": "t-1", "verdict": "irrelevant", "region": "DED", "judged": "2026-03-05"}
    db.table("judgements").insert(row)
    assert [card.theme for card in built(db, "DED").cards] == ["t-2"]
    assert [card.theme for card in built(db, "LT").cards] == ["t-1", "t-2"]


def test_judgement_after_the_week_does_not_change_it(db: Database) -> None:
    row = {"theme": "t-1", "verdict": "irrelevant", "region": "", "judged": "2026-03-09"}
    db.table("judgements").insert(row)
    assert built(db).cards[0].theme == "t-1"


def test_record_follows_the_flags_of_a_year_ago(db: Database) -> None:
    add_signal(db, signal("t-1", "2025-W10", "emerging", 50))
    add_signal(db, signal("t-2", "2025-W10", "emerging", 50))
    for number in range(10):
        add_document(db, f"o{number}", "build_daily", f"2024-06-{number + 10}")
    for number in range(3):
        add_member(db, "t-2", f"o{number}", 0.9)
    record = built(db).track_record
    grew = {flag.theme: (flag.ratio or 0) >= record.grew_ratio for flag in record.flags}
    assert grew == {"t-1": True, "t-2": False}
    assert record.grew == 1


def test_record_finds_a_flagged_theme_under_its_last_heir(db: Database) -> None:
    add_signal(db, signal("t-3", "2025-W10", "emerging", 50))
    merged = "UPDATE themes SET merged_into = ?, retired_week = ? WHERE id = ?"
    db.execute(merged, ["t-4", "2025-W27", "t-3"])
    db.execute(merged, ["t-1", "2025-W40", "t-4"])
    db.execute(merged, ["t-2", "2026-W14", "t-1"])  # after the report's week
    assert [flag.theme for flag in built(db).track_record.flags] == ["t-1"]


def test_record_compares_with_texts_that_a_theme_can_hold(db: Database) -> None:
    add_signal(db, signal("t-1", "2025-W10", "emerging", 50))
    before = built(db).track_record
    for number in range(40):
        add_document(db, f"de{number}", "presse", "2026-01-10", language="de")
    assert built(db).track_record == before


def test_record_of_a_theme_that_ended_has_no_growth(db: Database) -> None:
    add_signal(db, signal("t-3", "2025-W10", "emerging", 50))
    db.execute("DELETE FROM theme_documents WHERE theme = 't-3'")
    record = built(db).track_record
    assert [(flag.theme, flag.ratio) for flag in record.flags] == [("t-3", None)]
    assert record.grew == 0


def test_theme_that_no_longer_fades_has_not_failed_a_test(db: Database) -> None:
    db.table("signals").delete_where("theme = 't-4'")
    add_signal(db, signal("t-4", BEFORE, "fading", 10))
    add_signal(db, signal("t-4", WEEK, "none", 10))
    [why] = [change.why for change in built(db).changes if change.theme == "t-4"]
    assert why.startswith("Its share no longer falls for sure. Now ")


def test_open_call_is_the_next_step(db: Database) -> None:
    add_document(db, "call", "calls", "2026-02-20", kind="call", title="Light building call")
    add_member(db, "t-1", "call", 0.4)
    step = built(db).cards[0].next_step
    assert (step.action, step.about, step.by) == ("check_call", "Light building call", "2026-03-15")


def test_theme_that_touches_several_regions_calls_for_a_group(db: Database) -> None:
    step = built(db).cards[0].next_step
    assert (step.action, step.about) == ("propose_group", "Saxony and Lithuania")


def test_technologies_and_sectors_that_meet(db: Database) -> None:
    cells = [(cell.technology, cell.sector) for cell in built(db).cells]
    assert cells == [("textile-reinforced concrete", "Textiles")]  # Construction is its home


def test_a_card_names_the_steps_of_the_value_chain_that_several_documents_speak_of(
    db: Database,
) -> None:
    cards = {card.theme: card for card in built(db).cards}
    assert cards["t-1"].value_chain == ("Components",)
    assert cards["t-1"].challenges == ()
    assert cards["t-2"].value_chain == ()


def test_report_json_can_be_read_back(published: Path) -> None:
    path = published / "reports" / WEEK / "DED" / "report.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["cards"][0]["priorities"][0]["confirmed"] is False


# --- delivery --------------------------------------------------------------------


class Mailbox(socketserver.StreamRequestHandler):
    """Just enough of a mail server to take a message."""

    def handle(self) -> None:
        server: PostOffice = self.server  # type: ignore[assignment]
        self.answer("220 post office")
        while line := self.rfile.readline().decode().strip():
            command = line.split(":")[0].split()[0].upper()
            if command == "DATA":
                self.answer("354 go on")
                taken = []
                while (text := self.rfile.readline()) != b".\r\n":
                    taken.append(text)
                server.messages.append(b"".join(taken))
                self.answer("250 taken")
            elif command == "RCPT" and "refused@" in line:
                self.answer("550 nobody here")
            elif command == "QUIT":
                self.answer("221 bye")
                return
            else:
                server.readers += [line] if command == "RCPT" else []
                self.answer("250 fine")

    def answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class PostOffice(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Mailbox)
        self.messages: list[bytes] = []
        self.readers: list[str] = []


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with PostOffice() as office:
        threading.Thread(target=office.serve_forever, daemon=True).start()
        monkeypatch.setenv("TRENDSCOUT_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("TRENDSCOUT_SMTP_PORT", str(office.server_address[1]))
        monkeypatch.setenv("TRENDSCOUT_SMTP_SECURITY", "none")
        monkeypatch.setenv("TRENDSCOUT_MAIL_FROM", "scout@example.org")
        monkeypatch.setenv("TRENDSCOUT_MAIL_TO_LT", "reader@example.org, other@example.org")
        yield office
        office.shutdown()


def test_report_is_delivered_once(db: Database, tmp_path: Path, post: PostOffice) -> None:
    for _ in range(2):
        report_week(db, tmp_path, CONFIGURATION, WEEK, regions=["LT"], deliver=True)
    assert len(post.messages) == 1
    assert len(post.readers) == 2
    assert b"Subject: 2026-W10: New for Lithuania" in post.messages[0]


def test_refused_mail_fails_and_is_tried_again(
    db: Database, tmp_path: Path, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRENDSCOUT_MAIL_TO_LT", "refused@example.org")
    with pytest.raises(DeliveryFailed, match="nobody here"):
        report_week(db, tmp_path, CONFIGURATION, WEEK, regions=["LT"], deliver=True)
    assert (tmp_path / "reports" / WEEK / "LT" / "report.html").is_file()
    monkeypatch.setenv("TRENDSCOUT_MAIL_TO_LT", "reader@example.org")
    report_week(db, tmp_path, CONFIGURATION, WEEK, regions=["LT"], deliver=True)
    assert len(post.messages) == 1


def test_delivery_without_a_mail_server_says_what_is_missing(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SMTP_HOST", "MAIL_FROM", "MAIL_TO"):
        monkeypatch.delenv(f"TRENDSCOUT_{name}", raising=False)
    with pytest.raises(DeliveryFailed, match="TRENDSCOUT_SMTP_HOST, TRENDSCOUT_MAIL_FROM"):
        report_week(db, tmp_path, CONFIGURATION, WEEK, regions=["LT"], deliver=True)


def test_pairs_of_sectors_come_before_technologies_away_from_home(db: Database) -> None:
    pairs = built(db).cards[0].pairs  # Construction is the first sector of the theme
    assert [(pair.first, pair.second) for pair in pairs] == [
        ("Construction", "Textiles"),
        ("textile-reinforced concrete", "Textiles"),
    ]
