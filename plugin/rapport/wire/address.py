"""Which addresses may be bound and connected to: loopback; others only when encrypted.

A state is personal, so in the clear it does not leave the machine.
"""

import ipaddress
from urllib.parse import urlsplit

from rapport.errors import AddressRefused


def allowed_host(host: str, encrypted: bool = False) -> str:
    """Check a host and return it as a ZeroMQ endpoint spells it (`[::1]` in brackets).

    :param encrypted: whether CURVE guards what is bound or connected to.
    :raises AddressRefused: it is neither `localhost` nor an IP address, or not loopback and not
        encrypted, or the wildcard, which names no address that a client could connect to. Other
        names are refused, because what they resolve to may change between the check and the use.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise AddressRefused(f"{host!r} is no IP address") from None
    if address.is_unspecified or address.is_multicast:
        raise AddressRefused(f"{host} is not one address of this machine")
    if not (encrypted or address.is_loopback):
        raise AddressRefused(f"{host} is not a loopback address, and no CURVE keys are set")
    return f"[{address}]" if address.version == 6 else str(address)


def allowed_endpoint(endpoint: str, encrypted: bool = False) -> str:
    """Check an endpoint like `tcp://127.0.0.1:5555` and return it as ZeroMQ spells it.

    :raises AddressRefused: it is not of that form, or its host is refused by `allowed_host`.
    """
    try:
        parts = urlsplit(endpoint)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme != "tcp" or not host or not port or endpoint.count("/") != 2:
        raise AddressRefused(f"{endpoint!r} is not of the form tcp://127.0.0.1:port")
    return f"tcp://{allowed_host(host, encrypted)}:{port}"
