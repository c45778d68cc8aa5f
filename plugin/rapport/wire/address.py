"""Which addresses may be bound and connected to: loopback, nothing else.

A state is personal, so it does not leave the machine; another address will need encryption.
"""

import ipaddress
from urllib.parse import urlsplit

from rapport.errors import AddressRefused


def loopback(host: str) -> str:
    """Check a host and return it as a ZeroMQ endpoint spells it (`[::1]` in brackets).

    :raises AddressRefused: it is neither `localhost` nor a loopback IP address. Other names are
        refused, because what they resolve to may change between the check and the use.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise AddressRefused(f"{host!r} is no IP address") from None
    if not address.is_loopback:
        raise AddressRefused(f"{host} is not a loopback address")
    return f"[{address}]" if address.version == 6 else str(address)


def loopback_endpoint(endpoint: str) -> str:
    """Check an endpoint like `tcp://127.0.0.1:5555` and return it as ZeroMQ spells it.

    :raises AddressRefused: it is not of that form, or its host is not loopback.
    """
    try:
        parts = urlsplit(endpoint)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme != "tcp" or not host or not port or endpoint.count("/") != 2:
        raise AddressRefused(f"{endpoint!r} is not of the form tcp://127.0.0.1:port")
    return f"tcp://{loopback(host)}:{port}"
