"""Where the language model is, and whether words may be sent there.

Loopback is told from the address alone: 127.0.0.0/8, ::1, and the name localhost, which stands for
them whatever a name server says. Any other name is another machine, and is not looked up before
that is allowed, because looking up is sending too.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from rapport.errors import EndpointInvalid, EndpointRefused, EndpointUnreachable
from rapport.settings import Appraiser as AppraiserSettings

PATH = "/chat/completions"
LOCALHOST = ("127.0.0.1", "::1")
PORTS = {"http": 80, "https": 443}
POLL_S = 0.1
"""How often whatever waits looks whether it is still to wait."""

Over = Callable[[], None]
"""Returns while a request may go on, and raises when it must end."""


class Endpoint(NamedTuple):
    """A checked address: `url` is where requests go; `on_this_machine` says that nothing leaves
    it. `key` is empty where none is needed."""

    url: str
    host: str
    port: int
    on_this_machine: bool
    key: str = ""

    @property
    def encrypted(self) -> bool:
        """Whether what is sent is."""
        return self.url.startswith("https:")


def endpoint(settings: AppraiserSettings) -> Endpoint:
    """The endpoint of the settings. Looks nothing up.

    :raises EndpointInvalid: the address is none, or its key cannot be read.
    :raises EndpointRefused: it is not loopback, and `remote` is not set.
    """
    try:
        parts = urlsplit(settings.endpoint.strip())
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError as error:
        raise EndpointInvalid("appraiser.endpoint is no address.") from error
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in PORTS or not host or not plain or not host.isascii():
        raise EndpointInvalid("appraiser.endpoint is no plain http or https address.")
    on_this_machine = _is_loopback(host)
    if not on_this_machine and not settings.remote:
        raise EndpointRefused(f"{host} is not this machine.")
    named = f"[{host}]" if ":" in host else host
    port = PORTS[parts.scheme] if port is None else port
    path = parts.path.rstrip("/") + PATH
    url = f"{parts.scheme}://{named}:{port}{path}"
    return Endpoint(url, host, port, on_this_machine, _key(settings.key_file))


def addresses(of: Endpoint, over: Over) -> tuple[str, ...]:
    """The IP addresses to try, in turn; each was checked, and only these are connected to.

    :raises EndpointUnreachable: the name is not known.
    :raises EndpointRefused: all are public, and what is sent would not be encrypted.
    """
    if of.host == "localhost":
        return LOCALHOST
    found = (of.host,) if _ip(of.host) else _looked_up(of, over)
    if not found:
        raise EndpointUnreachable(f"There is no {of.host}.")
    safe = tuple(each for each in found if of.encrypted or _is_near(each))
    if not safe:
        raise EndpointRefused(f"{of.host} is outside this network, and the address is not https.")
    return safe


def _looked_up(of: Endpoint, over: Over) -> tuple[str, ...]:
    """Ask the name servers, without waiting for them longer than for anything else."""
    found: list[str] = []

    def look() -> None:
        try:
            known = socket.getaddrinfo(of.host, of.port, type=socket.SOCK_STREAM)
        except OSError:
            return
        found.extend(dict.fromkeys(str(address[0]) for *_, address in known))

    # A daemon, as nothing can end it: a name server may be silent for half a minute.
    asking = threading.Thread(target=look, name="rapport-look-up", daemon=True)
    asking.start()
    while asking.is_alive():
        asking.join(POLL_S)
        over()
    return tuple(found)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_loopback(host: str) -> bool:
    address = _ip(host)
    return host == "localhost" if address is None else address.is_loopback


def _is_near(host: str) -> bool:
    """Whether an address is of this machine or this network."""
    address = _ip(host)
    return address is not None and address.is_private and not address.is_unspecified


def _key(path: str) -> str:
    if not path:
        return ""
    file = Path(path).expanduser()
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise EndpointInvalid(f"{file}: the key cannot be read") from error
    if not key or not key.isascii() or not key.isprintable():
        raise EndpointInvalid(f"{file}: it holds no key")
    return key
