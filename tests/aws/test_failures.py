"""What a failed call of AWS means for whoever made it."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ChecksumError,
    CredentialRetrievalError,
    IncompleteReadError,
    MetadataRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    ResponseStreamingError,
    SSLError,
)

from eventroute.errors import (
    AccessDeniedError,
    AdapterError,
    ConfigurationError,
    EventError,
    EventRouteError,
    LimitExceededError,
    OutcomeUnknownError,
)
from eventroute_aws.failures import outcome_of_entry, translate


@pytest.mark.parametrize(
    "error",
    [
        CredentialRetrievalError(provider="sso", error_msg="timed out"),
        MetadataRetrievalError(error_msg="timed out"),
        SSLError(endpoint_url="https://sqs", error=OSError("handshake")),
    ],
)
def test_what_was_not_sent_may_be_sent_later(error: Exception) -> None:
    assert type(translate(error, "publishing")) is AdapterError


@pytest.mark.parametrize(
    "error",
    [
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
        ResponseStreamingError(error="reset"),
        ChecksumError(checksum_type="md5", expected_checksum="a", actual_checksum="b"),
    ],
)
def test_an_answer_that_breaks_off_leaves_the_outcome_open(error: Exception) -> None:
    assert type(translate(error, "publishing")) is OutcomeUnknownError


@pytest.mark.parametrize("error", [NoCredentialsError(), ParamValidationError(report="no")])
def test_what_a_person_must_correct_is_a_configuration_error(error: Exception) -> None:
    assert isinstance(translate(error, "publishing"), ConfigurationError)


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        ("InvalidParameter", "Invalid parameter: Message too long", LimitExceededError),
        (
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than 1048576",
            LimitExceededError,
        ),
        ("AWS.SimpleQueueService.BatchRequestTooLong", "", LimitExceededError),
        ("InvalidMessageContents", "Invalid characters found", EventError),
        ("InvalidParameter", "Invalid parameter: MessageGroupId", EventError),
        ("ExpiredToken", "The security token is expired", AccessDeniedError),
        ("Throttled", "slow down", AdapterError),
    ],
)
def test_an_entry_is_over_a_limit_only_where_aws_speaks_of_size(
    code: str, said: str, kind: type[EventRouteError]
) -> None:
    assert type(outcome_of_entry(code, said, sender_fault=True, doing="publishing")) is kind
