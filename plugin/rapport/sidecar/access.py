"""Who may use what, now: consent, leases, pause and duty, brought to one answer per device."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from rapport.errors import ConsentMissing

COMMAND_LINE = "rapport"
"""The application that the command line itself is: what `rapport run` captures for while no game
holds a lease."""

Duty = Literal["off", "menu", "full"]
Device = Literal["camera", "microphone"]
DEVICES: tuple[Device, ...] = ("camera", "microphone")

Allows = Callable[[str, str], bool]
"""Whether the player allows an application a permission."""


class Wish(NamedTuple):
    """What is wanted of the sidecar just now.

    `enabled` says per device whether it is switched on; `applications` hold a lease; `leased_only`
    says that nothing is captured without one.
    """

    enabled: Mapping[Device, bool]
    paused: bool = False
    duty: Duty = "full"
    applications: tuple[str, ...] = ()
    leased_only: bool = False


def obstacles(wish: Wish, allows: Allows | None) -> dict[Device, str]:
    """Why each device may not be open, as a stable code; empty: it may.

    A device is captured for every application that holds a lease, so every one of them needs the
    player's consent; while none does, it is captured for the command line, unless the sidecar
    was started to serve leases only. What reaches one client reaches all, so consent given to one
    game must not feed another.

    :param allows: None: no device is behind it (a clip), so no consent is needed.
    """
    return {device: _obstacle(device, wish, allows) for device in DEVICES}


def _obstacle(device: Device, wish: Wish, allows: Allows | None) -> str:
    if not wish.enabled[device]:
        return "disabled"
    if wish.paused:
        return "paused"
    if wish.duty == "off":
        return "duty_off"
    if not wish.applications and wish.leased_only:
        return "lease_missing"
    if allows is None:
        return ""
    applications = wish.applications or (COMMAND_LINE,)
    allowed = all(allows(application, device) for application in applications)
    return "" if allowed else ConsentMissing.code
