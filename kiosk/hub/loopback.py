"""Which addresses nobody but this machine can reach."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether an address, or the name `localhost`, is this machine's own; of any other name nobody can know."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
