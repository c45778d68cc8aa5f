"""Only loopback is bound and connected to."""

import pytest

from rapport.errors import AddressRefused
from rapport.wire.address import allowed_endpoint, allowed_host

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("host", "spelled"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("127.8.9.1", "127.8.9.1"),
        ("::1", "[::1]"),
    ],
)
def test_loopback_is_accepted(host: str, spelled: str) -> None:
    assert allowed_host(host) == spelled


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",
        "::",
        "192.168.1.4",
        "8.8.8.8",
        "*",
        "",
        "eth0",
        "example.org",
        "127.0.0.1.evil.org",
        "127.1",
    ],
)
def test_any_other_host_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        allowed_host(host)


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:5555", "tcp://[::1]:1"])
def test_an_endpoint_is_spelled_as_it_was(endpoint: str) -> None:
    assert allowed_endpoint(endpoint) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "127.0.0.1:5555",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:70000",
        "tcp://127.0.0.1:port",
        "tcp://10.0.0.1:5555",
        "tcp://127.0.0.1:5555/path",
        "tcp://eth0;127.0.0.1:5555",
        "tcp://[::1:5555",
        "ipc:///tmp/socket",
        "inproc://states",
    ],
)
def test_any_other_endpoint_is_refused(endpoint: str) -> None:
    with pytest.raises(AddressRefused):
        allowed_endpoint(endpoint)
