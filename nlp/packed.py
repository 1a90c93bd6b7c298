"""Tables that come with the package: `nlp/data/*.tsv.gz`, written by `benchmarks.data.pack`."""

import gzip
from importlib.resources import files


def packed_lines(name: str) -> list[str]:
    """The lines of the table *name*; a line ends at a line feed and at nothing else."""
    packed = (files("nlp") / "data" / f"{name}.tsv.gz").read_bytes()
    return gzip.decompress(packed).decode("utf-8").rstrip("\n").split("\n")
