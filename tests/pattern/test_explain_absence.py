"""Why there is no value at a path: what is there instead, and which name may be meant."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.pattern import Pattern

STEPS = [{"name": "build", "conclusion": "success"}, {"name": "test", "conclusion": "failure"}]


@pytest.mark.parametrize(
    ("pattern", "event", "words"),
    [
        (
            {"detail": {"job": {"conclussion": ["x"]}}},
            {"detail": {"job": {"conclusion": "x", "other": 1}}},
            "'detail.job' has no member 'conclussion'; did you mean 'conclusion'?",
        ),
        (
            {"steps": {"conclussion": ["x"]}},
            {"steps": STEPS},
            "'steps' has no member 'conclussion'; did you mean 'conclusion'?",
        ),
        (
            {"workflow_job": {"id": [1]}},
            {"source": "s", "detail": {"workflow_job": {"id": 1}}},
            (
                "the event has no member 'workflow_job', but 'detail' has: "
                'write {"detail": {"workflow_job": …}}'
            ),
        ),
        (
            {"detail": {"source": ["s"]}},
            {"source": "s", "detail": {"total": 1}},
            "'detail' has no member 'source', but the event itself has: write {\"source\": …}",
        ),
        ({"sorce": ["s"]}, {"source": "s"}, "no member 'sorce'; did you mean 'source'?"),
        ({"zzz": ["s"]}, {"source": "s"}, "the event has no member 'zzz' "),
        (
            {"labels": {"0": ["bug"]}},
            {"labels": ["bug", "p1", "p2"]},
            (
                "'labels' is an array of 3 values (\"bug\", …), and values have no members; "
                "tests on 'labels' see each of them"
            ),
        ),
        (
            {"steps": {"0": {"name": ["build"]}}},
            {"steps": STEPS},
            (
                "'steps' is an array of 2 objects: leave the position '0' out, "
                "tests look into every element"
            ),
        ),
        (
            {"steps": ["failure"]},
            {"steps": STEPS},
            (
                "an array of 2 objects is there; tests look at leaves, name one of their members, "
                "such as 'conclusion'"
            ),
        ),
        (
            {"job": ["x"]},
            {"job": {"id": 1}},
            "an object is there; tests look at leaves, name one of its members, such as 'id'",
        ),
        ({"job": ["x"]}, {"job": {}}, "an empty object is there, which holds no value"),
    ],
)
def test_absence_tells_what_is_there_instead(
    pattern: dict[str, Any], event: dict[str, Any], words: str
) -> None:
    assert words in str(Pattern(pattern).explain(event)).replace(" (wanted", "  (wanted")


def test_a_name_like_thousands_of_others_is_looked_for_in_bounded_time() -> None:
    event = {"a": {f"{'x' * 1000}{number}": 1 for number in range(900)}}
    text = str(Pattern({"a": {"x" * 1000: [1]}}).explain(event))
    assert "'a' has no member" in text
