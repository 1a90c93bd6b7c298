"""Names of European places with their NUTS 2024 codes: `python -m benchmarks.build_places OUT`.

Reads the public code lists in TRENDSCOUT_BENCH_DATA (`taxonomies/nuts2024_codes.csv`,
`taxonomies/nuts_changes.csv`) and writes three tables: `nuts.tsv` (codes in force),
`nuts_changes.tsv` (old code, code of 2024) and `places.tsv` (name, code), which also holds
the towns of `benchmarks.towns`. Ends with how many seats of organisations those tell.
`nlp/data/exonyms.tsv` is ours: an English or city name, and the NUTS name or code it lies in.
"""

import csv
import re
import sys
from pathlib import Path

from benchmarks.data import folder
from benchmarks.towns import report, seats, towns, with_towns

_DROP = re.compile(
    r",.*$|\s*\(.*\)|^(?:Arr\.|Bezirk|Région|Regio|Provincia(?: de| di)?|Prov\.|Region) ?"
    r"|^(?:Landkreis|Kreisfreie Stadt) |(?: kraj| megye| oblast| apskritis| ili)$"
)
_CITY = re.compile(r"Kreisfreie Stadt|Stadtkreis|^Byen|^M\.|^Miasto|^Città|Hauptstadt")
# Directions and common words: no place can be told from them.
_NO_PLACE = re.compile(
    r"(?:Nord|Sud|Süd|Est|Ost|Ovest|West|Vest|Norte|Sur|Oeste|Este|Nor|South|Mid|Centr\w+|Zentral\w*"
    r"|Isole|Veri|Border|Midland|Regen|Wallis|Worms|Ísland|Peine|Leer|Stade|Cher|Indre|Manche|Landes|Ain|Lot|Region"
    r"|Central|Orient\w*|East\w*|Macroregi\w+|Makroregion|Continente?|Städte\w+|Fier|Jura|Douro)"
    r"(?:[- ](?:Nord|Est|Ost|Ovest|West|East|Vest|South|Muntenia|Oltenia|Vest|Sud))*"
)
VERSIONS = ("code_1999", "code_2003", "code_2006", "code_2010", "code_2013", "code_2016",
            "code_2021")  # fmt: skip


def plain(name: str) -> str:
    """A NUTS name as people write it: "Chemnitz, Kreisfreie Stadt" is Chemnitz."""
    return re.sub(r"^(?:Byen|Miasto) ", "", _DROP.sub("", name.strip())).strip()


def current(data: Path) -> list[dict[str, str]]:
    with (data / "taxonomies/nuts2024_codes.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if "Z" not in row["NUTS_ID"][2:]]


def changed(data: Path, codes: dict[str, str]) -> dict[str, str]:
    """Old code -> the code of 2024 that names the same region; codes without one are left out."""
    by_name = {(code[:2], len(code), fold(name)): code for code, name in sorted(codes.items())}
    found: dict[str, str] = {}
    with (data / "taxonomies/nuts_changes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        chain = [row[version].strip() for version in VERSIONS if row[version].strip()]
        names = [row[f"geo_name_{year}"] for year in (2021, 2016, 2013, 2010, 2006, 2003)]
        name = next((one for one in names if one), "")
        if not chain:
            continue
        last = chain[-1]
        if row["code_2021"].strip() and last in codes:
            target = last
        else:
            target = by_name.get((last[:2], len(last), fold(name)), "")
        for old in chain:
            # A code in force keeps its own meaning, whatever it meant before.
            if target and len(old) == len(target) and old not in codes:
                found[old] = target
    return found


def fold(name: str) -> str:
    return re.sub(r"[^\w]", "", plain(name).lower())


def named(rows: list[dict[str, str]], exonyms: list[tuple[str, str]]) -> dict[str, str]:
    """Place name -> code: the smallest region of that name, a city before its surroundings."""
    found: dict[str, tuple[tuple[int, bool], str]] = {}
    by_code = {row["NUTS_ID"] for row in rows}
    for row in rows:
        code = row["NUTS_ID"]
        if len(code) == 2:
            continue
        rank = (len(code), bool(_CITY.search(row["NAME_LATN"])))
        whole = plain(row["NAME_LATN"])
        for name in {whole, *map(str.strip, whole.split("/"))}:
            if (
                len(name) >= 4
                and not _NO_PLACE.fullmatch(name)
                and (name not in found or rank > found[name][0])
            ):
                found[name] = (rank, code)
    names = {name: code for name, (_, code) in found.items()}
    for name, target in exonyms:
        code = target if target in by_code else names.get(target, "")
        if not code:
            print(f"{name}: no region is called {target!r}", file=sys.stderr)
            continue
        names[name] = code
    return names


def main() -> None:
    out = Path(sys.argv[1])
    data = folder()
    rows = current(data)
    codes = {row["NUTS_ID"]: row["NAME_LATN"].strip() for row in rows}
    lines = (out / "exonyms.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]
    names = named(rows, [(name, target) for name, target in pairs])
    found = seats(data)
    for file, table in (
        ("nuts.tsv", codes),
        ("nuts_changes.tsv", changed(data, codes)),
        ("places.tsv", with_towns(names, towns(found))),
    ):
        text = "".join(f"{key}\t{value}\n" for key, value in sorted(table.items()))
        (out / file).write_text(text, encoding="utf-8")
        print(f"{file}: {len(table)}")
    print(report(found, names))


if __name__ == "__main__":
    main()
