"""Scrapy settings in one place: identify ourselves, go slowly, trust nothing."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from config.errors import ConfigError
from config.models import Settings, Source
from crawlers.addresses import is_private


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """What a crawl may cost."""

    run_seconds: float = 3 * 3600  # all sources together
    source_seconds: float = 3600
    request_seconds: float = 60
    body_bytes: int = 16 * 1024 * 1024  # as sent and as decompressed
    sources_at_once: int = 12
    redirects: int = 5
    retries: int = 3
    retry_backoff: float = 2.0  # seconds before the first retry, doubled each time
    retry_after_cap: float = 60.0  # longest wait a server may ask for within a run


# All that stands between a spider and the network, the smallest number next to the spider.
# Scrapy's own lists are replaced as a whole: what is only switched off in them is loaded all
# the same, asked at each answer, or comes back under a new name with the next version.
_S = "scrapy.downloadermiddlewares"
_DOWNLOADER = {
    "crawlers.middlewares.RobotsMiddleware": 100,
    f"{_S}.downloadtimeout.DownloadTimeoutMiddleware": 350,
    f"{_S}.defaultheaders.DefaultHeadersMiddleware": 400,
    f"{_S}.useragent.UserAgentMiddleware": 500,
    "crawlers.middlewares.ConditionalMiddleware": 540,
    "crawlers.middlewares.RetryAfterMiddleware": 550,
    f"{_S}.httpcompression.HttpCompressionMiddleware": 590,
    "crawlers.middlewares.MovedMiddleware": 600,
    f"{_S}.httpproxy.HttpProxyMiddleware": 750,
}
# Addresses and depths are the spiders' own affair, and no referrer is ever sent.
_SPIDER = {"scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50}
# No throttle, which would lower our delays, and no console, which would let others in.
_EXTENSIONS = {
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.corestats.CoreStats": 0,
}


def user_agent(contact: str) -> str:
    """Who we are and where to complain: an e-mail address or a page."""
    if contact and "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    about = f" (+{contact})" if contact else ""
    return f"trendscout/{version('trendscout')}{about}"


def require_contact(settings: Settings, sources: tuple[Source, ...]) -> None:
    """ConfigError when a public site would be asked without a contact address."""
    public = [s.name for s in sources if not is_private((s.endpoint or s.url).host or "")]
    if public and not settings.contact:
        raise ConfigError(
            "settings.yml: contact: give an address for our user agent before "
            f"{public[0]}{' and others' if len(public) > 1 else ''} can be crawled"
        )


def scrapy_settings(
    settings: Settings, limits: CrawlLimits, *, replay: bool = False
) -> dict[str, Any]:
    """The settings of every spider; *replay* answers from archives instead of the network.

    Delays are not here: `network.HostGate` keeps them for all spiders together, so Scrapy's
    own slots and AutoThrottle (which would lower them) stay out of the way.
    """
    handler = "crawlers.archive.ReplayHandler" if replay else "crawlers.network.PoliteHandler"
    return {
        "BOT_NAME": "trendscout",
        "USER_AGENT": user_agent(settings.contact),
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": 4,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 1,  # spiders land their documents; Scrapy has none to work on
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0,
        "DOWNLOAD_HANDLERS": {
            "http": handler,
            "https": handler,
            **dict.fromkeys(("data", "file", "ftp", "s3")),
        },
        "DOWNLOADER_MIDDLEWARES_BASE": _DOWNLOADER,
        "SPIDER_MIDDLEWARES_BASE": _SPIDER,
        "EXTENSIONS_BASE": _EXTENSIONS,
        "DOWNLOAD_TIMEOUT": limits.request_seconds,
        "DOWNLOAD_MAXSIZE": limits.body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REDIRECT_MAX_TIMES": limits.redirects,
        "RETRY_TIMES": limits.retries,
        "RETRY_BACKOFF": limits.retry_backoff,
        "RETRY_AFTER_CAP": limits.retry_after_cap,
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",  # our results say it, without keys in addresses
        "CLOSESPIDER_TIMEOUT": limits.source_seconds,
        "COOKIES_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "STATS_DUMP": False,
        "LOG_LEVEL": "WARNING",
    }
