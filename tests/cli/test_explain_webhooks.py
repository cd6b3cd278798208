"""Why a rule misses a real GitHub webhook, as ``eventroute explain`` says it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .conftest import Call


@pytest.fixture(scope="module")
def webhooks(shared: Path) -> str:
    return str(shared / "events" / "github_webhooks.jsonl")


def why_not(call: Call, webhooks: str, line: int, pattern: Mapping[str, object]) -> list[str]:
    """The lines about what failed."""
    done = call("explain", json.dumps(pattern), webhooks, "--line", str(line))
    assert done.code == 1
    return [told.strip() for told in done.out.splitlines()[1:] if "✗" in told]


def line_of(webhooks: str, event_id: str) -> int:
    with open(webhooks, "rb") as lines:  # noqa: PTH123  a path of a fixture
        return next(
            number for number, line in enumerate(lines, 1) if json.loads(line)["id"] == event_id
        )


def test_a_label_in_another_case(call: Call, webhooks: str) -> None:
    rule = {"detail-type": ["issues.opened"], "detail": {"issue": {"labels": {"name": ["Bug"]}}}}
    assert why_not(call, webhooks, line_of(webhooks, "gh-0118"), rule) == [
        (
            '✗ detail.issue.labels.name: "bug" differs in upper and lower case only; '
            'try equals-ignore-case (wanted "Bug")'
        )
    ]


def test_a_string_where_the_webhook_has_a_boolean(call: Call, webhooks: str) -> None:
    rule = {"detail": {"pull_request": {"draft": ["false"], "state": ["open"]}}}
    assert why_not(call, webhooks, line_of(webhooks, "gh-0205"), rule) == [
        '✗ detail.pull_request.draft: false is a boolean, not a string (wanted "false")'
    ]


def test_a_field_that_the_webhook_has_not(call: Call, webhooks: str) -> None:
    rule = {"detail": {"deployment": {"payload": {"ticket": [{"exists": True}]}}}}
    assert why_not(call, webhooks, line_of(webhooks, "gh-0048"), rule) == [
        (
            "✗ detail.deployment.payload.ticket: absent: 'detail.deployment.payload' has no member "
            "'ticket' (wanted {\"exists\":true})"
        )
    ]


def test_a_push_without_commits(call: Call, webhooks: str) -> None:
    rule = {"detail-type": ["push"], "detail": {"commits": {"distinct": [True]}}}
    assert why_not(call, webhooks, line_of(webhooks, "gh-0246"), rule) == [
        "✗ detail.commits.distinct: absent: 'detail.commits' is an empty array (wanted true)"
    ]


def test_conditions_that_different_elements_of_an_array_meet(call: Call, webhooks: str) -> None:
    identifiers = {"type": ["GHSA"], "value": [{"prefix": "CVE-"}]}
    rule = {"detail": {"security_advisory": {"identifiers": identifiers}}}
    (why,) = why_not(call, webhooks, line_of(webhooks, "gh-0287"), rule)
    below = "detail.security_advisory.identifiers"
    assert why.startswith(f"✗ no one element of '{below}' satisfies all clauses below it")
    assert 'element 0 satisfies type, but its value is "GHSA-' in why
