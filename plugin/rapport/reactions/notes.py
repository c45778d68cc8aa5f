"""Notes: what a profile may say, but hardly means."""

import difflib
from collections import Counter
from collections.abc import Iterator

from rapport.reactions.rules import Profile


def notes(profile: Profile) -> Iterator[str]:
    """Sentences on groups and priorities that do nothing. None of them is a mistake."""
    sizes = Counter(rule.group for rule in profile.reaction.values() if rule.group is not None)
    for name, rule in profile.reaction.items():
        if rule.group is None:
            if rule.priority:
                yield f"reaction.{name}.priority: it counts in a `group` only, and there is none"
        elif sizes[rule.group] == 1:
            others = [group for group in sizes if group != rule.group]
            close = difflib.get_close_matches(rule.group, others, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            yield f"reaction.{name}.group: no other reaction is in {rule.group!r}{meant}"
