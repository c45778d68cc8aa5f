"""Throw broken input at the control endpoint: `python tools/fuzz_control.py --inputs 200000`.

Three ways in, each with mutated valid input: the decoder by itself; messages over a connection that
was let in; and bytes over bare TCP, from the first byte of the handshake on. Counts what was tried
and what went wrong: an input must be answered, refused by name or dropped, and the sidecar must go
on serving an honest client. The seed is printed, so that a failure can be repeated.
"""

import argparse
import json
import random
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import zmq

from rapport.capture.clock import now_ns, wall
from rapport.errors import InternalError, RapportError
from rapport.settings import Wire
from rapport.sidecar.reacting import Reacting, reaction_answers
from rapport.sidecar.table import Table
from rapport.wire import answers, control_codec, controller
from rapport.wire import requests as ask
from rapport.wire.auth import Guard
from rapport.wire.controller import Controller, Peer
from rapport.wire.exchange import Exchange
from rapport.wire.publisher import Publisher

PROFILE = """
title = "Companion"
[reaction.comfort]
when = { all = [
  { signal = "frustration", enter = 0.6, exit = 0.4, for_s = 1.5 },
  { not = { signal = "speaking", is = true } },
] }
group = "attention"
strength = [[0.5, 0.2], [1.0, 1.0]]
"""
VALID: tuple[ask.Request[Any], ...] = (
    ask.Hello(app="org.example.game", name="Game"),
    ask.GetTime(),
    ask.TakeLease(seconds=1.0),
    ask.GrantConsent(permissions=("camera", "microphone"), language="en", text_version="1"),
    ask.SelectDevice(kind="camera", device="0"),
    ask.Say(speaker="Ada", text="What a day.", line="a1", at_ns=12),
    ask.SetSettings(values={"fusion.slow_s": 1.5, "camera.fps": 30, "a.b": True, "c.d": "text"}),
    ask.SetDuty(level="menu", budget_ms=4.0),
    ask.GetEvents(sequence=7),
    ask.SetProfile(npc="mira", profile=PROFILE, format="toml"),
    ask.SetProfile(
        npc="odo",
        profile='{"reaction": {"nod": {"when": {"any": [{"signal": "label", "is": ["fear"]}]}}}}',
    ),
    ask.CheckProfile(profile=PROFILE, format="toml"),
    ask.SetContext(npc="mira", values={"armed": True, "gold": 3.5, "place": "inn", "foe": None}),
    ask.GetProfile(npc="mira"),
    ask.ListProfiles(),
    ask.ClearProfile(npc="odo"),
)
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"PLAIN".ljust(20, b"\0") + bytes(32)
HELLO = b"\x04\x33\x05HELLO\x07control\x24" + b"x" * 36
NASTY = (
    b"\xdf\xff\xff\xff\xff",  # a map, an array and bytes that promise four billion entries
    b"\xdd\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xc1",  # never used in MessagePack
    b"\x91" * 3000,
    b"\x81\xa2id\x91" * 400,
    b"\xcb\x7f\xf8" + bytes(6),  # NaN and infinity
    b"\xcb\x7f\xf0" + bytes(6),
    b"\xff" * 9,
    b"../../etc/passwd",
    b"C:\\nul",
    b"\x00",
    b"\x02\xff\xff\xff\xff\xff\xff\xff\xff",  # a ZMTP frame of 2^64 - 1 bytes
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**63, 2**64 - 1, -(2**63), 1e308, float("nan"), float("inf")),
    *("", "x" * 5000, "../x", "nul.txt", "a\nb", "\u202egame", b"\xff"),
    *([], {}, [[[[]]]], {"a": {"b": []}}, ["camera"] * 9),
)
SHARE_DECODER, SHARE_MESSAGES = 0.8, 0.15
HONEST_EVERY = 50
"""Inputs to the sockets between two questions of the honest client."""
PATIENCE_S = 10.0


def mutated(rng: random.Random, valid: bytes) -> bytes:
    """Valid input after one to four mutations."""
    data = bytearray(valid)
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(data))
        match rng.randrange(6):
            case 0 if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 16))
            case 3:
                data[at : at + rng.randint(0, 9)] = rng.choice(NASTY)
            case 4:
                data[at:at] = data[: rng.randint(0, len(data))]
            case _:
                data = bytearray(rng.randbytes(rng.randint(0, 300)))
    return bytes(data[: 70 * 1024])


def attempt(rng: random.Random) -> bytes:
    """A request with odd values in some fields, or with broken bytes."""
    request = rng.choice(VALID)
    fields = msgspec.to_builtins(request)
    if rng.random() < 0.5:
        return mutated(rng, msgspec.msgpack.encode(request))
    for name in rng.sample(list(fields), rng.randint(0, min(2, len(fields)))):
        fields[name] = rng.choice(ODD_VALUES)
    return msgspec.msgpack.encode(fields)


def fuzz(inputs: int, seed: int) -> dict[str, Any]:
    """Try inputs; returns figures, of which `crashes` must be 0."""
    rng = random.Random(seed)  # noqa: S311  to be repeatable
    tried = {"decoder": 0, "messages": 0, "handshakes": 0}
    crashes: list[str] = []
    read = 0
    for _ in range(round(inputs * SHARE_DECODER)):
        data = attempt(rng)
        tried["decoder"] += 1
        try:
            read += not isinstance(control_codec.decode_request(data), control_codec.Refused)
        except BaseException as error:  # noqa: BLE001  that is what is looked for
            crashes.append(f"decoder: {type(error).__name__}: {data.hex()}")
    begun = time.perf_counter()
    budget, controller.REQUESTS_PER_S = controller.REQUESTS_PER_S, 1e9  # all are to be looked at
    guard = Guard(Wire())
    publisher = Publisher(Wire(), guard)
    reacting = Reacting(publisher, publisher.announce)
    control = Controller(Wire(), guard, _handler(reaction_answers(reacting)))
    try:
        honest, defects = _attack(rng, control, guard, inputs - tried["decoder"], tried)
        crashes += defects
    except RapportError as error:
        crashes.append(f"the honest client was let down: {error.code}")
        honest = []
    finally:
        controller.REQUESTS_PER_S = budget
        control.close()
        publisher.close()
        guard.close()
    return {
        "seed": seed,
        "inputs": sum(tried.values()),
        **tried,
        "read_as_requests": read,
        "dropped_without_id": control.dropped,
        "connections_denied": guard.denied,
        "socket_seconds": round(time.perf_counter() - begun, 1),
        "honest_asked": len(honest),
        "honest_slowest_ms": round(max(honest, default=0.0), 1),
        "crashes": len(crashes),
        "first_crash": crashes[0] if crashes else "",
    }


def _attack(
    rng: random.Random,
    control: Controller,
    guard: Guard,
    inputs: int,
    tried: dict[str, int],
) -> tuple[list[float], list[str]]:
    """Over the sockets; returns how long the honest client waited each time, in ms, and the
    answers that told of a defect."""
    credentials = guard.keys.credentials("control")
    messages = round(inputs * SHARE_MESSAGES / (1 - SHARE_DECODER))
    with zmq.Context() as context:
        honest = Exchange(context, control.address, credentials)
        dealer = _dealer(context, control.address, credentials.show)
        waits = []
        defects = []
        for number in range(inputs):
            if number < messages:
                frames = [attempt(rng) for _ in range(rng.choice((1, 1, 1, 2)))]
                with suppress(zmq.Again):
                    dealer.send_multipart(frames, zmq.DONTWAIT)
                while dealer.poll(0):
                    answer = dealer.recv_multipart()[-1]
                    if InternalError.code.encode() in answer:
                        defects.append(f"messages: {answer!r}")
                if number % 250 == 249:  # a message that is too long ends a connection
                    dealer.close()
                    dealer = _dealer(context, control.address, credentials.show)
                    if number % 500 == 499:  # every other one says who it is
                        dealer.send(msgspec.msgpack.encode(VALID[0]))
                tried["messages"] += 1
            else:
                _send_bytes(rng, control.address)
                tried["handshakes"] += 1
            if number % HONEST_EVERY == 0:
                begun_ns = now_ns()
                honest.ask(ask.GetTime(), PATIENCE_S)
                waits.append((now_ns() - begun_ns) / 1e6)
        dealer.close()
        honest.close()
        return waits, defects


def _dealer(
    context: "zmq.Context[zmq.Socket[bytes]]", address: str, show: Callable[[Any], None]
) -> "zmq.Socket[bytes]":
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    show(dealer)
    dealer.connect(address)
    return dealer


def _send_bytes(rng: random.Random, address: str) -> None:
    whole = GREETING + HELLO
    port = int(address.rpartition(":")[2])
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5.0) as stranger:
        stranger.sendall(rng.choice((mutated(rng, whole), GREETING + mutated(rng, HELLO))))


def _handler(table: Table) -> controller.Handler:
    """Reactions are answered as a sidecar does, everything else with nothing."""

    def handle(request: ask.AnyRequest, peer: Peer) -> answers.Answer:
        if isinstance(request, ask.GetTime):
            return answers.Time(now_ns(), wall())
        answer = table.get(type(request))
        return answers.Done() if answer is None else answer(request, peer)

    return handle


def main() -> int:
    """Fuzz as asked on the command line; exit code 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    options = parser.parse_args()
    sys.stderr.write(f"seed {options.seed}\n")
    figures = fuzz(options.inputs, options.seed)
    print(json.dumps(figures, indent=2))
    return int(figures["crashes"] > 0)


if __name__ == "__main__":
    sys.exit(main())
