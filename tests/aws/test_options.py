"""The pages tell of the options that there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias, get_args

import pytest

from eventroute.clock import SystemClock
from eventroute.port import AdapterFactory
from eventroute_aws import create_aws, create_eventbridge, create_sns
from eventroute_aws.options import AwsOptions, EventBridgeOptions, SnsOptions

Rows: TypeAlias = Mapping[str, tuple[str, str]]

_NONE = {"none", "as botocore finds it", "that of the credentials", "AWS", "SQS's own key"}
_SHARED = set(AwsOptions.model_fields)
PAGES = pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("sns.md", SnsOptions.model_fields),
        (
            "eventbridge.md",
            {
                name: field
                for name, field in EventBridgeOptions.model_fields.items()
                if name not in _SHARED
            },
        ),
    ],
)


@pytest.fixture
def rows(root: Path, page: str) -> Rows:
    """Default and meaning of each option."""
    text = (root / "docs" / page).read_text(encoding="utf-8")
    part = text.partition("<!-- begin options -->")[2].partition("<!-- end options -->")[0]
    cells = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("| `")
    ]
    return {name: (default, meaning) for name, default, meaning in cells}


@PAGES
def test_the_page_has_every_option_and_no_other(rows: Rows, fields: Mapping[str, Any]) -> None:
    assert set(rows) == set(fields)


@PAGES
def test_the_defaults_of_the_page_are_those_of_the_options(
    rows: Rows, fields: Mapping[str, Any]
) -> None:
    for name, field in fields.items():
        default = field.get_default(call_default_factory=True)
        told, _ = rows[name]
        if default is None or default in ({}, ()):
            assert told in _NONE, name
        else:
            assert json.loads(told) == default, name


@pytest.mark.parametrize("page", ["sns.md"])
def test_the_page_names_every_choice(rows: Rows) -> None:
    for name in ("provision", "delays"):
        for choice in get_args(SnsOptions.model_fields[name].annotation):
            assert f"`{choice}" in rows[name][1]


@pytest.mark.parametrize("create", [create_sns, create_eventbridge, create_aws])
def test_attempts_end_before_sqs_gives_up(create: AdapterFactory) -> None:
    assert create({"max_receive_count": 7}, SystemClock()).capabilities.max_attempts == 6


@pytest.mark.parametrize(
    ("table", "create"),
    [("sns", create_sns), ("eventbridge", create_eventbridge), ("aws", create_aws)],
)
def test_what_to_do_about_a_large_event_depends_on_the_claim_check(
    table: str, create: AdapterFactory
) -> None:
    remedy = create({}, SystemClock()).capabilities.when_too_large
    assert remedy.startswith(f"Set {table}.claim_check to store large payloads in S3")
    claims = create({"claim_check": {"bucket": "payloads"}}, SystemClock())
    assert "claim_check" not in claims.capabilities.when_too_large
