"""Who is let in, by real sockets: tokens, scopes, CURVE keys."""

import ipaddress
import logging
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq

import rapport
from rapport.errors import AccessDenied, AddressRefused, KeysUnreadable
from rapport.settings import Wire
from rapport.state import EmotionState
from rapport.wire import answers, codec
from rapport.wire.auth import Guard, make_keys
from rapport.wire.control_client import Control
from rapport.wire.controller import Controller
from rapport.wire.credentials import Credentials, curve_credentials, load_key
from rapport.wire.publisher import Publisher

pytestmark = pytest.mark.wire

PATIENCE_S = 20.0


@pytest.fixture
def state(golden_states: dict[str, dict[str, Any]]) -> EmotionState:
    return codec.decode_state(bytes.fromhex(golden_states["typical"]["frame_hex"]))


def let_in(address: str, kind: int, credentials: Credentials | None) -> bool:
    """Whether a connection comes about."""
    with zmq.Context() as context, context.socket(kind) as client:
        client.linger = 0
        if credentials is not None:
            credentials.show(client)
        succeeded, events = zmq.EVENT_HANDSHAKE_SUCCEEDED, zmq.EVENT_DISCONNECTED
        events |= zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | succeeded
        monitor = client.get_monitor_socket(events)
        client.connect(address)
        assert monitor.poll(1000 * PATIENCE_S), "neither let in nor refused"
        event = zmq.utils.monitor.recv_monitor_message(monitor)["event"]
        client.disable_monitor()
        monitor.close()
        return bool(event == succeeded)


@pytest.mark.parametrize(("scope", "allowed"), [("read", (1, 1, 0)), ("control", (1, 1, 1))])
def test_a_token_opens_what_its_scope_says(served: Any, scope: Any, allowed: Any) -> None:
    credentials = served.guard.keys.credentials(scope)
    for address, kind, expected in zip(
        served.addresses, (zmq.SUB, zmq.SUB, zmq.DEALER), allowed, strict=True
    ):
        assert let_in(address, kind, credentials) == bool(expected)


def test_nobody_else_is_let_in_anywhere(served: Any) -> None:
    keys = served.guard.keys
    wrong = [
        None,
        Credentials("read", "x" * 43),
        Credentials("read", keys.read[:-1]),
        Credentials("read", keys.read + "x"),
        Credentials("read", keys.control),
        Credentials("control", keys.read),
        Credentials("admin", keys.control),  # type: ignore[arg-type]
        Credentials("read", "ü€" * 20),
        Credentials("control", zmq.curve_keypair()[1].decode(), zmq.curve_keypair()[0].decode()),
    ]
    for address, kind in zip(served.addresses, (zmq.SUB, zmq.SUB, zmq.DEALER), strict=True):
        for credentials in wrong:
            assert not let_in(address, kind, credentials), credentials
    assert served.guard.denied > 0


@pytest.mark.parametrize("token", ["", "x" * 256])
def test_what_cannot_be_a_token_is_refused_before_connecting(served: Any, token: str) -> None:
    with pytest.raises(AccessDenied):
        Control(served.addresses[2], Credentials("control", token), "org.example", "X")


def test_tokens_are_fresh_and_long(served: Any) -> None:
    other = Guard(Wire())
    tokens = {other.keys.read, other.keys.control, served.guard.keys.read}
    tokens.add(served.guard.keys.control)
    other.close()
    other.close()
    assert len(tokens) == 4
    assert all(len(token) >= 43 for token in tokens)


def test_no_token_is_shown_or_logged(
    served: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    keys = served.guard.keys
    with caplog.at_level(logging.DEBUG):
        for scope in ("read", "control"):
            let_in(served.addresses[0], zmq.SUB, keys.credentials(scope))
            let_in(served.addresses[2], zmq.DEALER, Credentials(scope, keys.read))
        with pytest.raises(AccessDenied) as refused:
            Control(served.addresses[2], keys.credentials("read"), "org.example", "X", 20.0)
    said = caplog.text + "".join(capfd.readouterr()) + str(refused.value)
    said += repr(keys) + repr(keys.credentials("control"))
    for token in (keys.read, keys.control):
        assert token not in said


def test_a_client_without_the_right_token_is_told_so(served: Any) -> None:
    wrong = Credentials("read", "x")
    with pytest.raises(AccessDenied):
        rapport.connect(PATIENCE_S, addresses=served.addresses[:2], credentials=wrong)
    for credentials in (Credentials("control", "x"), served.guard.keys.credentials("read")):
        with pytest.raises(AccessDenied):
            Control(served.addresses[2], credentials, "org.example", "X", PATIENCE_S)


@pytest.mark.parametrize(
    "wire",
    [
        Wire(curve_server_secret="nowhere"),
        Wire(curve_clients="somewhere"),
        Wire(curve_server_secret=__file__),
    ],
)
def test_without_usable_keys_nothing_starts(wire: Wire) -> None:
    with pytest.raises(KeysUnreadable):
        Publisher(wire)


def test_a_public_key_does_not_make_a_server(tmp_path: Path) -> None:
    public, _ = make_keys(tmp_path, "sidecar")
    with pytest.raises(KeysUnreadable, match="no secret key"):
        Publisher(Wire(curve_server_secret=str(public)))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards the user's folders by ACL")
def test_a_secret_key_is_its_users_alone_and_never_replaced(tmp_path: Path) -> None:
    public, secret = make_keys(tmp_path / "keys", "me")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert load_key(public)[1] == ""
    assert load_key(secret)[0] == load_key(public)[0]
    before = secret.read_bytes()
    with pytest.raises(KeysUnreadable, match="not replaced"):
        make_keys(tmp_path / "keys", "me")
    assert secret.read_bytes() == before


@pytest.fixture
def curve(tmp_path: Path) -> Callable[[str], Wire]:
    """Settings with keys: `reader` may read, `master` may control, `stranger` is not known."""
    make_keys(tmp_path, "sidecar")
    make_keys(tmp_path / "clients", "reader")
    make_keys(tmp_path / "clients" / "control", "master")
    make_keys(tmp_path, "stranger")
    secret = str(tmp_path / "sidecar.key_secret")
    clients = str(tmp_path / "clients")
    return lambda host: Wire(host=host, curve_server_secret=secret, curve_clients=clients)


def other_hosts() -> list[str]:
    """An address of this machine that others can reach, if it has one."""
    found = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET
    ]
    return [host for host in found if not ipaddress.ip_address(host).is_loopback][:1]


@pytest.mark.parametrize("host", ["127.0.0.1", *other_hosts()])
def test_with_curve_only_known_keys_are_let_in(
    tmp_path: Path, curve: Callable[[str], Wire], state: EmotionState, host: str
) -> None:
    def key(file: str) -> Path:
        return tmp_path / f"{file}.key_secret"

    server = tmp_path / "sidecar.key"
    reader = curve_credentials("read", key("clients/reader"), server)
    master = curve_credentials("control", key("clients/control/master"), server)
    stranger = curve_credentials("control", key("stranger"), server)
    wire = curve(host)
    guard = Guard(wire)
    publisher = Publisher(wire, guard)
    controller = Controller(wire, guard, lambda _request, _peer: answers.Time(1, 1.0))
    try:
        assert host in publisher.state_address
        for credentials, allowed in (
            (reader, (1, 1, 0)),
            (master, (1, 1, 1)),
            (guard.keys.credentials("read"), (1, 1, 0)),  # what the runtime file holds
            (guard.keys.credentials("control"), (1, 1, 1)),
            (stranger, (0, 0, 0)),
            (Credentials("control", guard.keys.control), (0, 0, 0)),  # not encrypted
        ):
            addresses = publisher.state_address, publisher.events_address, controller.address
            for address, kind, expected in zip(
                addresses, (zmq.SUB, zmq.SUB, zmq.DEALER), allowed, strict=True
            ):
                assert let_in(address, kind, credentials) == bool(expected)
    finally:
        controller.close()
        publisher.close()
        guard.close()


@pytest.mark.parametrize("host", other_hosts())
def test_without_keys_an_address_that_others_reach_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused, match="CURVE") as refused:
        Publisher(Wire(host=host))
    assert "rapport keys" in refused.value.remedy
    with pytest.raises(AddressRefused):
        Control(f"tcp://{host}:5555", Credentials("control", "token"), "org.example", "X")
