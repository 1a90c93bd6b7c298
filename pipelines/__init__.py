"""Stages, store and command line."""

import sys

# sqlite_utils loads pandas wherever it is installed, which costs each command half a second;
# nobody hands it tables of that kind.
if "pandas" not in sys.modules:
    sys.modules["pandas"] = None  # type: ignore[assignment]  # says: not to be found
    import sqlite_utils  # noqa: F401

    del sys.modules["pandas"]
