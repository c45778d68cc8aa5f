"""The golden vectors of the control endpoint; written by `make_golden.py`."""

from typing import Any

import msgspec

from rapport.errors import HelloFirst
from rapport.state import LABELS, SCHEMA, Event, EventKind, Modality
from rapport.wire import answers, control_codec
from rapport.wire import requests as ask

Map = dict[str, Any]

NOW_NS = 123_456_789_012_345
NOW_WALL = 1_767_225_600.25

PROFILE = """\
title = "Companion"
reaction.comfort.when = { signal = "frustration", enter = 0.6, exit = 0.4 }
"""

REQUESTS: tuple[ask.Request[Any], ...] = (
    ask.Hello(id=1, app="org.example.game", name="Example Game"),
    ask.Describe(id=2),
    ask.GetStatus(id=3),
    ask.GetTime(id=2**63 - 1),
    ask.TakeLease(id=5, seconds=1.5),
    ask.EndLease(id=6),
    ask.GetConsentText(id=7, language="pt-BR"),
    ask.GrantConsent(
        id=8, permissions=("camera", "microphone"), language="en", text_version="1", days=30.0
    ),
    ask.RevokeConsent(id=9, permissions=("camera",)),
    ask.GetConsent(id=10),
    ask.Pause(id=11),
    ask.Resume(id=12),
    ask.ListDevices(id=13),
    ask.SelectDevice(id=14, kind="microphone", device="2"),
    ask.Say(id=15, speaker="Ada", text="Was für ein Tag!", role="npc", line="act1-7", at_ns=NOW_NS),
    ask.Say(id=33, speaker="Ada", text="Great, thanks.", seconds=1.5),
    ask.Mark(id=34, moment="act1.betrayal", at_ns=NOW_NS),
    ask.StartBaseline(id=16, profile="ada"),
    ask.StopBaseline(id=17),
    ask.ClearBaseline(id=18, profile="ada"),
    ask.GetSettings(id=19),
    ask.SetSettings(id=20, values={"fusion.slow_s": 2.0, "camera.fps": 15, "log.level": "info"}),
    ask.SetDuty(id=21, level="menu", budget_ms=4.0),
    ask.StartRecording(id=22, name="session-1"),
    ask.StopRecording(id=23),
    ask.GetEvents(id=24, sequence=41),
    ask.Shutdown(id=25),
    ask.SetProfile(id=26, npc="companion", profile=PROFILE, format="toml"),
    ask.GetProfile(id=27, npc="companion"),
    ask.ListProfiles(id=28),
    ask.ClearProfile(id=29, npc="companion"),
    ask.CheckProfile(id=30, profile="{}"),
    ask.ListPresets(id=31),
    ask.SetContext(
        id=32, npc="companion", values={"health": 0.25, "boss": True, "place": "inn", "ally": None}
    ),
)
MODEL = answers.ModelInfo("face", "1", "face-emotion", "Apache-2.0", "yes", "CPUExecutionProvider")
STATE, EVENTS = "tcp://127.0.0.1:40123", "tcp://127.0.0.1:40124"
ANSWERS: tuple[answers.Answer, ...] = (
    answers.Welcome(
        schema=SCHEMA,
        version="0.1.0",
        pid=4711,
        labels=LABELS,
        modalities=("face", "voice", "text"),
        conditions=("ok", "absent"),
        capabilities=("hello", "time"),
        languages=("en", "ja"),
        models=(MODEL,),
        state_address=STATE,
        events_address=EVENTS,
    ),
    answers.Description({"time": {"type": "object"}}, ("started", "status"), (MODEL,)),
    answers.Status(
        pid=4711,
        capturing=(Modality.VOICE,),
        source="live",
        paused=False,
        duty="full",
        budget_ms=None,
        recording="",
        applications=("org.example.game",),
        waiting_for={"camera": "consent_missing"},
        baseline="none",
        state_address=STATE,
        events_address=EVENTS,
    ),
    answers.Time(NOW_NS, NOW_WALL),
    answers.Lease(1.5),
    answers.ConsentText("ja", "1", "同意", "本文", {"camera": "カメラ"}, "はい", "いいえ"),
    answers.ConsentStatus(
        "org.example.game", (answers.Grant("camera", NOW_WALL, NOW_WALL + 86_400.0, "1", "ja"),)
    ),
    answers.Devices((answers.Device("0", "Webcam", True),), ()),
    answers.BaselineStatus("ada", "learning", 0.4),
    answers.SettingsNow({"camera.fps": 30, "fusion.slow_s": 1.5}, ("fusion.slow_s",)),
    answers.Recording("session-1", "/home/ada/session-1.rapport", 900, 12),
    answers.Events((Event(EventKind.STARTED, NOW_NS, NOW_WALL, sequence=42),), True),
    answers.Done(),
    answers.ProfileStatus("companion", "Companion", ("comfort",), "control"),
    answers.ProfileText("companion", PROFILE, "toml", "control"),
    answers.Profiles((answers.ProfileStatus("bard", "Bard", ("sulk", "sing"), "bard.toml"),)),
    answers.ProfileReport(
        (
            answers.ProfileProblem(
                2, "reaction.comfort.when.signal", "no signal 'fustration'", "frustration"
            ),
        ),
        ("comfort",),
    ),
    answers.Presets((answers.Preset("companion", "Companion", PROFILE),)),
)
NAN = float("nan")
HELLO = {"op": "hello", "app": "a", "name": "b"}
CONTEXT = {"op": "profile.context", "npc": "a"}
LINE = {"op": "dialogue", "speaker": "A", "text": "b"}
REFUSED: tuple[tuple[str, str | None, Any], ...] = (
    ("unknown_op", "request_unknown", {"op": "mood.set", "id": 1}),
    ("no_op", "request_unknown", {"id": 2}),
    ("missing_field", "request_invalid", {"op": "hello", "id": 3, "app": "a"}),
    ("schema_zero", "request_invalid", {**HELLO, "id": 4, "schema": 0}),
    ("lease_too_long", "request_invalid", {"op": "lease.take", "id": 5, "seconds": 60.0}),
    ("lease_nan", "request_invalid", {"op": "lease.take", "id": 6, "seconds": NAN}),
    ("setting_nan", "request_invalid", {"op": "settings.set", "id": 7, "values": {"a.b": NAN}}),
    ("path", "request_invalid", {"op": "record.start", "id": 8, "name": "../x"}),
    ("windows_device", "request_invalid", {"op": "record.start", "id": 9, "name": "NUL.txt"}),
    ("line_break", "request_invalid", {**HELLO, "id": 10, "name": "b\nc"}),
    ("no_permission", "request_invalid", {"op": "consent.revoke", "id": 11, "permissions": []}),
    ("text_too_long", "request_invalid", {**LINE, "id": 12, "text": "x" * 2001}),
    ("context_nan", "request_invalid", {**CONTEXT, "id": 13, "values": {"a": NAN}}),
    ("context_array", "request_invalid", {**CONTEXT, "id": 14, "values": {"a": [1]}}),
    ("negative_id", None, {"op": "time", "id": -1}),
    ("text_id", None, {"op": "time", "id": "1"}),
    ("array", None, ["time", 1]),
    ("empty", None, b""),
    ("not_messagepack", None, b"\xc1"),
    ("trailing_byte", None, msgspec.msgpack.encode({"op": "time", "id": 1}) + b"\x00"),
    ("huge_map", None, b"\xdf" + b"\xff" * 4),
    ("deep", None, b"\x82\xa2id\x01\xa1x" + b"\x91" * 3000),
)


def vectors() -> Map:
    """Requests, replies, and what is refused."""
    newer = msgspec.to_builtins(REQUESTS[0]) | {"schema": 99, "mood": {"a": [None, 1.5]}}
    least = {"op": "lease.take"}
    return {
        "requests": [
            *(_request(msgspec.to_builtins(request)["op"], request) for request in REQUESTS),
            _request("newer_client", newer),
            _request("required_fields_only", least),
        ],
        "replies": [
            *(_reply(type(answer).__name__, answer) for answer in ANSWERS),
            _error("Failure"),
        ],
        "refused": [_refused(*case) for case in REFUSED],
    }


def _request(name: str, request: Any) -> Map:
    payload = msgspec.msgpack.encode(request)
    read = control_codec.decode_request(payload)
    return {"name": name, "payload_hex": payload.hex(), "expected": msgspec.to_builtins(read)}


def _reply(name: str, answer: answers.Answer) -> Map:
    payload = control_codec.encode_reply(7, answer)
    expected = {"id": 7, "reply": msgspec.to_builtins(answer)}
    return {"answer": name, "payload_hex": payload.hex(), "expected": expected}


def _error(name: str) -> Map:
    payload = control_codec.encode_error(7, HelloFirst("this client did not say hello"))
    expected = msgspec.msgpack.decode(payload)
    return {"answer": name, "payload_hex": payload.hex(), "expected": expected}


def _refused(name: str, code: str | None, message: Any) -> Map:
    payload = message if isinstance(message, bytes) else msgspec.msgpack.encode(message)
    return {"name": name, "code": code, "payload_hex": payload.hex()}
