"""Access: a device is open only if everything that it needs is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.sidecar.access import COMMAND_LINE, DEVICES, Wish, obstacles

pytestmark = pytest.mark.property

APPS = [COMMAND_LINE, "tavern", "racer"]
WISHES = st.builds(
    Wish,
    enabled=st.fixed_dictionaries({device: st.booleans() for device in DEVICES}),
    paused=st.booleans(),
    duty=st.sampled_from(["off", "menu", "full"]),
    applications=st.lists(st.sampled_from(APPS[1:]), unique=True).map(tuple),
    leased_only=st.booleans(),
)
CONSENTS = st.sets(st.tuples(st.sampled_from(APPS), st.sampled_from(DEVICES)))


@given(WISHES, CONSENTS)
def test_a_device_is_open_only_with_the_consent_of_everyone_it_is_open_for(
    wish: Wish, consents: set[tuple[str, str]]
) -> None:
    found = obstacles(wish, lambda app, device: (app, device) in consents)
    for device, code in found.items():
        if code:
            continue
        assert wish.enabled[device]
        assert not wish.paused
        assert wish.duty != "off"
        assert wish.applications or not wish.leased_only
        for app in wish.applications or (COMMAND_LINE,):
            assert (app, device) in consents


@given(WISHES, CONSENTS, st.sampled_from(APPS))
def test_consent_never_closes_a_device(
    wish: Wish, consents: set[tuple[str, str]], app: str
) -> None:
    more = consents | {(app, device) for device in DEVICES}
    before = obstacles(wish, lambda a, d: (a, d) in consents)
    after = obstacles(wish, lambda a, d: (a, d) in more)
    assert all(not after[device] for device, code in before.items() if not code)


@given(WISHES)
def test_a_clip_needs_no_consent(wish: Wish) -> None:
    assert "consent_missing" not in obstacles(wish, None).values()
