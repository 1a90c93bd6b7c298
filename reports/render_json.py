"""The report as data: the keys of the model, versioned, without NaN."""

import json
import math
from dataclasses import asdict
from typing import Any

from reports.front import front
from reports.model import FORMAT, WeeklyReport


def render_json(report: WeeklyReport) -> str:
    """`report.json`: the whole model in its own order; numbers that are none become null."""
    record = {"format": FORMAT, **_clean(asdict(report))}
    record["front"] = front(report)
    record["track_record"]["grew"] = report.track_record.grew
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
