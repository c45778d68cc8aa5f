"""The prompter tells what is said in a clip when the clip gets there, again at each beginning."""

import queue
import time

import pytest

from rapport.capture.clock import now_ns
from rapport.conversation.transcript import Cue
from rapport.errors import NotAvailable
from rapport.sidecar.prompter import Prompter
from rapport.wire.requests import Say

pytestmark = pytest.mark.unit

WAIT_S = 10.0
TRANSCRIPT = (
    Cue(at=0.0, mark="begin"),
    Cue(at=0.05, text="Next!", role="npc", speaker="Clerk"),
    Cue(at=0.02, seconds=0.1, text="Great, thanks.", line="p1"),
)


def test_each_cue_is_told_when_it_is_due_and_again_when_the_clip_begins_again() -> None:
    told: queue.Queue[tuple[str, int | None, int]] = queue.Queue()

    def say(said: Say) -> None:
        told.put((said.text, said.at_ns, now_ns()))
        if said.role == "player":
            raise NotAvailable("no text expert")  # costs the line, and not those after it

    prompter = Prompter(TRANSCRIPT, say, lambda name, at_ns: told.put((name, at_ns, now_ns())))
    try:
        for _ in range(2):
            start_ns = now_ns()
            prompter.begin(start_ns)
            found = [told.get(timeout=WAIT_S) for _ in TRANSCRIPT]
            assert [text for text, _, _ in found] == ["begin", "Next!", "Great, thanks."]
            for cue, (_, at_ns, when_ns) in zip(TRANSCRIPT, found, strict=True):
                assert at_ns == start_ns + round(cue.at * 1e9)
                assert when_ns >= start_ns + round(cue.due_s * 1e9)
    finally:
        prompter.close()
    assert told.empty()


def test_it_can_be_closed_while_it_waits_and_tells_nothing_any_more() -> None:
    told: list[str] = []
    prompter = Prompter(
        (Cue(at=3600.0, mark="never"),), lambda _: None, lambda name, _: told.append(name)
    )
    prompter.begin(now_ns())
    time.sleep(0.05)
    prompter.close()
    prompter.close()
    prompter.begin(now_ns() - 3700 * 10**9)
    assert not told
