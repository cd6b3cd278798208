from __future__ import annotations

import json
from typing import Any

import pytest

from eventroute.pattern import ExplainedClause, Pattern


def only_clause(pattern: dict[str, Any], event: dict[str, Any]) -> ExplainedClause:
    (alternative,) = Pattern(pattern).explain(event).alternatives
    (clause,) = alternative.clauses
    return clause


def test_a_clause_tells_path_pointer_values_and_verdict() -> None:
    clause = only_clause(
        {"detail": {"a.b": ["x", {"prefix": "y"}]}}, {"detail": {"a": {"b": "yes"}}}
    )
    assert clause.path == "detail.a.b"
    assert clause.pointer == "/detail/a.b"
    assert clause.values == ("yes",)
    assert clause.matched
    assert [(test.pointer, test.operator, test.matched) for test in clause.tests] == [
        ("/detail/a.b/0", "equals", False),
        ("/detail/a.b/1", "prefix", True),
    ]


@pytest.mark.parametrize(
    ("pattern", "event", "words"),
    [
        ({"a": {"b": [1]}}, {"a": {"c": 1}}, "absent: 'a' has no member 'b'"),
        ({"a": [1]}, {"b": 1}, "absent: the event has no member 'a'"),
        ({"country": [1]}, {"Country": 1}, "but 'Country': names are case-sensitive"),
        ({"a": {"b": [1]}}, {"a": '{"b": 1}'}, "'a' is a string"),
        ({"a": {"b": [1]}}, {"a": []}, "'a' is an empty array"),
        ({"a": [1]}, {"a": {"b": 1}}, "an object is there"),
        ({"a": [1]}, {"a": []}, "an empty array is there"),
        ({"a": [1]}, {"a": "1"}, '"1" is a string, not a number'),
        ({"a": ["KR"]}, {"a": "kr"}, "upper and lower case only"),
        ({"a": [{"prefix": "KR"}]}, {"a": "kr-1"}, "another case only"),
        ({"a": [{"suffix": "KR"}]}, {"a": "1-kr"}, "another case only"),
        ({"a": [{"wildcard": "K*"}]}, {"a": "kr"}, "upper and lower case only"),
        ({"a": [{"numeric": [">", 1]}]}, {"a": "5"}, "'numeric' tests numbers only"),
        ({"a": [{"numeric": [">", 1]}]}, {"a": 1}, "1 is out of range"),
        ({"a": [{"prefix": "x"}]}, {"a": 5}, "'prefix' tests strings only"),
        ({"a": [{"exists": False}]}, {"a": 5}, "5 is there"),
        ({"a": [{"exists": True}]}, {}, "absent"),
        ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "y"}, '"y" is excluded by "y"'),
        ({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": "::1"}, "IPv6, the block is IPv4"),
        ({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": "x"}, "no IP address"),
        ({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": "11.0.0.1"}, "outside 10.0.0.0/8"),
        ({"a": [True]}, {"a": 1}, "1 is a number, not the value true"),
    ],
)
def test_a_failure_tells_its_reason(
    pattern: dict[str, Any], event: dict[str, Any], words: str
) -> None:
    clause = only_clause(pattern, event)
    assert not clause.matched
    assert clause.reason is not None
    assert words in clause.reason


def test_array_inconsistency_is_told_element_by_element() -> None:
    pattern = Pattern({"detail": {"items": {"sku": ["A"], "n": [2]}}})
    event = {"detail": {"items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}]}}
    (alternative,) = pattern.explain(event).alternatives
    assert all(clause.matched for clause in alternative.clauses)
    assert alternative.reason == (
        "no one element of 'detail.items' satisfies all clauses below it; nearest: "
        "element 0 satisfies sku, but its n is 1 (wanted 2); "
        'element 1 satisfies n, but its sku is "B" (wanted "A")'
    )
    assert alternative.reason in str(pattern.explain(event))


def test_alternatives_of_or_are_told_one_by_one() -> None:
    explanation = Pattern({"$or": [{"a": [1]}, {"b": [2]}]}).explain({"b": 2})
    assert [each.matched for each in explanation.alternatives] == [False, True]
    assert "✗ alternative 1 of 2" in str(explanation)
    assert "✓ alternative 2 of 2" in str(explanation)


def test_the_text_has_a_line_a_clause() -> None:
    pattern = Pattern({"country": ["KR", "JP"], "total": [{"numeric": [">", 1]}]})
    assert str(pattern.explain({"country": "KR", "total": "5"})) == (
        "✗ the event does not match\n"
        '  ✓ country: "KR" passes "KR"\n'
        "  ✗ total: \"5\" is a string; 'numeric' tests numbers only "
        '(wanted {"numeric":[">",1]})'
    )


def test_it_can_be_written_as_json() -> None:
    told = Pattern({"a": ["x"]}).explain({"a": ["y", "x"]}).to_dict()
    assert json.loads(json.dumps(told)) == {
        "matched": True,
        "alternatives": [
            {
                "matched": True,
                "reason": None,
                "clauses": [
                    {
                        "path": "a",
                        "pointer": "/a",
                        "matched": True,
                        "values": ["y", "x"],
                        "found": 2,
                        "tests": [
                            {
                                "pointer": "/a/0",
                                "operator": "equals",
                                "test": "x",
                                "matched": True,
                                "reason": None,
                                "value": "x",
                            }
                        ],
                        "reason": None,
                    }
                ],
                "elements": [],
            }
        ],
    }
