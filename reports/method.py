"""The method box and the record of earlier flags."""

from reports import wording as say
from reports.model import WeeklyReport


def method_lines(report: WeeklyReport) -> list[str]:
    """Five lines: how a theme passes, what it rests on, what it cannot see."""
    method = report.method
    field = ", read together with the themes around it," if method.field else ""
    lines = [
        f"A theme is flagged when its share of the corpus{field} grew at least "
        f"{method.min_ratio:g} times, the lower bound of the 90 % interval is "
        f"{method.min_ratio_low:g} or more, {method.min_documents} or more independent "
        "documents carry it, and the false discovery rate over all themes stays at "
        f"{say.percent(method.q)}, in this week and in {method.enter_weeks} of the last 3: "
        "one good week gives no flag, and a theme that no longer passes loses it.",
        f"Evidence of the week: {say.kinds(method.kinds) or 'none'}. "
        "Copies of one story count once; streams are tested apart and combined. Growth is "
        "counted in the windows of each stream, sectors and where they meet over "
        f"{method.window_weeks} weeks.",
        "Labels, sectors and matches with priorities are inferred by machine; titles, dates and "
        "partners are reported by the linked sources. The region decides what its priority is.",
    ]
    if method.other_cuts:
        lines.insert(
            1,
            "Where the borders between themes are drawn is chance in part. So the documents were "
            "also cut otherwise, and what grows by one way of cutting alone is not flagged.",
        )
    missed = sorted(method.not_analysed.items(), key=lambda item: (-item[1], item[0]))
    if missed:
        languages = say.listed(f"{say.language(code)} ({n:,})" for code, n in missed[:6])
        lines.append(f"Kept but not analysed, for want of a model of their language: {languages}.")
    if method.not_judged:
        themes = say.first_of((say.plain(one, 60) for one in method.not_judged_for), 3)
        lines.append(
            f"Not judged for {themes}, as their sources are silent on it:"
            f" {say.listed(method.not_judged)}."
        )
    return [say.plain(line, 500) for line in lines]


def track_record(report: WeeklyReport) -> str:
    """`Of 14 themes flagged a year ago, 9 grew.`"""
    record = report.track_record
    if not record.flags:
        return "Nothing was flagged a year ago, so there is no record to show yet."
    return (
        f"Of {say.count(len(record.flags), 'theme', 'themes')} flagged a year ago "
        f"({record.week}), {record.grew} grew (share of the corpus up by "
        f"{say.percent(record.grew_ratio - 1)} or more in twelve months)."
    )
