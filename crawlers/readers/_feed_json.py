"""JSON Feed and the posts of WordPress."""

from typing import Any
from urllib.parse import urljoin

from config.errors import SourceDrift
from crawlers.readers._entry import Entry, given


def json_entries(value: Any, url: str) -> tuple[list[Entry], str | None]:
    """Entries of a JSON Feed, or of WordPress's `/wp-json/wp/v2/posts`."""
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        following = value.get("next_url")
        language = str(value.get("language") or "")
        entries = [_json_feed_entry(each, language) for each in value["items"] if _is(each)]
        return entries, urljoin(url, following) if isinstance(following, str) else None
    if isinstance(value, list) and all(_is(each) and "link" in each for each in value):
        return [_wordpress_entry(each) for each in value], None
    keys = sorted(value)[:8] if isinstance(value, dict) else type(value).__name__
    raise SourceDrift(f"JSON, but neither a JSON Feed nor WordPress posts: {keys}")


def _is(value: Any) -> bool:
    return isinstance(value, dict)


def _json_feed_entry(item: dict[str, Any], language: str) -> Entry:
    return Entry(
        key=str(item.get("id") or ""),
        link=str(item.get("url") or item.get("external_url") or ""),
        title=str(item.get("title") or ""),
        text=str(item.get("content_html") or item.get("content_text") or item.get("summary") or ""),
        days=given(item.get("date_published"), item.get("date_modified")),
        language=str(item.get("language") or language),
        categories=tuple(str(tag) for tag in item.get("tags") or ()),
        authors=tuple(str(a.get("name") or "") for a in item.get("authors") or () if _is(a)),
    )


def _wordpress_entry(post: dict[str, Any]) -> Entry:
    def rendered(key: str) -> str:
        value = post.get(key)
        return str(value.get("rendered") or "") if isinstance(value, dict) else str(value or "")

    return Entry(
        link=str(post["link"]),
        title=rendered("title"),
        text=rendered("content") or rendered("excerpt"),
        days=given(post.get("date_gmt"), post.get("date"), post.get("modified_gmt")),
    )
