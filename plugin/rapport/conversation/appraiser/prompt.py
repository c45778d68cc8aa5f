"""The prompt: what a language model is shown of a conversation, and how that is kept in its place.

All that a game or a player has written goes in as JSON strings, with what models take for marks
of their own (`<|im_end|>`, `[INST]`, `</s>`) and what changes lines or writing direction written
as escapes: a line of dialogue cannot end its own string, its line, or its turn.
"""

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from string import Template

import msgspec

from rapport.conversation.appraiser.answer import FORM
from rapport.conversation.utterance import Summary, Utterance
from rapport.errors import TemplateInvalid
from rapport.state import LABELS, Appraisal, Modality

PLACEHOLDERS = ("dialogue", "moments", "evidence", "question", "answer")
NEEDED = ("dialogue", "answer")
"""Without the dialogue there is nothing to judge, without the form of the answer no answer."""

LINE_CHARACTERS_MAX = 400
"""Of a longer line the beginning and the end are shown: the feeling often stands at an end."""
DIALOGUE_CHARACTERS_MAX = 8_000
"""Of all lines together, about 2,500 tokens; the oldest are left out."""
MOMENTS_MAX = 8
"""The newest named moments."""
SAID_LABELS = 2
"""How many of a modality's likeliest labels are told."""
NOTHING = "(none)"
TEMPLATE_CHARACTERS_MAX = 20_000

_MARKS = re.compile(
    r"[<>\[\]\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]"
)
"""What stands in the special tokens of language models, and what is not seen or moves text."""


class Context(msgspec.Struct, frozen=True, gc=False):
    """What there is to judge: the utterances, oldest first; the moments that the game has named,
    each with how the player has taken it; and what face and voice showed at the newest one."""

    utterances: tuple[Utterance, ...]
    moments: Mapping[str, Appraisal] = {}
    senses: Mapping[Modality, Summary] = {}

    @property
    def newest(self) -> Utterance | None:
        """The newest utterance with words."""
        return next((each for each in reversed(self.utterances) if each.text), None)


def load_template(path: str) -> Template:
    """A prompt template; with an empty path the one that comes with Rapport.

    :raises TemplateInvalid: it is not there, no UTF-8, too long, has a placeholder that there is
        not, or lacks one of `NEEDED`.
    """
    own = Path(path).expanduser()
    packaged = resources.files("rapport.conversation.appraiser") / "templates" / "default.txt"
    try:
        text = (own if path else packaged).read_text(encoding="utf-8")
    except OSError as error:
        raise TemplateInvalid(f"{own}: {error.strerror or 'it cannot be read'}") from error
    except ValueError as error:  # no UTF-8, or no possible path
        raise TemplateInvalid(f"{own}: it is no text in UTF-8") from error
    if len(text) > TEMPLATE_CHARACTERS_MAX:
        raise TemplateInvalid(f"{own}: it is longer than {TEMPLATE_CHARACTERS_MAX:,} characters")
    template = Template(text)
    if not template.is_valid():
        raise TemplateInvalid(f"{own}: a dollar sign that is no placeholder is written $$")
    named = template.get_identifiers()
    unknown = [name for name in named if name not in PLACEHOLDERS]
    missing = [name for name in NEEDED if name not in named]
    if unknown:
        raise TemplateInvalid(
            f"{own}: there is no placeholder ${unknown[0]}; known are "
            + ", ".join(f"${name}" for name in PLACEHOLDERS)
        )
    if missing:
        raise TemplateInvalid(f"{own}: the placeholder ${missing[0]} is missing")
    return template


def compose(template: Template, context: Context, question: str, max_lines: int) -> str:
    """The prompt.

    :param question: the designer's words, put in as they are.
    :param max_lines: of the dialogue, the newest.
    """
    return template.substitute(
        dialogue=_dialogue(context.utterances, max_lines),
        moments="\n".join(_moments(context.moments)) or NOTHING,
        evidence=_evidence(context.senses),
        question=question.strip() or NOTHING,
        answer=FORM,
    )


def quoted(text: str, most: int = LINE_CHARACTERS_MAX) -> str:
    """A text as a JSON string that stays within its quotes, its line and its turn."""
    if len(text) > most:
        text = f"{text[: most // 2]} … {text[-most // 2 :]}"
    sound = text.encode("utf-8", "replace").decode()
    return _MARKS.sub(_escaped, msgspec.json.encode(sound).decode())


def _escaped(mark: re.Match[str]) -> str:
    return f"\\u{ord(mark.group()):04x}"


def _dialogue(utterances: Iterable[Utterance], max_lines: int) -> str:
    said = [each for each in utterances if each.text][-max_lines:]
    lines: list[str] = []
    room = DIALOGUE_CHARACTERS_MAX
    for each in reversed(said):
        line = (
            f'{{"role":{quoted(each.role)},"speaker":{quoted(each.speaker)},'
            f'"text":{quoted(each.text)}}}'
        )
        room -= len(line)
        if lines and room < 0:
            break
        lines.append(line)
    return "\n".join(reversed(lines)) or NOTHING


def _moments(moments: Mapping[str, Appraisal]) -> Iterable[str]:
    newest = sorted(moments.items(), key=lambda named: named[1].since_s)[:MOMENTS_MAX]
    for name, taken in newest:
        yield (
            f'{{"moment":{quoted(name)},"minutes_ago":{taken.since_s / 60.0:.1f},'
            f'"course":{quoted(taken.course)},"strength":{taken.strength:.2f},'
            f'"confidence":{taken.confidence:.2f}}}'
        )


def _evidence(senses: Mapping[Modality, Summary]) -> str:
    """One line: what the face and the voice showed, or that they could not be read."""
    return "; ".join(
        f"{modality.value}: {_summary(senses.get(modality))}"
        for modality in (Modality.FACE, Modality.VOICE)
    )


def _summary(summary: Summary | None) -> str:
    if summary is None:
        return "could not be read"
    likeliest = sorted(zip(summary.distribution, LABELS, strict=True), reverse=True)[:SAID_LABELS]
    labels = ", ".join(f"{label} {probability:.2f}" for probability, label in likeliest)
    valence = "" if summary.valence is None else f", valence {summary.valence:+.2f}"
    arousal = "" if summary.arousal is None else f", arousal {summary.arousal:+.2f}"
    return f"{labels}{valence}{arousal} (quality {summary.quality:.2f})"
