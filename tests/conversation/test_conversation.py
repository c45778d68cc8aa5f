"""Lines and turns become utterances, with what was seen and heard meanwhile."""

import pytest

from conversation.dialogues import LAST_S, SECOND, Listener, Player, reading, shares
from rapport.conversation.conversation import PLAYER
from rapport.conversation.memory import REMEMBERED
from rapport.conversation.standing import faded, in_context
from rapport.conversation.turns import Turns, follow
from rapport.state import Doubt, Modality

pytestmark = pytest.mark.unit


def test_speech_without_words_becomes_an_utterance_of_the_player() -> None:
    player = Player()
    player.speaks = [(1.0, 3.0)]
    told = player.until(6.0)
    (spoken,) = player.over
    assert (spoken.speaker, spoken.role, spoken.words) == (PLAYER, "player", None)
    assert spoken.start_ns / 1e9 == pytest.approx(1.0, abs=0.1)
    assert spoken.end_ns / 1e9 == pytest.approx(3.0, abs=0.1)
    assert spoken.voice is not None and spoken.face is not None
    assert spoken.voice.distribution == pytest.approx(shares("anger"))
    assert spoken.voice.share > 0.9 and spoken.voice.prosody["pitch_range"] == 4.0
    assert told.state is not None and told.state.pause_s == pytest.approx(3.0, abs=0.2)


def test_a_click_is_no_utterance() -> None:
    player = Player()
    player.speaks = [(1.0, 1.1)]
    told = player.until(5.0)
    assert not player.over and told.state is None


def test_a_transcript_gives_words_to_the_speech_that_has_just_ended() -> None:
    player = Player()
    player.speaks = [(1.0, 3.0)]
    player.until(3.9)
    player.say("great, thanks")
    player.until(5.0)
    (spoken,) = player.over
    assert spoken.text == "great, thanks" and spoken.words is not None
    assert spoken.voice is not None
    assert player.context.remembered == [spoken]


def test_a_late_transcript_takes_the_wordless_utterance_back() -> None:
    player = Player()
    player.speaks = [(1.0, 3.0)]
    player.until(5.5)
    assert [u.text for u in player.context.remembered] == [""]
    player.say("great, thanks")
    player.until(6.0)
    assert [u.text for u in player.context.remembered] == ["great, thanks"]
    assert player.over[-1].start_ns == player.over[0].start_ns
    assert player.conversation.memory.count == 1


def test_a_line_much_later_is_an_utterance_of_its_own() -> None:
    player = Player()
    player.speaks = [(1.0, 2.0)]
    player.until(8.0)
    player.say("great, thanks")
    player.until(10.0)
    assert [u.text for u in player.over] == ["", "great, thanks"]
    assert player.over[1].voice is None and player.over[1].face is not None


def test_words_told_while_the_player_speaks_wait_for_the_end_of_the_speech() -> None:
    player = Player(strength=0.9)
    player.speaks = [(1.0, 4.0)]
    player.until(2.0)
    player.say("great, thanks", at_s=1.0, seconds=3.0)
    told = player.until(3.0)
    assert not player.over
    assert told.doubt is not None and told.doubt.kind == "sarcasm"
    player.until(6.0)
    (spoken,) = player.over
    assert spoken.end_ns / 1e9 == pytest.approx(4.0, abs=0.1)
    assert player.judged[-1] == spoken


def test_a_line_with_a_span_is_taken_for_what_was_heard_then() -> None:
    player = Player()
    player.speaks = [(1.0, 3.0)]
    player.until(4.0)
    player.say("great, thanks", at_s=1.2, seconds=1.5)
    player.until(5.0)
    (spoken,) = player.over
    assert spoken.text == "great, thanks" and spoken.voice is not None


def test_a_typed_line_has_the_face_around_it_and_no_voice() -> None:
    player = Player()
    player.until(3.0)
    player.say("great, thanks")
    told = player.until(3.5)
    assert not player.over and told.words.captured_ns == 3_000_000_000
    player.until(5.0)
    (typed,) = player.over
    assert typed.voice is None and typed.face is not None
    assert typed.start_ns == typed.end_ns == 3_000_000_000


def test_a_typed_line_is_not_what_the_microphone_has_just_heard() -> None:
    player = Player()
    player.speaks = [(1.0, 3.0)]
    player.until(3.9)
    player.say("great, thanks", seconds=0.0)
    player.until(6.0)
    assert [u.text for u in player.context.remembered] == ["", "great, thanks"]


def test_a_character_that_answers_at_once_comes_after_the_player() -> None:
    player = Player()
    player.until(2.0)
    player.say("have you seen her?", seconds=0.0)
    player.say("no", role="npc")
    told = player.until(2.1)
    assert [u.role for u in player.context.remembered] == ["player", "npc"]
    assert not player.context.remembered[1].follows_own
    assert told.state is not None and told.state.role == "npc"
    assert told.state.pause_s == pytest.approx(0.1, abs=0.06)


def test_speech_without_words_does_not_hold_back_the_answer() -> None:
    player = Player()
    player.speaks = [(1.0, 2.0)]
    player.until(3.0)
    player.say("no", role="npc")
    assert [u.role for u in player.context.remembered] == ["player", "npc"]


def test_a_voice_that_hangs_does_not_speak_for_ever() -> None:
    turns = Turns()
    for at_s in (1.0, 1.5, 2.0):
        at_ns = round(at_s * SECOND)
        turns = follow(turns, reading(Modality.VOICE, at_ns, "anger"), at_ns)
    stuck = reading(Modality.VOICE, 2 * SECOND, "anger")
    turns = follow(turns, stuck, 10 * SECOND)
    assert turns.going_on is None
    assert turns.ended is not None and turns.ended.end_ns == 2 * SECOND


def test_speaking_on_does_not_lose_a_late_line_nor_the_speech() -> None:
    player = Player()
    player.speaks = [(1.0, 2.0), (3.0, 6.0)]
    player.until(4.0)
    player.say("great", at_s=1.0, seconds=1.0)
    player.until(9.0)
    assert [(u.text, u.start_ns // 10**9) for u in player.context.remembered] == [
        ("great", 1), ("", 3),
    ]  # fmt: skip


def test_a_character_speaks_without_face_and_voice() -> None:
    player = Player()
    player.until(1.0)
    player.say("well met", role="npc")
    player.say("thanks")
    told = player.until(3.0)
    npc, own = player.over
    assert (npc.speaker, npc.voice, npc.face) == ("Mira", None, None)
    assert own.pause_s is not None and own.pause_s >= 0.0 and not own.follows_own
    assert told.state is not None
    assert (told.state.utterances, told.state.line, told.state.role) == (2, "thanks", "player")


def test_a_character_that_cuts_in_does_not_end_the_players_speech() -> None:
    player = Player()
    player.speaks = [(1.0, 4.0)]
    player.until(2.0)
    player.say("but", role="npc")
    player.until(7.0)
    assert [u.role for u in player.over] == ["npc", "player"]
    assert player.over[1].end_ns / 1e9 == pytest.approx(4.0, abs=0.1)


def test_words_are_read_after_what_came_before() -> None:
    player = Player()
    player.until(1.0)
    player.say("thanks")
    first = player.until(3.0)
    assert first.words.distribution == shares("happiness")
    player.say("thanks again")
    second = player.until(3.1)
    assert second.words.distribution == shares("sadness")
    assert second.words.valence is not None and first.words.valence is not None
    assert second.words.valence < first.words.valence
    assert second.state is not None and second.state.expected == shares("anger")
    assert player.over[0].expected is None


def test_a_doubt_ends_with_its_words_and_gives_the_face_its_weight_back_before() -> None:
    player = Player(strength=0.8)
    player.until(1.0)
    player.say("great, thanks")
    early = player.until(2.1).doubt
    late = player.until(0.9 + LAST_S).doubt
    assert early is not None and late is not None
    assert early.keeps[Modality.FACE] < 0.2 < 0.9 < late.keeps[Modality.FACE]
    assert late.keeps[Modality.TEXT] == 0.1
    assert player.until(1.1 + LAST_S).doubt is None


def test_newer_words_end_the_doubt_about_older_ones() -> None:
    player = Player(strength=0.8)
    player.until(1.0)
    player.say("great, thanks")
    assert player.until(2.5).doubt is not None
    player.strength = None
    player.say("no, really")
    assert player.until(2.6).doubt is None


def test_doubted_words_do_not_outlive_the_next_utterance() -> None:
    player = Player(strength=0.8)
    player.until(1.0)
    player.say("great, thanks", seconds=0.0)
    assert player.until(2.5).words.distribution is not None
    player.strength = None
    player.speaks = [(3.0, 5.0)]
    told = player.until(4.0)
    assert told.doubt is None
    assert told.words.distribution is None


def test_speech_without_words_can_contradict_itself_while_it_goes_on() -> None:
    player = Player(strength=0.8)
    player.speaks = [(1.0, 4.0)]
    during = player.until(3.0).doubt
    assert during is not None and during.strength == 0.8
    assert player.until(8.0).doubt is None
    assert len(player.judged) < 40


def test_an_older_line_does_not_speak_for_now() -> None:
    player = Player()
    player.until(8.0)
    player.say("newer")
    player.until(8.1)
    player.say("older", at_s=2.0, seconds=1.0, label="fear")
    told = player.until(10.0)
    assert told.words.captured_ns == 8_000_000_000
    assert {u.text for u in player.over} == {"older", "newer"}


def test_forgetting_the_voice_leaves_the_words() -> None:
    player = Player()
    player.speaks = [(1.0, 3.0)]
    player.until(3.8)
    player.say("great, thanks")
    player.until(5.0)
    player.conversation.forget(Modality.VOICE)
    (spoken,) = player.context.remembered
    assert spoken.voice is None and spoken.face is not None and spoken.words is not None
    assert spoken.text == "great, thanks"


def test_the_memory_is_bounded() -> None:
    player = Player()
    for number in range(10 * REMEMBERED):
        player.say(f"line {number}", role="npc")
        player.until(player.now_s + 0.05)
    assert len(player.conversation.memory.utterances) == REMEMBERED
    assert player.conversation.memory.count == 10 * REMEMBERED
    assert len(player.over) == 10 * REMEMBERED


def test_a_reading_in_context_keeps_what_the_words_say_beyond_their_labels() -> None:
    player = Player(Listener())
    player.until(1.0)
    player.say("thanks")
    words = player.until(1.1).words
    assert in_context(words, None, "listener-1") is words
    same = in_context(words, words.distribution, "listener-1")
    assert same.model.endswith("+listener-1")
    assert same.valence == pytest.approx(words.valence)


def test_a_doubt_fades_but_not_about_the_words() -> None:
    doubt = Doubt(0.9, "masking", {Modality.FACE: 0.2, Modality.TEXT: 0.5})
    assert faded(doubt, 1.0).keeps == pytest.approx(doubt.keeps)
    assert faded(doubt, 0.0).keeps == pytest.approx({Modality.FACE: 1.0, Modality.TEXT: 0.5})
