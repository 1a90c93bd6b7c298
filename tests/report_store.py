"""A small store with two weeks of signals, for the tests of the report stage."""

import json
from dataclasses import asdict
from pathlib import Path

from sqlite_utils import Database

from config.configuration import Configuration
from config.models import Challenge, Cluster, Region, Sector, Settings, Source, Technology
from nlp.documents import CrossSector, Growth, SectorPair, Signal
from pipelines.store import open_store

WEEK, BEFORE = "2026-W10", "2026-W09"


def priority(region: str, number: int, title: str, status: str) -> dict[str, object]:
    return {
        "id": f"{region}-P{number}",
        "title": title,
        "title_en": title,
        "title_en_status": "ours",
        "description": f"{title}: what the region does in this field, in our words.",
        "keywords": ["one", "two", "three"],
        "status": status,
        "content_status": "partial",
        "source": {"title": "Strategy", "evidence": "from_memory"},
    }


def region(code: str, name: str, members: list[str], status: str) -> Region:
    return Region.model_validate(
        {
            "nuts": code,
            "name": name,
            "country": code[:2],
            "members": members,
            "language": "en",
            "strategy": {"title": "Strategy", "adopted": "2020", "status": status},
            "priorities": [
                priority(code, 1, "Light materials", status),
                priority(code, 2, "Quiet energy", "confirmed"),
            ],
        }
    )


def source(name: str, crawl: str = "daily") -> Source:
    return Source.model_validate(
        {
            "name": name,
            "title": name.replace("_", " ").title(),
            "summary": "An invented source that stands here to be counted, heard or missed.",
            "kind": "news",
            "url": f"https://{name.replace('_', '-')}.example.org/",
            "crawl": crawl,
            "paused_because": "closed" if crawl == "paused" else "",
        }
    )


CONFIGURATION = Configuration(
    settings=Settings.model_validate(
        {
            "streams": {
                "news": {"kinds": ["news"], "bin_weeks": 1, "recent_bins": 13, "base_bins": 52}
            }
        }
    ),
    sources={name: source(name) for name in ("build_daily", "wind_letter")}
    | {"old_paper": source("old_paper", "paused")},
    regions={
        "DED": region("DED", "Saxony", ["DED"], "to_be_confirmed"),
        "LT": region("LT", "Lithuania", ["LT"], "confirmed"),
    },
    clusters={
        "weavers": Cluster(
            name="weavers",
            title="Weavers of Tomorrow",
            region="DED",
            sectors=("textiles",),
            members=("Webtech Muster GmbH",),
            watch=("yarn",),
        )
    },
    technologies={
        "textile_concrete": Technology(
            id="textile_concrete", label="textile-reinforced concrete", fields=("ours-x",)
        )
    },
    technology_fields={},
    sectors={
        ("ecosystem", code): Sector(code=code, scheme="ecosystem", label=label, confidence="ours")
        for code, label in (("construction", "Construction"), ("textiles", "Textiles"))
    },
    challenges={},
    value_chain={
        code: Challenge(code=code, label=code.capitalize(), terms=("one", "two", "three"))
        for code in ("components", "recycling")
    },
    nace_rev21={},
)

PAIRS = (
    SectorPair("construction", "textiles", 9, 4.1, 2.2, 0.001, "2025-03-11"),
    SectorPair("textile_concrete", "construction", 8, 3.9, 2.0, 0.002, "2025-03-12"),
    SectorPair("textile_concrete", "textiles", 7, 3.0, 1.8, 0.004, "2025-03-12"),
)
CROSS = CrossSector(
    True, 64.0, {"construction": 0.5, "textiles": 0.4, "digital": 0.02}, 2.2, 1.7, 0.3, PAIRS
)


def signal(theme: str, week: str, kind: str, score: float, **more: object) -> Signal:
    values = {
        "theme": theme,
        "week": week,
        "theme_class": kind,
        "flagged": kind == "emerging",
        "score": score,
        "growth": Growth(2.4, 1.6, 3.5, 0.004),
        "documents": 12,
        "recent": 8,
        "organisations": 5,
        "countries": 3,
        "first_seen": "2025-W08",
        "since": "2025-W41",
        "confidence": "medium",
        "why": f"8 of 12 documents of {theme} are recent, where 3.1 were expected.",
        "gates": {"documents": "passed", "organisations": "passed", "growth": "passed"},
        "sparkline": (0, 1, 1, 2, 3, 5),
    }
    return Signal(**{**values, **more})  # type: ignore[arg-type]


def add_signal(db: Database, value: Signal, cross: CrossSector | None = None) -> None:
    cross = cross or CrossSector()
    detail = json.dumps({"signal": asdict(value), "cross_sector": asdict(cross)})
    db.table("signals").insert(
        {
            "theme": value.theme,
            "week": value.week,
            "class": value.theme_class,
            "flagged": int(value.flagged),
            "score": value.score,
            "detail": detail,
        }
    )


def add_document(db: Database, id: str, source: str, day: str, **more: object) -> None:
    row = {
        "id": id,
        "source": source,
        "kind": "news",
        "title": f"Story {id}",
        "text": "Some text.",
        "text_key": id,
        "url": f"https://{source.replace('_', '-')}.example.org/{id}",
        "language": "en",
        "published": day,
        "available": day,
    }
    db.table("documents").insert({**row, **more})


def add_member(db: Database, theme: str, document: str, similarity: float) -> None:
    db.table("theme_documents").insert(
        {"theme": theme, "document": document, "similarity": similarity, "week": BEFORE}
    )


def add_organisation(db: Database, name: str, country: str, nuts: str, *documents: str) -> None:
    db.table("organisations").insert({"id": name, "name": name, "country": country, "nuts": nuts})
    for document in documents:
        db.table("participations").insert(
            {"document": document, "organisation": name, "role": "participant", "nuts": nuts}
        )


def add_match(db: Database, theme: str, region: str, priority: str, score: float) -> None:
    db.table("matches").insert(
        {
            "theme": theme,
            "week": WEEK,
            "region": region,
            "priority": priority,
            "score": score,
            "text": score,
            "codes": score,
            "words": score,
            "reasons": json.dumps(
                ["keywords: yarn", "ecosystem: textiles", "priority: What yarn can carry"]
            ),
        }
    )


def add_crawl(db: Database, source: str, verdict: str, reason: str = "") -> None:
    db.table("crawl_results").insert(
        {
            "run_id": "r1",
            "source": source,
            "since": "2026-02-23",
            "until": "2026-03-09",
            "complete": int(verdict != "failed"),
            "verdict": verdict,
            "reason": reason,
            "ended": "2026-03-09T05:00:00+00:00",
        }
    )


def add_step(db: Database, document: str, step: str) -> None:
    row = {"document": document, "scheme": "value_chain", "sector": step, "weight": 0.6}
    db.table("document_sectors").insert(row | {"evidence": "[]"})


def filled(data: Path) -> Database:
    """Three themes: t-1 crosses sectors, t-2 does not, t-3 was flagged last week only."""
    db = open_store(data)
    for theme, label in (
        ("t-1", "textile-reinforced concrete"),
        ("t-2", "acoustic bearing monitoring"),
        ("t-3", "seed trade ledgers"),
        ("t-4", "algae yarn"),
        ("t-5", "showrooms <b>without</b> doors"),
    ):
        row = {"id": theme, "label": label, "keywords": json.dumps([label.split()[0]])}
        db.table("themes").insert(row | {"created_week": BEFORE, "merged_into": ""})
    add_signal(db, signal("t-1", BEFORE, "weak_signal", 30))
    add_signal(db, signal("t-2", BEFORE, "emerging", 50))
    add_signal(db, signal("t-3", BEFORE, "emerging", 40))
    add_signal(db, signal("t-1", WEEK, "emerging", 49), CROSS)
    add_signal(db, signal("t-2", WEEK, "emerging", 90))
    add_signal(db, signal("t-3", WEEK, "none", 10, gates={"growth": "failed"}))
    add_signal(db, signal("t-4", WEEK, "weak_signal", 20))
    add_signal(db, signal("t-5", WEEK, "hype", 20))
    for number in range(4):
        add_document(db, f"b{number}", "build_daily", f"2026-03-0{number + 2}")
        add_member(db, "t-1", f"b{number}", 0.9 - number / 100)
    add_document(db, "p1", "projects", "2026-01-10", kind="project", title="TEXCON")
    add_member(db, "t-1", "p1", 0.5)
    add_document(db, "copy", "wind_letter", "2026-03-03", duplicate_of="b1",
                 duplicate_since="2026-03-03")  # fmt: skip
    add_member(db, "t-1", "copy", 0.99)
    add_document(db, "late", "wind_letter", "2026-03-20")
    add_member(db, "t-1", "late", 0.99)
    add_document(db, "fremd", "build_daily", "2026-03-04", language="de")
    add_document(db, "bad", "wind_letter", "2026-02-04", url="javascript:alert(1)")
    add_member(db, "t-2", "bad", 0.8)
    add_organisation(db, "Webtech Muster GmbH", "DE", "DED41", "p1")
    add_organisation(db, "Politecnico di Esempio", "IT", "ITC11", "p1")
    add_organisation(db, "Pavyzdys UAB", "LT", "", "p1", "b0")
    add_match(db, "t-1", "DED", "DED-P1", 0.8)
    add_match(db, "t-1", "LT", "LT-P1", 0.6)
    for number, step in ((0, "components"), (1, "components"), (2, "recycling"), (3, "unknown")):
        add_step(db, f"b{number}", step)
    add_crawl(db, "build_daily", "healthy")
    add_crawl(db, "wind_letter", "failed", "answered with an error page")
    return db
