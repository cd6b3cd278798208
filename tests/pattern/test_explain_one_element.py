"""Where different elements of an array satisfy the clauses, those that miss least are told."""

from __future__ import annotations

from typing import Any

from eventroute.pattern import ExplainedAlternative, Pattern

STEPS: list[dict[str, Any]] = [
    {"name": "Set up job", "conclusion": "success", "number": 1},
    {"name": "Checkout", "conclusion": "success", "number": 2},
    {"name": "Test", "conclusion": "success", "number": 3},
    {"name": "Deploy", "conclusion": "failure", "number": 4},
    {"name": "Complete job", "number": 5},
]


def explained(pattern: dict[str, Any], event: dict[str, Any]) -> ExplainedAlternative:
    (alternative,) = Pattern(pattern).explain(event).alternatives
    assert not alternative.matched
    assert all(clause.matched for clause in alternative.clauses)
    return alternative


def test_the_elements_that_satisfy_most_come_first_with_what_failed_in_them() -> None:
    told = explained(
        {"job": {"steps": {"name": ["Test"], "conclusion": ["failure"]}}}, {"job": {"steps": STEPS}}
    )
    assert told.reason == (
        "no one element of 'job.steps' satisfies all clauses below it; nearest: "
        'element 2 satisfies name, but its conclusion is "success" (wanted "failure"); '
        'element 3 satisfies conclusion, but its name is "Deploy" (wanted "Test"); '
        "and 3 more elements"
    )


def test_they_are_data_as_well() -> None:
    told = explained(
        {"job": {"steps": {"name": ["Test"], "conclusion": ["failure"]}}}, {"job": {"steps": STEPS}}
    )
    first = told.to_dict()["elements"][0]
    assert (first["pointer"], first["met"]) == ("/job/steps/2", ["job.steps.name"])
    (failed,) = first["failed"]
    assert (failed["path"], failed["values"]) == ("job.steps.conclusion", ["success"])
    assert failed["reason"] == '"success" is another string'
    assert len(told.elements) == 5


def test_a_member_that_an_element_lacks_is_told() -> None:
    told = explained({"steps": {"number": [5], "conclusion": ["failure"]}}, {"steps": STEPS})
    assert told.reason is not None
    assert 'element 4 satisfies number, but it has no conclusion (wanted "failure")' in told.reason


def test_elements_that_satisfy_more_come_before_those_that_satisfy_less() -> None:
    items = [{"a": 1}, {"b": 1}, {"a": 1, "b": 1}, {"c": 1}]
    told = explained({"x": {"a": [1], "b": [1], "c": [1]}}, {"x": items})
    assert [element.pointer for element in told.elements] == ["/x/2", "/x/0", "/x/1", "/x/3"]


def test_in_arrays_of_arrays_elements_are_named_by_their_pointer() -> None:
    jobs = [{"steps": [{"a": 1}]}, {"steps": [{"b": 2}, {"a": 1, "b": 3}]}]
    told = explained({"jobs": {"steps": {"a": [1], "b": [2]}}}, {"jobs": jobs})
    assert told.reason is not None
    assert "element /jobs/1/steps/1 satisfies a, but its b is 3 (wanted 2)" in told.reason


def test_an_element_whose_own_array_is_at_fault_is_told() -> None:
    jobs = [{"id": 1, "steps": [{"a": 1}, {"b": 2}]}, {"id": 2, "steps": [{"a": 1, "b": 2}]}]
    told = explained({"jobs": {"id": [1], "steps": {"a": [1], "b": [2]}}}, {"jobs": jobs})
    assert told.reason is not None
    assert (
        "element 0 satisfies each clause, but not in one element of an array in it" in told.reason
    )


def test_a_name_with_dots_keeps_its_place() -> None:
    event = {"x.y": [{"a": 1}, {"b": 1}]}
    told = explained({"x": {"y": {"a": [1], "b": [1]}}}, event)
    assert [element.pointer for element in told.elements] == ["/x.y/0", "/x.y/1"]


def test_many_values_of_one_member_are_told_by_the_nearest() -> None:
    event = {"x": [{"a": ["p", "Q"], "b": 1}, {"a": "q", "b": 2}]}
    told = explained({"x": {"a": ["q"], "b": [1]}}, event)
    assert told.reason is not None
    assert 'but none of the 2 values of its a passes, nearest "Q" (wanted "q")' in told.reason
