"""The page tells of the options that there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from eventroute.clock import SystemClock
from eventroute_aws import create_sns
from eventroute_aws.options import SnsOptions

_NONE = {"none", "as botocore finds it", "that of the credentials", "AWS", "SQS's own key"}


@pytest.fixture
def rows(root: Path) -> dict[str, tuple[str, str]]:
    """Default and meaning of each option."""
    page = (root / "docs" / "sns.md").read_text(encoding="utf-8")
    part = page.partition("<!-- begin options -->")[2].partition("<!-- end options -->")[0]
    cells = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("| `")
    ]
    return {name: (default, meaning) for name, default, meaning in cells}


def test_the_page_has_every_option_and_no_other(rows: dict[str, tuple[str, str]]) -> None:
    assert set(rows) == set(SnsOptions.model_fields)


def test_the_defaults_of_the_page_are_those_of_the_options(
    rows: dict[str, tuple[str, str]],
) -> None:
    for name, field in SnsOptions.model_fields.items():
        default = field.get_default(call_default_factory=True)
        told, _ = rows[name]
        if default is None or default in ({}, ()):
            assert told in _NONE, name
        else:
            assert json.loads(told) == default, name


def test_the_page_names_every_choice(rows: dict[str, tuple[str, str]]) -> None:
    for choice in get_args(SnsOptions.model_fields["provision"].annotation):
        assert choice in rows["provision"][1]


def test_attempts_end_before_sqs_gives_up() -> None:
    assert create_sns({"max_receive_count": 7}, SystemClock()).capabilities.max_attempts == 6


def test_what_to_do_about_a_large_event_depends_on_the_claim_check() -> None:
    assert "Set sns.claim_check" in create_sns({}, SystemClock()).capabilities.when_too_large
    claims = create_sns({"claim_check": {"bucket": "payloads"}}, SystemClock())
    assert "sns.claim_check" not in claims.capabilities.when_too_large
