"""Numbers and classes as a reader says them: one wording for page, mail, sheet and print.

Rules: a theme is a "signal" until its tests pass; nothing is predicted;
no growth without its interval; what a source reports is told from what we infer.
"""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlsplit

from config.errors import UsageError
from config.weeks import first_day
from reports.model import Action, ChangeKind, Growth, PairEvidence, ThemeClass

CLASS_NAMES: Mapping[ThemeClass, str] = {
    "weak_signal": "signal",
    "emerging": "emerging theme",
    "established": "established trend",
    "hype": "hype",
    "fading": "fading",
    "none": "no change",
}
CHANGE_NAMES: Mapping[ChangeKind, str] = {
    "new": "New",
    "promoted": "Promoted",
    "demoted": "Demoted",
    "dropped": "Dropped",
    "renamed": "Renamed",
    "split": "Split",
    "merged": "Merged",
    "matched": "Priority met",
    "unmatched": "Priority lost",
}
ACTIONS: Mapping[Action, str] = {
    "watch": "Watch",
    "ask_members": "Ask members (3-question poll)",
    "edp_agenda": "Add to EDP agenda",
    "contact_partner": "Contact partner",
    "check_call": "Check call",
    "propose_group": "Propose interregional group",
    "drop": "Drop",
}
KINDS = {
    "project": ("project", "projects"),
    "publication": ("publication", "publications"),
    "news": ("news item", "news items"),
    "call": ("call", "calls"),
    "tender": ("tender", "tenders"),
    "patent": ("patent", "patents"),
}
LANGUAGES = {
    "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French",
    "ga": "Irish", "hr": "Croatian", "hu": "Hungarian", "it": "Italian", "lt": "Lithuanian",
    "lv": "Latvian", "mt": "Maltese", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish",
}  # fmt: skip
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def plain(text: str, limit: int = 400) -> str:
    """*text* on one line, without control or direction characters, cut at a word."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def sentence(text: str, limit: int = 400) -> str:
    """*text* on one line, ended as a sentence."""
    line = plain(text, limit).rstrip(" ,;:")
    return title(line) if not line or line[-1] in ".!?…" else f"{title(line)}."


def brief(why: str) -> str:
    """A signal's reason without the clauses that repeat growth and interval."""
    clauses = [clause for clause in plain(why).split("; ") if "90 % interval" not in clause]
    return sentence("; ".join(clauses))


def safe_url(url: str) -> str:
    """*url* when it is an ordinary web address, empty otherwise (`javascript:`, `data:`)."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    clean = not re.search(r"[\s<>\"'`\\^{}|]", url) and not _CONTROL.search(url)
    return url if clean and parts.scheme in {"http", "https"} and parts.hostname else ""


def count(number: int, one: str, many: str) -> str:
    """`1 document`, `1,204 documents`."""
    return f"{number:,} {one if number == 1 else many}"


def in_words(number: int) -> str:
    """Numbers up to ten as words, as they begin a sentence in small letters."""
    return _SMALL[number] if 0 <= number <= 10 else f"{number:,}"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def first_of(words: Iterable[str], most: int) -> str:
    """The first *most* of *words*, and how many more there are: `a, b and two more`."""
    found = list(words)
    more = [f"{in_words(len(found) - most)} more"] if len(found) > most else []
    return listed(found[:most] + more)


def day(iso: str) -> str:
    """`2026-03-09` as `9 Mar 2026`; what is no date stays as it is."""
    try:
        value = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{value.day} {value:%b %Y}"


def month(week: str) -> str:
    """The month in which an ISO week begins: `Oct 2025`; what is no week stays as it is."""
    try:
        return f"{first_day(week):%b %Y}"
    except UsageError:
        return week


def title(label: str) -> str:
    """A label as a headline: a small first word gets a capital, `mRNA` keeps its own."""
    first = label.split(" ", 1)[0]
    return label[:1].upper() + label[1:] if first.islower() else label


def week_range(first: str, last: str) -> str:
    """The days of a week: `2 to 8 March 2026`."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {end.day} {end:%B %Y}"
    if start.year == end.year:
        return f"{start.day} {start:%B} to {end.day} {end:%B %Y}"
    return f"{start.day} {start:%B %Y} to {end.day} {end:%B %Y}"


def percent(share: float) -> str:
    """`0.158` as `16 %`."""
    return f"{100 * share:.0f} %"


def number(value: float) -> str:
    """A ratio with the digits that carry meaning: `1.3`, `24`."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def growth(value: Growth) -> str:
    """Growth with its interval, always together: `2.4 times its former share (90 % …)`."""
    known = all(math.isfinite(bound) for bound in (value.ratio, value.low, value.high))
    if not known or value.low <= 0:  # from nothing to anything
        return "growth cannot be told yet"
    return (
        f"{number(value.ratio)} times its former share "
        f"(90 % interval {number(value.low)} to {number(value.high)})"
    )


def evidence(documents: int, organisations: int | None, countries: int | None) -> str:
    """`23 documents, 11 organisations, 6 countries`, or what cannot be told."""
    parts = [count(documents, "document", "documents")]
    if organisations is None:
        return f"{parts[0]}, organisations not named by the sources"
    parts.append(count(organisations, "organisation", "organisations"))
    if countries is not None:
        parts.append(count(countries, "country", "countries"))
    return ", ".join(parts)


def pair(value: PairEvidence) -> str:
    """The evidence that two sectors or technologies meet, with the bound beside the lift."""
    return (
        f"{value.first} and {value.second} meet in "
        f"{count(value.documents, 'document', 'documents')}, {number(value.lift)} times as often "
        f"as chance would have it (at least {number(value.low)} times), "
        f"first in this archive on {day(value.since)}"
    )


def language(code: str) -> str:
    """A language's English name, its code when we have none."""
    return LANGUAGES.get(code, code or "unknown language")


def kinds(counts: Mapping[str, int]) -> str:
    """`31 projects, 210 publications and 12 news items`, most first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return listed(count(n, *KINDS.get(kind, (kind, kind))) for kind, n in ordered if n)


def match(score: float) -> str:
    """How well a priority is met, in a word: the calibrated score has no interval to print."""
    if score >= 0.75:
        return "strong match"
    return "good match" if score >= 0.5 else "possible match"
