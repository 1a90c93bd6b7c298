"""Sites without feed or sitemap: their listing pages, by the selectors of the YAML file."""

from crawlers.spiders.feed import FeedSpider


class ListingSpider(FeedSpider):
    """Reads cards, newest first, until a whole page lies before the window."""

    reader_name = "listing"
