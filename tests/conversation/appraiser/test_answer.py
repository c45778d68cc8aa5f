"""What a language model answers is numbers in their ranges, or nothing."""

import json
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.appraiser.talk import appraisal, completion, feelings, taken
from rapport.conversation.appraiser import answer
from rapport.errors import AnswerInvalid
from rapport.state import LABELS

pytestmark = pytest.mark.unit

SECRET = "the dragon ate my homework"


def test_what_was_asked_for_is_read() -> None:
    read = answer.read(completion(appraisal(80, sadness=70, anger=28)))
    assert read.incongruence == 0.8
    assert read.distribution[LABELS.index("sadness")] == pytest.approx(taken(70 / 0.98))
    assert sum(read.distribution) == pytest.approx(1.0)


def test_the_struct_and_the_schema_say_the_same() -> None:
    properties = answer.SCHEMA["properties"]
    assert list(properties) == list(answer._Answer.__struct_fields__)
    assert tuple(properties["distribution"]["properties"]) == LABELS
    assert answer.Feelings.__struct_fields__ == LABELS
    for each in (answer.SCHEMA, properties["distribution"]):
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
    assert all(label in answer.FORM for label in LABELS)


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "```json\n{}\n```",
        "Sure! Here it is: {} I hope that helps.",
        "<think>a {{b}}</think>{}",
    ],
)
def test_words_around_the_object_do_no_harm(around: str) -> None:
    content = around.replace("{}", appraisal()).replace("{{b}}", "{b}")
    assert answer.read(completion(content)).distribution[LABELS.index("sadness")] == pytest.approx(
        taken(70)
    )


GOOD = json.loads(appraisal())


def without(key: str) -> str:
    return json.dumps({name: value for name, value in GOOD.items() if name != key})


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        SECRET,
        "{",
        "[]",
        "null",
        '"{}"',
        "{" * 100_000,
        without("reason"),
        without("distribution"),
        without("incongruence"),
        json.dumps(GOOD | {SECRET: 1}),
        json.dumps(GOOD | {"reason": SECRET * 10}),
        json.dumps(GOOD | {"reason": None}),
        json.dumps(GOOD | {"incongruence": 101}),
        json.dumps(GOOD | {"incongruence": -1}),
        json.dumps(GOOD | {"incongruence": SECRET}),
        json.dumps(GOOD | {"distribution": [70, 30, 0, 0, 0, 0, 0, 0]}),
        json.dumps(GOOD | {"distribution": {"happiness": 100}}),
        json.dumps(GOOD | {"distribution": feelings() | {SECRET: 100}}),
        appraisal(happiness=-1, sadness=101),
        appraisal(happiness=200, sadness=-100),
        appraisal(happiness=60),
        appraisal(**dict.fromkeys(LABELS, 100.0)),
        appraisal(**dict.fromkeys(LABELS, 0.0)),
        appraisal(happiness=float("nan"), sadness=100),
        appraisal(happiness=float("inf")),
        appraisal().replace("70.0", "7e400"),
        appraisal() + appraisal(),
    ],
)
def test_anything_else_is_refused_by_name_and_not_repeated(content: str | None) -> None:
    with pytest.raises(AnswerInvalid) as refused:
        answer.read(completion(content))
    assert SECRET not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        SECRET.encode(),
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b'{"choices": {"message": {"content": "x"}}}',
        b'{"error": {"message": "no such model"}}',
        b"[" * 60_000,
    ],
)
def test_what_is_no_completion_is_refused(body: bytes) -> None:
    with pytest.raises(AnswerInvalid, match="no chat completion"):
        answer.read(body)


def test_an_answer_that_was_cut_off_says_so() -> None:
    with pytest.raises(AnswerInvalid, match="think aloud"):
        answer.read(completion(appraisal()[:40], finish_reason="length"))


@pytest.mark.parametrize("reason", ["x" * answer.REASON_CHARACTERS_MAX, ""])
def test_a_reason_may_be_as_long_as_that(reason: str) -> None:
    answer.read(completion(appraisal(reason=reason)))


@given(st.lists(st.floats(0.0, 100.0), min_size=8, max_size=8))
def test_what_is_read_is_always_a_distribution(values: list[float]) -> None:
    body = completion(appraisal(**dict(zip(LABELS, values, strict=True))))
    if abs(sum(values) - answer.WHOLE) > answer.SUM_TOLERANCE:
        with pytest.raises(AnswerInvalid):
            answer.read(body)
    else:
        read = answer.read(body).distribution
        assert sum(read) == pytest.approx(1.0)
        assert min(read) >= 0.0
