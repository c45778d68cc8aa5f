"""Follows emotion states over time, and says what they add up to."""

from rapport.state import EmotionState, Granular


class GranularStates:
    """Frustration, confusion, overwhelm, boredom, engagement, amusement, scepticism and grief
    (`state.GRANULAR`) of one player, from the states that the fusion makes of this player.

    Each is a composition of evidence over seconds to tens of seconds. They are what the words
    mean; how often they are right has been measured on no data set.

    Time comes in with each tick and never from a clock, and there is no arithmetic but + - * /,
    so the same states at the same times give the same answer, bit for bit, on every machine. Not
    safe to share between threads.
    """

    def __init__(self) -> None:
        self.forget()

    def tick(self, state: EmotionState, at_ns: int) -> dict[str, Granular]:
        """Take one more state into account.

        :param at_ns: when it is from, on any clock that all ticks share. Time that runs
            backwards counts as none.
        :returns: by their names, those that enough is known about, in the order of
            `state.GRANULAR`; `value` and `confidence` are in 0 ... 1. A name that is missing is
            unknown, which is not zero.
        """
        return {}

    def forget(self) -> None:
        """Forget all that was seen: it may not be used any more, or there is another player."""
