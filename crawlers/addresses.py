"""Which addresses are on the public internet; apart from Scrapy, which takes long to load."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Ways of old to write an IPv4 address as IPv6, translators of an own network, site-local ones.
_LOCAL = tuple(
    map(IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "fec0::/10"))
)  # fmt: skip
_TRANSLATED = IPv6Network("64:ff9b::/96")  # by whoever stands between IPv6 and IPv4 (RFC 6052)


def is_private(host: str) -> bool:
    """Whether *host* is a literal address (or localhost) that is not on the public internet."""
    host = host.strip("[]").partition("%")[0].rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if any(address in network for network in _LOCAL):
            return True
        address = _meant(address)
    return not address.is_global or address.is_multicast


def _meant(address: IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that *address* leads to, else itself."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
