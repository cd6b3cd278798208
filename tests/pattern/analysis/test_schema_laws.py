"""What is said of a pattern and a schema holds for random events that fit the schema."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventroute.errors import ContractError
from eventroute.pattern import Pattern
from eventroute.pattern.analysis import Finding, Verdict, check_against_schema, detail_schema
from tests.pattern.analysis.schemas import instances, patterns, schemas

many = settings(
    max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def check(pattern: Pattern, schema: dict[str, Any]) -> list[Finding]:
    try:
        return check_against_schema(pattern, schema)
    except ContractError:  # the schema allows no object
        return []


def told_alone(pattern: Pattern, finding: Finding) -> Pattern:
    """The part of the pattern that a finding is about."""
    if not finding.pointer:
        return pattern
    part: dict[str, Any] = {}
    for rule in pattern.sub_rules:
        for clause in rule:
            written = [test.to_json() for test in clause.matchers]
            if clause.pointer in (finding.pointer, *finding.related):
                part[clause.path] = written
            for place, test in enumerate(written):
                if finding.pointer == f"{clause.pointer}/{place}":
                    part[clause.path] = [test]
    return Pattern(part)


@many
@given(patterns, schemas(), st.data())
def test_never_and_always_are_certain(
    written: dict[str, Any], schema: dict[str, Any], data: st.DataObject
) -> None:
    pattern = Pattern(written)
    found = check(pattern, schema)
    certain = [each for each in found if each.verdict in (Verdict.NEVER, Verdict.ALWAYS)]
    if not certain:
        return
    for event in data.draw(instances(schema)):
        for finding in certain:
            expected = finding.verdict is Verdict.ALWAYS
            assert told_alone(pattern, finding).matches(event) == expected, finding


@many
@given(patterns, schemas(), st.data())
def test_a_wrapped_schema_says_the_same_of_the_detail(
    written: dict[str, Any], schema: dict[str, Any], data: st.DataObject
) -> None:
    pattern = Pattern({"detail": written})
    found = check(pattern, detail_schema(schema))
    certain = [each for each in found if each.verdict in (Verdict.NEVER, Verdict.ALWAYS)]
    if not certain:
        return
    for detail in data.draw(instances(schema)):
        event = {"id": "1", "source": "s", "detail-type": "T", "detail": detail}
        for finding in certain:
            expected = finding.verdict is Verdict.ALWAYS
            assert told_alone(pattern, finding).matches(event) == expected, finding
