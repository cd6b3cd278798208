"""An event waits as one text, and comes out of it as it was."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute.errors import EventError
from eventroute_aws.delays.resting import Resting, read_resting

BODY = b'{"id":"1","n":1.10,  "text":"\xc3\xa9\\n"}'
TEXTS = st.text(st.characters(codec="utf-8"))
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)


@given(
    due=st.floats(0, 1e11),
    text=st.one_of(TEXTS, TEXTS.map(lambda text: f"{text}<aws.scheduler.execution-id>")),
    headers=st.dictionaries(ASCII, ASCII),
    claim=st.none() | TEXTS,
)
def test_whatever_waits_comes_out_as_it_was(
    due: float, text: str, headers: dict[str, str], claim: str | None
) -> None:
    resting = Resting(due, text.encode(), headers, claim)
    assert read_resting(resting.text()) == resting


@given(text=TEXTS, headers=st.dictionaries(ASCII, ASCII))
def test_only_characters_travel_that_sqs_takes(text: str, headers: dict[str, str]) -> None:
    written = Resting(1.0, text.encode(), headers).text()
    assert re.fullmatch("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+", written)


def test_the_envelope_stands_below_the_head_as_it_is() -> None:
    head, _, event = Resting(5.5, BODY, {"a": "b"}).text().partition("\n")
    assert head == '{"due":5.5,"headers":{"a":"b"}}'
    assert event.encode() == BODY


def test_a_keyword_of_scheduler_is_not_there_to_be_replaced() -> None:
    text = "<aws.scheduler.scheduled-time>"
    written = Resting(1.0, f'{{"text":"{text}"}}'.encode(), {"a": text}, f"s3://b/{text}").text()
    assert "<aws.scheduler" not in written


def test_what_is_not_utf_8_cannot_wait() -> None:
    with pytest.raises(EventError, match="not UTF-8"):
        Resting(1.0, b'{"a":"\xff"}').text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        '{"id":"1","source":"shop"}',
        "[]\n{}",
        '{"due":"now"}\n{}',
        '{"due":NaN}\n{}',
        '{"due":true}\n{}',
        '{"due":1,"headers":[]}\n{}',
        '{"due":1,"claim":1}\n{}',
        '{"due":1,"base64":true}\nno base64!',
        "[" * 100_000,
    ],
)
def test_what_others_wrote_is_told_apart(text: str) -> None:
    with pytest.raises(EventError, match="not a delayed event"):
        read_resting(text)
