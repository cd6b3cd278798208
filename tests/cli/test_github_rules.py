"""The rules of ``examples/github`` pick what plain Python picks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Call


def at(event: dict[str, Any], *path: str) -> object:
    """What lies at a path; ``...`` where nothing does."""
    value: object = event
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return ...
        value = cast("dict[str, object]", value)[name]
    return value


def number(value: object) -> float:
    return value if isinstance(value, int | float) else float("nan")


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


EXPECTED: dict[str, Callable[[dict[str, Any]], bool]] = {
    "unassigned-issues": lambda event: (
        event["detail-type"].startswith("issues.")
        and at(event, "detail", "issue", "assignee") is None
        and at(event, "detail", "issue", "state") == "open"
    ),
    "pushes-to-the-default-branch": lambda event: (
        event["detail-type"] == "push"
        and event["detail"]["ref"] in ("refs/heads/main", "refs/heads/master")
    ),
    "pull-request-reviews": lambda event: event["detail-type"].startswith("pull_request_review"),
    "bots": lambda event: text(at(event, "detail", "sender", "login")).endswith("[bot]"),
    "other-organizations": lambda event: (
        at(event, "detail", "organization", "login") not in (..., "Octocoders", "octo-org")
    ),
    "crowded-backlogs": lambda event: (
        10 <= number(at(event, "detail", "repository", "open_issues_count")) < 1000
    ),
    "critical-advisories": lambda event: (
        event["detail-type"].startswith("security_advisory.")
        and number(at(event, "detail", "security_advisory", "cvss", "score")) >= 9
    ),
    "outside-of-repositories": lambda event: at(event, "detail", "repository", "id") is ...,
    "sent-to-an-app": lambda event: at(event, "detail", "installation", "id") is not ...,
    "promises": lambda event: "I'll get this fixed" in text(at(event, "detail", "comment", "body")),
    "bug-reports": lambda event: (
        event["detail-type"].startswith("issues.")
        and any(
            label["name"].lower() == "bug" for label in event["detail"]["issue"].get("labels", [])
        )
    ),
    "failed-checks": lambda event: (
        at(event, "detail", "check_run", "conclusion") in ("failure", "timed_out")
        or at(event, "detail", "workflow_run", "conclusion") in ("failure", "action_required")
        or at(event, "detail", "workflow_job", "conclusion") == "failure"
    ),
}


@pytest.fixture(scope="module")
def webhooks(shared: Path) -> Path:
    return shared / "events/github_webhooks.jsonl"


@pytest.fixture(scope="module")
def expected(webhooks: Path) -> dict[str, list[bytes]]:
    found = [(line, json.loads(line)) for line in webhooks.read_bytes().splitlines(keepends=True)]
    return {
        rule: [line for line, event in found if matches(event)]
        for rule, matches in EXPECTED.items()
    }


def test_the_counts_are_those_of_plain_python(
    call: Call, root: Path, webhooks: Path, expected: dict[str, list[bytes]]
) -> None:
    done = call("route", str(root / "examples/github/rules.toml"), str(webhooks), "--json")
    assert done.code == 0
    assert done.documents[-1]["summary"]["rules"] == {
        rule: len(lines) for rule, lines in expected.items()
    }
    assert done.documents[-1]["summary"]["events"] == 329


def test_every_rule_matches_something(expected: dict[str, list[bytes]]) -> None:
    assert [rule for rule, lines in expected.items() if not lines] == []


def test_out_gives_each_rule_its_webhooks_byte_for_byte(
    call: Call, root: Path, webhooks: Path, tmp_path: Path, expected: dict[str, list[bytes]]
) -> None:
    rules = str(root / "examples/github/rules.toml")
    assert call("route", rules, str(webhooks), "--out", "sorted").code == 0
    written = {file.stem: file.read_bytes() for file in (tmp_path / "sorted").iterdir()}
    assert written == {rule: b"".join(lines) for rule, lines in expected.items()}
