"""Each granular state rises in the session that was written for it, is the strongest there, and
passes; what is only like it stays low."""

import pytest

from rapport.state import GRANULAR
from reactions.granular_course import GATES, Moment, at, shipped, told, values

pytestmark = pytest.mark.unit

SESSIONS = {
    "frustration": ("beaten_again", 46.0),
    "confusion": ("stuck_on_a_riddle", 34.0),
    "overwhelm": ("everything_at_once", 37.0),
    "boredom": ("waiting_for_nothing", 78.0),
    "engagement": ("deep_in_the_game", 45.0),
    "amusement": ("shared_joke", 20.0),
    "scepticism": ("tall_tale", 28.0),
    "grief": ("mourning", 80.0),
}
"""Granular state -> its script, and the second at which it should be there."""

OVERLAPS = {"confusion": {"engagement"}}
"""Whoever puzzles over a riddle is engaged with it (D'Mello & Graesser 2012 find confusion in the
midst of engagement), so that the two may come in either order."""

TROUBLED = ("frustration", "confusion", "overwhelm", "boredom", "scepticism", "grief")
LOW = 0.3


def highest(moments: list[Moment], name: str) -> float:
    return max(values(moments, name), default=0.0)


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("name", GRANULAR)
def test_it_rises_when_it_should_and_is_the_strongest(name: str, gate: str) -> None:
    script, there_s = SESSIONS[name]
    moments = shipped(script, gate)
    before, there, after = at(moments, 5.0), at(moments, there_s), moments[-1][1]
    assert name not in before or before[name].value < 0.15
    assert there[name].value > 0.55
    assert there[name].confidence > 0.4
    for other, known in there.items():
        if other != name and other not in OVERLAPS.get(name, ()):
            assert known.value < there[name].value - 0.1, other
    assert after[name].value < 0.5 * there[name].value


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("name", TROUBLED)
def test_a_calm_player_is_not_troubled(name: str, gate: str) -> None:
    assert highest(shipped("calm_player", gate), name) < LOW


@pytest.mark.parametrize("gate", GATES)
def test_a_still_face_that_never_says_a_word_is_not_bored(gate: str) -> None:
    moments = told("seconds = 120", gate)
    assert highest(moments, "boredom") < LOW
    assert at(moments, 119)["boredom"].confidence > 0.5, "it is known not to be"


def cue(label: str, at_s: float, until_s: float, strength: float = 1.0) -> str:
    return (
        f'[[emotion]]\nat = {at_s}\nuntil = {until_s}\nlabel = "{label}"\nstrength = {strength}\n'
        f"ramp = 0.2\n[[speaking]]\nat = {at_s}\nuntil = {until_s}\n"
    )


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize(
    ("name", "label", "seconds", "most"),
    [
        ("frustration", "anger", 1.0, 0.2),
        ("frustration", "anger", 3.0, 0.35),
        ("grief", "sadness", 5.0, 0.2),
        ("grief", "sadness", 10.0, 0.35),
        ("overwhelm", "fear", 2.0, 0.35),
        ("overwhelm", "surprise", 2.0, 0.2),
        ("confusion", "surprise", 1.0, 0.25),
        ("amusement", "happiness", 1.0, 0.25),
        ("scepticism", "contempt", 0.5, 0.25),
        ("scepticism", "disgust", 3.0, LOW),
        ("boredom", "sadness", 8.0, 0.2),
    ],
)
def test_a_moment_of_it_is_not_the_state(
    name: str, label: str, seconds: float, most: float, gate: str
) -> None:
    moments = told("seconds = 50\n" + cue(label, 20.0, 20.0 + seconds), gate)
    assert highest(moments, name) < most


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize(
    ("script", "name", "most"),
    [
        ("scare", "overwhelm", 0.5),  # one scare, and laughter
        ("scare", "frustration", LOW),
        ("scare", "amusement", LOW),  # relief, without a laugh
        ("masking", "amusement", LOW),  # the voice is sad
        ("masking", "scepticism", LOW),  # a contradiction, but no words
        ("beaten_again", "scepticism", LOW),
        ("beaten_again", "boredom", LOW),
        ("mourning", "frustration", LOW),
        ("mourning", "overwhelm", LOW),
        ("mourning", "confusion", LOW),
        ("waiting_for_nothing", "frustration", LOW),
        ("deep_in_the_game", "boredom", LOW),
        ("deep_in_the_game", "overwhelm", LOW),
        ("shared_joke", "confusion", LOW),
        ("tall_tale", "frustration", LOW),
    ],
)
def test_what_is_like_it_is_not_it(script: str, name: str, most: float, gate: str) -> None:
    assert highest(shipped(script, gate), name) < most


@pytest.mark.parametrize("gate", GATES)
def test_lasting_sadness_is_not_boredom_and_slackness_is_not_grief(gate: str) -> None:
    mourning = at(shipped("mourning", gate), 80.0)
    assert mourning["boredom"].value < 0.5 * mourning["grief"].value
    waiting = at(shipped("waiting_for_nothing", gate), 78.0)
    assert waiting["grief"].value < 0.6 * waiting["boredom"].value


def test_a_laugh_is_worth_more_than_a_smile() -> None:
    smile = told("seconds = 20\n" + cue("happiness", 5, 15, 0.8))
    laugh = told(
        "seconds = 20\n"
        + cue("happiness", 5, 15, 0.8)
        + '[[burst]]\nat = 8\nuntil = 10\nname = "laugh"'
    )
    assert at(laugh, 12)["amusement"].value > at(smile, 12)["amusement"].value + 0.2


def test_sighs_speak_for_frustration_and_silence_does_not_speak_against_it() -> None:
    angry = "seconds = 41\n" + cue("anger", 5, 40, 0.4)
    sigh = '[[burst]]\nat = 15\nuntil = 16\nname = "sigh"\n'
    plain, sighing = told(angry), told(angry + sigh)
    deaf = told("microphone = false\n" + angry)
    assert at(sighing, 22)["frustration"].value > at(plain, 22)["frustration"].value + 0.02
    assert at(deaf, 39)["frustration"].value > 0.3


def test_kind_words_that_face_and_voice_deny_speak_for_scepticism() -> None:
    """More than plain words in the same voice, and more than kind words that are meant."""

    def heard(label: str, voice: str) -> float:
        line = f'[[line]]\nat = 6\nid = "how_wonderful"\nlabel = "{label}"\n'
        moments = told("seconds = 20\n" + cue(voice, 5, 15, 0.6) + line)
        return at(moments, 14)["scepticism"].value

    denied = heard("happiness", "contempt")
    assert denied > heard("neutral", "contempt") + 0.05
    assert denied > heard("happiness", "happiness") + 0.3
