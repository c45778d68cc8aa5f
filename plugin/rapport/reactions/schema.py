"""The JSON Schema of profiles, for editors that complete and check while somebody types.

It says what a profile looks like; some mistakes only `rapport profile check` finds.
"""

import inspect
from typing import Any

import msgspec

from rapport.reactions.rules import Profile
from rapport.reactions.signals import CATALOGUE, OPEN

FIELDS = {
    "Profile": {
        "reaction": "The reactions, by name.",
        "title": "What the profile is called in lists.",
        "description": "What it is for.",
        "schema": "The version of this format.",
    },
    "Rule": {
        "when": "The condition under which it fires.",
        "description": "What the character does.",
        "hold_s": "Seconds that it goes on at least, once begun.",
        "cooldown_s": "Seconds from its end to its next begin, at least.",
        "decay_s": "Seconds in which its strength fades from 1 to 0; then it ends.",
        "priority": "In its group the higher one takes over.",
        "group": "Of the reactions of a group at most one is active per character.",
        "min_confidence": "For conditions that say nothing else: below it a signal is unknown.",
        "unknown": "For conditions that say nothing else: what an unknown signal means.",
        "unknown_s": "For conditions that say nothing else: how long `hold` holds, in seconds.",
        "strength": "Points [raw strength, published strength] of a curve, raw strengths rising.",
    },
    "When": {
        "signal": "What is looked at: one of the list, `context.` and a variable of the game, or "
        "`moment.` and what the game calls a moment, perhaps with `.strength` after it.",
        "enter": "The level that the signal must reach to begin.",
        "exit": "The level beyond which it must stay to go on; above `enter`: low values count. "
        "Default: a tenth of the signal's span below `enter`; of seconds, half of it.",
        "is": "The word, the words of which one must be it, or true or false.",
        "for_s": "Seconds that the signal must stay beyond `enter`.",
        "min_confidence": "Below it the signal is unknown. Default: as the reaction says.",
        "unknown": "hold: the last that was known goes on for `unknown_s`; end: nothing is known; "
        "ignore: this condition is left out. Default: as the reaction says.",
        "unknown_s": "How long `hold` holds, in seconds. Default: as the reaction says.",
        "all": "Conditions that must all be true.",
        "any": "Conditions of which one must be true.",
        "not": "A condition that must be known to be untrue.",
    },
}
"""What each field means; the names of structs and fields are those of `rules`."""

KINDS = (("signal", "enter"), ("signal", "is"), ("all",), ("any",), ("not",))
"""A condition has the keys of exactly one of these."""


def schema() -> dict[str, Any]:
    """The JSON Schema of profiles, in JSON or in TOML."""
    made = _as_elsewhere(msgspec.json.schema(Profile))
    structs = made["$defs"]
    for name, fields in FIELDS.items():
        structs[name]["description"] = inspect.cleandoc(structs[name]["description"])
        for field, meaning in fields.items():
            structs[name]["properties"][field]["description"] = meaning
    structs["When"]["properties"]["signal"] |= {
        "anyOf": [
            {"enum": list(CATALOGUE)},
            *({"type": "string", "pattern": rf"^{family[:-1]}\..+$"} for family in OPEN),
        ]
    }
    structs["When"]["oneOf"] = [{"required": list(keys)} for keys in KINDS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rapport profile of reactions",
        **made,
    }


def _as_elsewhere(part: Any) -> Any:
    """A schema with patterns as JavaScript writes them, and nothing said of what is left out."""
    if isinstance(part, list):
        return [_as_elsewhere(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    made = {key: _as_elsewhere(value) for key, value in part.items()}
    if isinstance(made.get("pattern"), str):
        made["pattern"] = made["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
    if "anyOf" in made and made.get("default", "") is None:
        del made["default"]
        choices = [choice for choice in made["anyOf"] if choice != {"type": "null"}]
        made = {**made, "anyOf": choices} if len(choices) > 1 else {**choices[0], **{
            key: value for key, value in made.items() if key != "anyOf"
        }}  # fmt: skip
    return made
