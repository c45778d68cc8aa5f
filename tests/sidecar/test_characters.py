"""Characters: whose profile reacts when, what another's defect costs, and how many there may be."""

import logging
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import NotAvailable, ProfileInvalid, ProfileLimit, ProfileMissing
from rapport.reactions.engine import Engine
from rapport.reactions.presets import shipped
from rapport.reactions.profile import Format, encode, parse, problems
from rapport.sidecar.characters import (
    APPLICATIONS_MAX,
    CHARACTERS_MAX,
    CONTROL,
    FILES,
    Characters,
)
from rapport.state import EventKind, Reaction
from reactions.players import TICK_NS, player

pytestmark = pytest.mark.unit

TAVERN, RACER = "org.example.tavern", "org.example.racer"
BEGAN, ENDED = EventKind.REACTION_BEGAN, EventKind.REACTION_ENDED
LOADED, CLEARED = EventKind.PROFILE_LOADED, EventKind.PROFILE_CLEARED
COMFORT = '[reaction.comfort]\ncooldown_s = 0\nwhen = { signal = "anger", enter = 0.5 }\n'
ARMED = '[reaction.draw]\nwhen = { signal = "context.armed", is = true }\n'
FUZZED = 5_000


class Stage:
    """Characters, what they told, and time that passes with each state."""

    def __init__(self) -> None:
        self.fired: list[tuple[EventKind, Reaction]] = []
        self.told: list[tuple[EventKind, str, str]] = []
        self.now_ns = 0
        self.characters = Characters(
            lambda kind, reaction: self.fired.append((kind, reaction)),
            lambda *event: self.told.append(event),
        )

    def put(self, npc: str = "mira", app: str = TAVERN, text: str = COMFORT) -> None:
        self.characters.put(app, npc, text, "toml", CONTROL)

    def anger(self, ticks: int = 1) -> None:
        for _ in range(ticks):
            self.now_ns += TICK_NS
            self.characters.tick(player("anger"), self.now_ns)

    def active(self) -> list[tuple[str, str]]:
        """Application and character of what began and has not ended."""
        going = {r.firing: (r.app, r.npc) for kind, r in self.fired if kind == BEGAN}
        ended = {r.firing for kind, r in self.fired if kind == ENDED}
        return [who for firing, who in going.items() if firing not in ended]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_an_application_that_is_gone_is_set_aside_and_reacts_again_when_it_is_back(
    stage: Stage,
) -> None:
    stage.put("mira")
    stage.put("odo")
    stage.put("rival", RACER)
    stage.characters.tell_context(TAVERN, "mira", {"armed": True})
    stage.anger()
    stage.characters.set_aside(TAVERN)
    assert stage.active() == [(RACER, "rival")]
    assert {r.reason for kind, r in stage.fired if kind == ENDED} == {"profile"}
    assert [kind for kind, *_ in stage.told].count(CLEARED) == 2
    stage.anger(60)
    assert stage.active() == [(RACER, "rival")]
    stage.characters.set_aside(TAVERN)
    stage.characters.resume(TAVERN)
    stage.characters.resume(TAVERN)
    stage.put("mira", text=ARMED)
    stage.anger()
    assert stage.active() == [(RACER, "rival"), (TAVERN, "mira"), (TAVERN, "odo")]


def test_who_sets_a_profile_is_there(stage: Stage) -> None:
    """A game that is started again may push its profiles before the lease of the one that crashed
    runs out, and take its own after."""
    stage.put("mira")
    stage.characters.set_aside(TAVERN)
    stage.put("odo")
    stage.anger()
    assert stage.active() == [(TAVERN, "mira"), (TAVERN, "odo")]


def test_an_application_without_profiles_comes_and_goes_unnoticed(stage: Stage) -> None:
    stage.characters.set_aside(TAVERN)
    stage.characters.resume(TAVERN)
    assert stage.told == []


def test_a_defect_costs_its_own_profile_and_says_nothing_of_the_player(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for npc in ("mira", "odo", "sel"):
        stage.put(npc)
    stage.anger()
    told = "anger is 0.8"
    tick: Callable[..., list[tuple[EventKind, Reaction]]] = Engine.tick

    def broken(engine: Engine, *rest: object) -> list[tuple[EventKind, Reaction]]:
        if engine._npc == "odo":
            raise ValueError(told)
        return tick(engine, *rest)

    monkeypatch.setattr(Engine, "tick", broken)
    monkeypatch.setattr(logging.getLogger("rapport"), "propagate", True)
    stage.anger(3)
    assert stage.active() == [(TAVERN, "mira"), (TAVERN, "sel")]
    assert [event for event in stage.told if event[0] == CLEARED] == [
        (CLEARED, "internal_error", "odo: its profile failed.")
    ]
    assert "ValueError" in caplog.text
    assert "anger" not in caplog.text
    assert [found.npc for found in stage.characters.listed(TAVERN)] == ["mira", "sel"]


def test_the_games_variables_reach_a_profile_from_a_file_too(stage: Stage) -> None:
    stage.put("mira", FILES, ARMED)
    stage.anger()
    assert stage.active() == []
    stage.characters.tell_context(TAVERN, "mira", {"armed": True})
    stage.anger()
    assert stage.active() == [(FILES, "mira")]
    stage.put("mira", TAVERN, ARMED)
    stage.characters.tell_context(TAVERN, "mira", {"armed": True})
    stage.anger()
    assert stage.active() == [(FILES, "mira"), (TAVERN, "mira")]
    with pytest.raises(ProfileMissing):
        stage.characters.tell_context(TAVERN, "odo", {"armed": True})


def test_variables_stay_over_another_profile_and_too_many_are_refused_together(
    stage: Stage,
) -> None:
    stage.put("mira", text=ARMED)
    stage.characters.tell_context(TAVERN, "mira", {f"v{number}": 1.0 for number in range(63)})
    with pytest.raises(ProfileLimit):
        stage.characters.tell_context(TAVERN, "mira", {"armed": True, "one_more": 1.0})
    stage.characters.tell_context(TAVERN, "mira", {"armed": True, "v3": None})
    stage.put("mira", text=ARMED)
    stage.anger()
    assert stage.active() == [(TAVERN, "mira")]


def test_there_is_room_for_so_many_and_those_that_are_gone_give_way(stage: Stage) -> None:
    for number in range(CHARACTERS_MAX):
        stage.put(f"n{number}", "app0")
    with pytest.raises(ProfileLimit, match="64 characters"):
        stage.put("one-more", "app0")
    for number in range(1, APPLICATIONS_MAX):
        stage.put("mira", f"app{number}")
    with pytest.raises(ProfileLimit, match="16 applications"):
        stage.put("mira", "one-more")
    for app in ("app5", "app2", "one-more"):
        stage.characters.set_aside(app)
    stage.put("mira", "one-more")
    assert stage.characters.listed("app5") == ()
    assert stage.characters.listed("app2") != ()
    stage.put("mira", "and-one-more")
    assert stage.characters.listed("app2") == ()
    with pytest.raises(ProfileLimit):
        stage.put("mira", "app5")
    stage.anger()
    assert len(stage.active()) == CHARACTERS_MAX + APPLICATIONS_MAX - 1


def test_nothing_reacts_any_more_when_the_sidecar_stops(stage: Stage) -> None:
    stage.put("mira")
    stage.anger()
    stage.characters.stop()
    stage.characters.stop()
    with pytest.raises(NotAvailable):
        stage.put("odo")
    stage.anger()
    assert [(kind, r.reason) for kind, r in stage.fired] == [
        (BEGAN, "entered"),
        (ENDED, "stopped"),
    ]


def test_a_profile_that_is_refused_leaves_the_one_before_active(stage: Stage) -> None:
    stage.put("mira")
    stage.anger()
    with pytest.raises(ProfileInvalid):
        stage.put("mira", text=COMFORT.replace("anger", "angre"))
    assert stage.active() == [(TAVERN, "mira")]
    assert [kind for kind, *_ in stage.told] == [LOADED]


@pytest.mark.parametrize("format", ["toml", "json"])
def test_whatever_is_set_or_checked_is_taken_or_refused_by_name(
    stage: Stage, format: Format
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print("seed", seed)  # noqa: T201
    rng = random.Random(seed)
    texts = [one.text for one in shipped()]
    if format == "json":
        texts = [encode(parse(text, "toml")) for text in texts]
    alphabet = [*'{}[]",=.\n', "reaction", "when", "-1e400", "nan", "\x00", "\u202e", "[[", "all"]
    taken = 0
    for _ in range(FUZZED // 2):
        text = rng.choice(texts)
        for _ in range(rng.randint(0, 3)):
            at = rng.randint(0, len(text))
            text = text[:at] + rng.choice(alphabet) + text[at + rng.randint(0, 40) :]
        found, _names = problems(text, format)
        try:
            stage.characters.put(TAVERN, "mira", text, format, CONTROL)
        except ProfileInvalid:
            assert found
        else:
            assert not found
            taken += 1
            stage.anger()
    assert taken > FUZZED // 20, "all input was refused at once"


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["put", "clear", "aside", "resume", "tick", "forget"]),
        st.sampled_from([TAVERN, RACER]),
        st.sampled_from(["mira", "odo"]),
    ),
    max_size=40,
)


@given(ACTS)
def test_whatever_comes_every_firing_begins_once_and_ends_once(
    acts: list[tuple[str, str, str]],
) -> None:
    stage = Stage()
    for act, app, npc in acts:
        match act:
            case "put":
                stage.put(npc, app)
            case "clear" if any(p.npc == npc for p in stage.characters.listed(app)):
                stage.characters.clear(app, npc)
            case "aside":
                stage.characters.set_aside(app)
            case "resume":
                stage.characters.resume(app)
            case "tick":
                stage.anger()
            case "forget":
                stage.characters.forget()
        assert len(stage.active()) == len(set(stage.active()))
    stage.characters.stop()
    for wanted in (BEGAN, ENDED):
        firings = [reaction.firing for kind, reaction in stage.fired if kind == wanted]
        assert firings == sorted(set(firings)) or wanted == ENDED
        assert len(firings) == len(set(firings))
    assert stage.active() == []
