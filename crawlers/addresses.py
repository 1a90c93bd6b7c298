"""Which addresses are on the public internet; apart from Scrapy, which takes long to load."""

import ipaddress


def is_private(host: str) -> bool:
    """Whether *host* is a literal address (or localhost) that is not on the public internet."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return not mapped.is_global or mapped.is_multicast
