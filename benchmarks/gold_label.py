"""Label texts of the gold set, or texts to learn from: `python -m benchmarks.gold_label read`.

`read IDS…` prints texts without their labels (all of them without ids). `write NOTES OUT` turns
a labeller's notes into a gold file. A line of notes is

    id | sector sector | surface string ; surface string

Every whole-word occurrence of a string is labelled, the longest where they overlap; capitals
count only in strings without small letters, or after a leading `=`.
"""

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.data import folder
from benchmarks.gold_sample import Sample, samples, training_samples
from config.errors import InputError
from config.loader import load_configuration


def occurrences(text: str, strings: Sequence[str]) -> list[tuple[int, int]]:
    """Where *strings* stand in *text* as whole words, longest first where they overlap.

    Raises InputError for a string that leaves no mention: a slip of the labeller's pen.
    """
    found: dict[tuple[int, int], str] = {}
    for string in strings:
        exact = string.startswith("=") or not re.search("[a-z]", string)
        plain = re.escape(string.removeprefix("="))
        pattern = rf"(?<![A-Za-z0-9-]){plain}(?![A-Za-z0-9])(?!-[A-Za-z0-9])"
        for match in re.finditer(pattern, text, 0 if exact else re.IGNORECASE):
            found[match.span()] = string
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= first or start >= last for first, last in kept):
            kept.append((start, end))
    present = {text[start:end].lower() for start, end in kept}
    for string in strings:
        if string.removeprefix("=").lower() not in present:
            raise InputError(f"{string!r} is no mention of its own in this text")
    return sorted(kept)


def written(notes: Path, drawn: Mapping[str, Sample], codes: frozenset[str]) -> Iterator[str]:
    """Lines of a gold file, in the order of *notes*; errors name file and line."""
    for number, line in enumerate(notes.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{notes.name}, line {number}"
        parts = [part.strip() for part in line.split("|", 2)]
        if len(parts) != 3 or parts[0] not in drawn:
            raise InputError(f"{where}: `id | sectors | strings` with an id of the sample expected")
        sectors = parts[1].split()
        if unknown := set(sectors) - codes:
            raise InputError(f"{where}: no such sector: {', '.join(sorted(unknown))}")
        one = drawn[parts[0]]
        strings = [string for part in parts[2].split(";") if (string := part.strip())]
        try:
            spans = occurrences(one.text, strings)
        except InputError as exc:
            raise InputError(f"{where}: {exc}") from exc
        row = {
            "id": one.id,
            "split": one.split,
            "text_hash": one.text_hash,
            "technologies": spans,
            "sectors": sorted(sectors),
        }
        yield json.dumps(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("read").add_argument("ids", nargs="*")
    writing = commands.add_parser("write")
    writing.add_argument("notes", type=Path)
    writing.add_argument("out", type=Path)
    options = parser.parse_args()
    texts = [*samples(folder()), *training_samples(folder())]
    drawn = {one.id: one for one in texts}
    if options.command == "read":
        for key in options.ids or drawn:
            print(f"### {key}\n{drawn[key].text}\n")
        return
    sectors = load_configuration().sectors.values()
    codes = frozenset(one.code for one in sectors if one.scheme == "ecosystem")
    lines = list(written(options.notes, drawn, codes))
    options.out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
