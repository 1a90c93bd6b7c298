"""Landing files: what a crawl ends at. One JSON line per document, whole or not at all."""

import os
from pathlib import Path

from pydantic_core import to_json

from crawlers.items import DocumentLine


class Landing:
    """A landing file under a temporary name until it is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._partial = path.with_name(path.name + ".part")
        self._file = self._partial.open("wb")
        self.lines = 0

    def write(self, document: DocumentLine) -> None:
        """Add one document."""
        self._file.write(to_json(document) + b"\n")
        self.lines += 1

    def close(self) -> str:
        """The path of the finished file; empty when nothing was landed."""
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        if not self.lines:
            self._partial.unlink()
            return ""
        self._partial.replace(self.path)
        return str(self.path)
