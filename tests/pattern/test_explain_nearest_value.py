"""Of many values, an explanation tells of the one that came nearest."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.pattern import ExplainedClause, Pattern


def explained(tests: list[Any], value: object) -> ExplainedClause:
    (alternative,) = Pattern({"a": tests}).explain({"a": value}).alternatives
    (clause,) = alternative.clauses
    return clause


@pytest.mark.parametrize(
    ("test", "values", "nearest"),
    [
        ("cve", ["GHSA", "CVE"], '"CVE" differs in upper and lower case only'),
        ("5", ["x", 5], "5 is a number, not a string"),
        (5, ["x", 6, "5"], '"5" is a string, not a number'),
        ("KR", [None, 5, "DE"], '"DE" is another string'),
        ("cancelled", ["success", "canceled", "skipped"], '"canceled" is another string'),
        ("KR", ["DE", "KR "], '"KR " differs in white space'),
        (17, [1, 40, 16, 3], "16 is another number"),
        (True, ["x", 1, False], "false is a boolean"),
        ({"numeric": [">", 20]}, list(range(1, 18)), "17 is out of range"),
        ({"numeric": ["<", 0]}, ["x", 3, 8], "3 is out of range"),
        ({"numeric": [">", 0, "<", 9]}, [-5, 10, 30], "10 is out of range"),
        ({"numeric": [">", 1]}, [None, "5"], '"5" is a string'),
        ({"prefix": "ord-"}, [5, "x", "ORD-1"], '"ORD-1" begins so in another case only'),
        ({"suffix": ".png"}, ["x", "cat.PNG"], '"cat.PNG" ends so in another case only'),
        ({"prefix": "ord-"}, [5, "x"], '"x" does not begin with "ord-"'),
        ({"wildcard": "K*"}, ["x", "kr"], '"kr" differs in upper and lower case only'),
        ({"equals-ignore-case": "kr"}, [5, "KR "], '"KR " differs in white space'),
        ({"cidr": "10.0.0.0/8"}, ["x", "::1", "11.0.0.1"], '"11.0.0.1" is outside'),
    ],
)
def test_the_nearest_value_is_told(test: object, values: list[Any], nearest: str) -> None:
    reason = explained([test], values).reason
    assert reason is not None
    assert reason.startswith(f"none of {len(values)} values passes; nearest: {nearest}")


def test_values_that_all_fail_alike_are_told_by_the_first() -> None:
    reason = explained([{"anything-but": ["x", "y"]}], ["y", "x"]).reason
    assert reason == 'none of 2 values passes; nearest: "y" is excluded by "y"'
    reason = explained([{"exists": False}], [5, 6]).reason
    assert reason == "2 values are there, such as 5"


def test_each_of_several_tests_has_its_own_nearest_value() -> None:
    (alternative,) = Pattern({"a": ["cve", 7]}).explain({"a": ["CVE", 6, 1]}).alternatives
    assert list(alternative.lines()) == [
        "✗ a: none of 2 tests passes on any of 3 values; nearest to each:",
        '    ✗ "cve": "CVE" differs in upper and lower case only; try equals-ignore-case',
        "    ✗ 7: 6 is another number",
    ]
    assert [test.value for test in alternative.clauses[0].tests] == ["CVE", 6]


def test_the_value_that_passes_comes_first() -> None:
    clause = explained(["k"], list("abcdefghijk"))
    assert list(clause.lines()) == ['✓ a: "k" passes "k" (one of 11 values)']
    assert clause.tests[0].value == "k"


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("caf\u00e9", "cafe\u0301", r'"cafe\u0301" differs from "caf\u00e9" in Unicode norm'),
        ("KR", " KR", '" KR" differs in white space at its start or end only'),
        ("KR", "kr\t", '"kr\\t" differs in upper and lower case and white space at its start'),
        ("KR", "K\u200bR", r'"K\u200bR" differs from "KR" in invisible characters only'),
        ("KR", "\u041aR", "its character 1 is CYRILLIC CAPITAL LETTER KA, not LATIN CAPITAL"),
        ("fi", "\ufb01", r'"\ufb01" differs from "fi" in Unicode normalisation only'),
    ],
)
def test_strings_that_look_alike_are_told_apart(text: str, value: str, words: str) -> None:
    for test in (text, {"equals-ignore-case": text}):
        if isinstance(test, dict) and "upper" in words:
            words = '"kr\\t" differs in white space at its start'
        reason = explained([test], value).reason
        assert reason is not None
        assert words in reason


def test_a_huge_pattern_and_a_huge_array_are_explained_in_bounded_time() -> None:
    many = {"$or": [{"a": [f"x{number}"]} for number in range(1_000)]}
    explanation = Pattern(many).explain({"a": [f"y{number}" for number in range(1_000)]})
    assert not explanation.matched
    last = explanation.alternatives[-1].clauses[0]
    assert last.reason is not None
    assert last.reason.startswith("none of 1,000 values passes; nearest of the first ")
