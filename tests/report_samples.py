"""A report written by hand, as a cluster manager would get it; every name is invented."""

from reports.model import (
    Actor,
    Audience,
    Bar,
    BlindSpot,
    Cell,
    Change,
    Growth,
    Link,
    MethodBox,
    NextStep,
    PairEvidence,
    Partner,
    PartnerRegion,
    PastFlag,
    Point,
    PriorityTouched,
    SectorShare,
    SilentPriority,
    SourceHealth,
    ThemeCard,
    TrackRecord,
    WatchLine,
    WeeklyReport,
)

SITE = "https://example.org"


def link(title: str, path: str, source: str, day: str, kind: str = "news") -> Link:
    return Link(title, f"{SITE}/{path}", source, day, kind)


CARDS = (
    ThemeCard(
        theme="t-000017",
        label="textile-reinforced concrete for lightweight building",
        keywords=("carbon textile", "concrete element", "facade"),
        theme_class="emerging",
        confidence="high",
        score=71.2,
        growth=Growth(2.4, 1.6, 3.5, 0.004),
        documents=23,
        recent=14,
        organisations=11,
        countries=6,
        first_seen="2025-W08",
        since="2025-W41",
        cross_sector=True,
        sectors=(SectorShare("Construction", 0.46), SectorShare("Textiles", 0.38)),
        pairs=(PairEvidence("Construction", "Textiles", 9, 4.1, 2.2, "2025-03-11"),),
        diversity=2.3,
        diversity_low=1.7,
        part_of="composite facades",
        why="14 of its 23 documents fall into the last 13 weeks, where 5.8 were expected.",
        links=(
            link("Pilot hall opens for carbon textile facades", "a", "Build Daily", "2026-02-27"),
            link("TEXCON: thin shells from recycled yarn", "b", "CORDIS", "2026-02-11", "project"),
            link("Fatigue of woven reinforcement", "c", "arXiv", "2026-01-30", "publication"),
        ),
        priorities=(
            PriorityTouched(
                "DED",
                "Saxony",
                "DED-P2",
                "Raw materials and lightweight design",
                "Materials that save weight and resources, from fibre to component.",
                False,
                0.82,
                ("shares the words lightweight, composite", "shares Construction"),
            ),
        ),
        actors=(
            Actor("Institut für Leichtbau Beispielstadt", "DED21", 4),
            Actor("Webtech Muster GmbH", "DED41", 2),
        ),
        partners=(
            Partner(
                "Politecnico di Esempio",
                "IT",
                link(
                    "TEXCON: thin shells from recycled yarn", "b", "CORDIS", "2026-02-11", "project"
                ),
            ),
            Partner(
                "Bouw Voorbeeld NV",
                "BE",
                link("FIBREWALL demonstrator", "d", "CORDIS", "2025-11-03", "project"),
            ),
        ),
        next_step=NextStep(
            "edp_agenda", "Raw materials and lightweight design", "S3 coordinator", "2026-04-05"
        ),
        sparkline=(0, 1, 0, 1, 0, 1, 1, 2, 3, 4, 4, 6),
        partner_regions=(
            PartnerRegion("ITC1", "Piedmont", 12, 3),
            PartnerRegion("BE3", "Wallonia", 1, 1),
        ),
    ),
    ThemeCard(
        theme="t-000042",
        label="acoustic monitoring of wind turbine bearings",
        keywords=("acoustic emission", "bearing", "wind turbine"),
        theme_class="emerging",
        confidence="medium",
        score=58.0,
        growth=Growth(3.1, 1.5, 6.2, 0.03),
        documents=12,
        recent=9,
        organisations=None,
        countries=None,
        first_seen="2025-W30",
        since=None,
        cross_sector=False,
        sectors=(SectorShare("Renewable energy", 0.71),),
        pairs=(),
        diversity=1.3,
        diversity_low=1.1,
        why="9 of its 12 documents fall into the last 13 weeks, where 3.0 were expected.",
        links=(
            link("Hearing damage before it shows", "e", "Wind Letter", "2026-03-02"),
            link("Acoustic emission in slow bearings", "f", "arXiv", "2026-02-18", "publication"),
        ),
        priorities=(
            PriorityTouched(
                "DED",
                "Saxony",
                "DED-P5",
                "Energy",
                "Generation, storage and use of renewable energy.",
                True,
                0.61,
                ("shares Renewable energy",),
            ),
        ),
        actors=(),
        partners=(
            Partner(
                "Vindkraft Exempel AB",
                "SE",
                link("QUIETWIND", "g", "CORDIS", "2025-12-09", "project"),
            ),
        ),
        next_step=NextStep(
            "contact_partner", "Vindkraft Exempel AB", "cluster manager", "2026-03-22"
        ),
        sparkline=(0, 0, 0, 0, 1, 0, 1, 1, 0, 2, 3, 4),
    ),
    ThemeCard(
        theme="t-000051",
        label="printed sensors in sports textiles",
        keywords=("printed electronics", "sensor yarn"),
        theme_class="emerging",
        confidence="medium",
        score=49.5,
        growth=Growth(1.9, 1.3, 2.8, 0.07),
        documents=31,
        recent=15,
        organisations=9,
        countries=5,
        first_seen="2024-W44",
        since="2025-W47",
        cross_sector=True,
        sectors=(
            SectorShare("Electronics", 0.44),
            SectorShare("Textiles", 0.40),
            SectorShare("Health", 0.16),
        ),
        pairs=(PairEvidence("Electronics", "Textiles", 8, 3.3, 1.7, "2024-11-19"),),
        diversity=2.1,
        diversity_low=1.6,
        why="15 of its 31 documents fall into the last 13 weeks, where 8.9 were expected.",
        links=(
            link("Sensor yarn reaches the loom", "h", "Fibre News", "2026-03-04"),
            link("Washable circuits", "i", "CORDIS", "2026-01-15", "project"),
            link("Printing on knitwear", "j", "arXiv", "2025-12-20", "publication"),
        ),
        priorities=(),
        actors=(Actor("Strickerei Beispiel", "DED43", 1),),
        partners=(),
        next_step=NextStep("ask_members", "", "cluster manager", "2026-03-22"),
        sparkline=(1, 1, 2, 1, 2, 2, 1, 3, 3, 4, 5, 6),
        verdict="known",
        verdict_note="our own <project>",
    ),
)

REPORT = WeeklyReport(
    week="2026-W10",
    first_day="2026-03-02",
    last_day="2026-03-08",
    audience=Audience(
        "DED",
        "region",
        "Saxony",
        "The titles of 2 of 7 priorities are to be confirmed: no official text was at hand.",
    ),
    previous="2026-W09",
    documents=1204,
    archive=98311,
    themes=212,
    flagged=4,
    cards=CARDS,
    watch=(
        WatchLine(
            "t-000088",
            "edible packaging from algae",
            "weak_signal",
            Growth(2.9, 0.9, 9.1, 0.21),
            3,
            5,
            True,
        ),
        WatchLine(
            "t-000090",
            "drones for orchard pollination",
            "weak_signal",
            Growth(1.8, 0.9, 3.6, 0.28),
            5,
            11,
            False,
        ),
        WatchLine(
            "t-000101",
            "sodium-ion cells for forklifts",
            "weak_signal",
            Growth(2.2, 0.8, 6.0, None),
            3,
            4,
            False,
        ),
    ),
    caution=(
        WatchLine(
            "t-000034", "metaverse showrooms", "hype", Growth(3.0, 1.9, 4.7, 0.01), 17, 26, False
        ),
        WatchLine(
            "t-000012", "shared e-scooters", "fading", Growth(0.5, 0.3, 0.8, 0.99), 4, 39, True
        ),
    ),
    changes=(
        Change(
            "promoted",
            "t-000017",
            "textile-reinforced concrete for lightweight building",
            "weak_signal",
            "emerging",
            "The lower bound of growth rose to 1.6; 1.25 is needed.",
        ),
        Change(
            "demoted",
            "t-000077",
            "blockchain for seed trade",
            "emerging",
            "weak_signal",
            "Fewer organisations than needed take part.",
        ),
        Change(
            "merged",
            "t-000081",
            "knitted antennas",
            None,
            None,
            "Merged into printed sensors in sports textiles.",
        ),
    ),
    blind_spots=(
        BlindSpot(
            "t-000051",
            "printed sensors in sports textiles",
            Growth(1.9, 1.3, 2.8, 0.07),
            31,
            (Actor("Strickerei Beispiel", "DED43", 1),),
        ),
    ),
    silent_priorities=(SilentPriority("DED", "Saxony", "DED-P6", "Mobility"),),
    priorities=7,
    sources=(
        SourceHealth("arxiv", "arXiv", True, 902, ""),
        SourceHealth("cordis", "CORDIS", True, 41, ""),
        SourceHealth("build_daily", "Build Daily", True, 261, ""),
        SourceHealth(
            "wind_letter", "Wind Letter", False, 0, "answered with an error page three times"
        ),
    ),
    bars=(
        Bar("Raw materials and lightweight design", 1, 6),
        Bar("Energy", 1, 3),
        Bar("Mobility", 0, 0),
    ),
    cells=(
        Cell("textile-reinforced concrete", "Construction", 9, 4.1, 2.2, "t-000017"),
        Cell("printed electronics", "Textiles", 8, 3.3, 1.7, "t-000051"),
        Cell("printed electronics", "Health", 4, 2.9, 1.2, "t-000051"),
    ),
    points=(
        Point("textile-reinforced concrete", "emerging", 1, Growth(2.4, 1.6, 3.5, 0.004), 14, True),
        Point("acoustic monitoring", "emerging", 2, Growth(3.1, 1.5, 6.2, 0.03), 9, False),
        Point("printed sensors", "emerging", 3, Growth(1.9, 1.3, 2.8, 0.07), 15, True),
        Point("edible packaging", "weak_signal", None, Growth(2.9, 0.9, 9.1, 0.21), 3, False),
        Point("metaverse showrooms", "hype", None, Growth(3.0, 1.9, 4.7, 0.01), 17, False),
        Point("shared e-scooters", "fading", None, Growth(0.5, 0.3, 0.8, 0.99), 4, False),
    ),
    method=MethodBox(
        0.1,
        1.5,
        1.25,
        7,
        "all-MiniLM-L6-v2",
        ("publications", "news", "projects"),
        {"publication": 902, "news": 261, "project": 41},
        {"de": 118, "fr": 37},
        ("organisations",),
    ),
    track_record=TrackRecord(
        "2025-W10",
        1.08,
        (
            PastFlag("t-000003", "heat pumps for laundries", 1.6),
            PastFlag("t-000004", "hydrogen drones", 0.7),
            PastFlag("t-000005", "wood foam", 1.2),
        ),
    ),
)
