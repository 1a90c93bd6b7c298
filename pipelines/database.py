"""sqlite_utils' `Database`, without the half second that loading pandas costs.

sqlite_utils loads pandas wherever it is installed; nobody hands it tables of that kind. All of
`pipelines` takes it from here, so that nobody loads it the other way first.
"""

import sys

if "pandas" in sys.modules:
    from sqlite_utils import Database
else:
    sys.modules["pandas"] = None  # type: ignore[assignment]  # says: not to be found
    try:
        from sqlite_utils import Database
    finally:
        del sys.modules["pandas"]

__all__ = ["Database"]
