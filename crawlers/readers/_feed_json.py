"""JSON Feed and the posts of WordPress."""

from typing import Any
from urllib.parse import urljoin

from config.errors import SourceDrift
from crawlers.readers._entry import Entry, given
from crawlers.readers.base import as_list


def json_entries(value: Any, url: str) -> tuple[list[Entry], str | None]:
    """Entries of a JSON Feed, or of WordPress's `/wp-json/wp/v2/posts`."""
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        following = value.get("next_url")
        home, language = str(value.get("home_page_url") or ""), str(value.get("language") or "")
        entries = [_json_feed_entry(each, home, language) for each in value["items"] if _is(each)]
        return entries, urljoin(url, following) if isinstance(following, str) else None
    posts = [value] if _is(value) and {"link", "title", "content"} <= value.keys() else value
    if isinstance(posts, list) and all(_is(each) and "link" in each for each in posts):
        return [_wordpress_entry(each) for each in posts], None
    if _is(value) and value.get("message"):
        raise SourceDrift(f"the site says {value.get('code', '')}: {value['message']}"[:300])
    keys = sorted(value)[:8] if isinstance(value, dict) else type(value).__name__
    raise SourceDrift(f"JSON, but neither a JSON Feed nor WordPress posts: {keys}")


def _is(value: Any) -> bool:
    return isinstance(value, dict)


def _json_feed_entry(item: dict[str, Any], home: str, language: str) -> Entry:
    """An item of version 1.0 (one `author`) or 1.1 (`authors`)."""
    authors = as_list(item.get("authors")) + as_list(item.get("author"))
    return Entry(
        key=str(item.get("id") or ""),
        link=urljoin(home, str(item.get("url") or item.get("external_url") or "")),
        title=str(item.get("title") or ""),
        text=str(item.get("content_html") or item.get("content_text") or item.get("summary") or ""),
        days=given(item.get("date_published"), item.get("date_modified")),
        language=str(item.get("language") or language),
        categories=tuple(str(tag) for tag in item.get("tags") or ()),
        authors=tuple(str(a.get("name") or "") for a in authors if _is(a)),
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
