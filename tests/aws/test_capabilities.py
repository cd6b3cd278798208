"""What the backend says of itself."""

from __future__ import annotations

import pytest

from eventroute.clock import SystemClock
from eventroute_aws import create_sns


@pytest.mark.parametrize(
    ("options", "scopes"),
    [
        ({}, {"MessageBody"}),
        ({"attributes": {"detail.country": "country"}}, {"MessageBody", "MessageAttributes"}),
        ({"claim_check": {"bucket": "payloads"}}, {"MessageBody"}),
    ],
)
def test_filtering_names_the_filter_policies_that_are_written(
    options: dict[str, object], scopes: set[str]
) -> None:
    filtering = str(create_sns(options, SystemClock()).capabilities.filtering)
    assert {one for one in ("MessageBody", "MessageAttributes") if one in filtering} == scopes


def test_a_release_is_promised_to_last_as_long_as_sqs_lets_it_after_an_hour() -> None:
    """SQS counts its 12 hours from the receive on."""
    longest = create_sns({}, SystemClock()).capabilities.max_release_delay
    assert longest == 11 * 3_600
