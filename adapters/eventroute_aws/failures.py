"""What a failed call means: try again, give up, or who knows.

botocore is told to try each call once. Repeating is the business of the one who asked: the bus
repeats a publish under the same id, a worker a receive, in a way that people can see.
"""

from __future__ import annotations

from socket import gaierror
from typing import Final, TypeAlias, TypeVar

from aiohttp import ClientConnectorError
from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectionError,  # noqa: A004  botocore's, of which no request was sent
    CredentialRetrievalError,
    EndpointConnectionError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
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

__all__ = ["MISSING", "REPEATABLE", "code_of", "outcome_of_entry", "translate"]

REPEATABLE: Final = frozenset(
    {
        "AWS.SimpleQueueService.RequestThrottled",
        "ConcurrentAccess",
        "ConcurrentAccessException",
        "ConcurrentModificationException",
        "InternalError",
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "KMSThrottling",
        "KmsThrottled",
        "OverLimit",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Codes after which the same call may succeed. ``LimitExceededException`` is a quota, and final."""

MISSING: Final = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NonExistentQueue",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
"""Codes that say that a topic, a queue or a bus is not there."""

_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "InvalidSecurity",
        "KMSAccessDenied",
        "KMSDisabled",
        "KMSNotFound",
        "KMSOptInRequired",
        "KmsAccessDenied",
        "KmsDisabled",
        "KmsNotFound",
        "KmsOptInRequired",
        "NotAuthorizedForDetailTypeException",
        "NotAuthorizedForSourceException",
        "UnauthorizedOperation",
    }
)
_CREDENTIALS: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_QUOTAS: Final = frozenset(
    {
        "FilterPolicyLimitExceeded",
        "LimitExceededException",
        "ServiceQuotaExceededException",
        "SubscriptionLimitExceeded",
        "TopicLimitExceeded",
    }
)
_SIZES: Final = ("too large", "too long", "shorter than", "size", "length", "bytes", "exceed")
"""What AWS says of an entry over a limit; the codes are those of any other wrong entry."""

_T = TypeVar("_T")
_Table: TypeAlias = tuple[tuple[_T, type[EventRouteError], str], ...]

_ANSWERS: Final[_Table[frozenset[str]]] = (
    (
        MISSING,
        AdapterError,
        (
            "it is not there ({}); make it with `eventroute apply`, or by starting a program anew "
            'whose configuration has provision = "create"; or correct its name'
        ),
    ),
    (
        _DENIED,
        AccessDeniedError,
        "AWS refused ({}); `eventroute iam` prints the policy that is needed",
    ),
    (
        _CREDENTIALS,
        AccessDeniedError,
        "AWS does not accept the credentials ({}); renew them, and check the region and the clock",
    ),
    (
        _QUOTAS,
        LimitExceededError,
        "a quota of the AWS account is used up ({}); have it raised, or remove what is not needed",
    ),
    (REPEATABLE, AdapterError, "AWS asks for patience ({})"),
)
_UNANSWERED: Final[_Table[tuple[type[Exception], ...]]] = (
    (
        (NoCredentialsError, PartialCredentialsError),
        ConfigurationError,
        (
            "no AWS credentials ({}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a "
            "profile, or give the machine a role"
        ),
    ),
    (
        (NoRegionError,),
        ConfigurationError,
        "no AWS region; set region in the backend's table, or AWS_DEFAULT_REGION",
    ),
    ((ProfileNotFound,), ConfigurationError, "{}; correct profile in the backend's table"),
    ((TokenRetrievalError, UnauthorizedSSOTokenError), AccessDeniedError, "{}; run aws sso login"),
    (
        (CredentialRetrievalError, MetadataRetrievalError),
        AdapterError,
        "the credentials cannot be had now: {}",
    ),
    ((ConnectionError,), AdapterError, "AWS cannot be reached: {}"),
    ((HTTPClientError, OSError), OutcomeUnknownError, "AWS did not answer: {}"),
    (
        (ChecksumError, FlexibleChecksumError, IncompleteReadError),
        OutcomeUnknownError,
        "the answer of AWS is damaged: {}",
    ),
    ((BotoCoreError,), ConfigurationError, "{}"),
)


def code_of(error: BaseException) -> str:
    """The code that AWS answered with; ``""`` where it did not answer."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return ""


def translate(error: Exception, doing: str) -> EventRouteError:
    """The error of eventroute that an error of botocore or of the network means.

    :param doing: what was tried, for the message: ``"publishing to the topic orders"``.
    """
    if isinstance(error, EventRouteError):
        return error
    if isinstance(error, ClientError):
        return _answered(error, doing)
    if isinstance(error, EndpointConnectionError) and not _is_unreached(error):
        return OutcomeUnknownError(f"{doing}: the connection broke: {_cause(error)}")
    for causes, kind, remedy in _UNANSWERED:
        if isinstance(error, causes):
            return kind(f"{doing}: {remedy.format(error)}")
    return OutcomeUnknownError(f"{doing}: {type(error).__name__}: {error}")


def _is_unreached(error: EndpointConnectionError) -> bool:
    """Whether no connection was made: aiobotocore gives resets of old ones the same name."""
    return isinstance(_cause(error), ClientConnectorError | gaierror)


def _cause(error: EndpointConnectionError) -> object:
    return error.kwargs.get("error")


def _answered(error: ClientError, doing: str) -> EventRouteError:
    code = code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = f"{code or status}: {error.response.get('Error', {}).get('Message') or error}"
    for codes, kind, remedy in _ANSWERS:
        if code in codes and (status < 500 or codes is not REPEATABLE):
            return kind(f"{doing}: {remedy.format(said)}")
    if status >= 500:
        return OutcomeUnknownError(f"{doing}: AWS failed ({said})")
    return ConfigurationError(f"{doing}: AWS refused the request ({said})")


def outcome_of_entry(code: str, said: str, *, sender_fault: bool, doing: str) -> EventRouteError:
    """What the failure of one entry of a batch means."""
    if code in MISSING:
        return AdapterError(f"{doing}: it is not there ({code}: {said})")
    if code in _DENIED or code in _CREDENTIALS:
        return AccessDeniedError(f"{doing}: AWS refused ({code}: {said})")
    if code in REPEATABLE or not sender_fault:
        return AdapterError(f"{doing}: {code}: {said}")
    refusal = f"{doing}: AWS refused it ({code}: {said})"
    is_over = any(words in f"{code} {said}".lower() for words in (*_SIZES, "toolong"))
    return LimitExceededError(refusal) if is_over else EventError(refusal)
