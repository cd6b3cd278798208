"""Tags: what tells our resources from those of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute_aws.options import AwsOptions

__all__ = [
    "OWNER",
    "SUBSCRIPTION",
    "check_owner",
    "lacking",
    "listed",
    "owns",
    "read_list",
    "tags_of",
]

OWNER: Final = "eventroute"
"""Tag of everything that is ours; its value is the prefix."""

SUBSCRIPTION: Final = "eventroute:subscription"
"""Tag of queues; its value is the name of the subscription, where AWS takes it as a value."""

_PURPOSES: Final = (SUBSCRIPTION, "eventroute:route", "eventroute:source")

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
_KEY: Final = re.compile(r"[\w .:/=+@-]{1,128}")
_VALUE: Final = re.compile(r"[\w .:/=+@-]{0,256}")


def tags_of(options: AwsOptions, more: Mapping[str, str | None]) -> dict[str, str]:
    """Those of a resource of ours.

    What AWS does not take as a value is left out; it tells nothing that the name does not.

    :raises ConfigurationError: the options have a tag that AWS does not take.
    """
    for key, value in options.tags.items():
        _check(key, value, f"{options.shared_table}.tags")
    tags = {**options.tags, **more, OWNER: options.prefix}
    return {
        key: value for key, value in tags.items() if value is not None and _VALUE.fullmatch(value)
    }


def _check(key: str, value: str, place: str) -> None:
    if key == OWNER or key.startswith((f"{OWNER}:", "aws:")):
        raise ConfigurationError(f"{place}: the key {key!r} is reserved; use another one")
    if not _KEY.fullmatch(key) or not _VALUE.fullmatch(value):
        raise ConfigurationError(
            f"{place}: AWS takes no tag {key!r}: {value!r}; a key has 1 to 128, a value up to 256 "
            "letters, digits, spaces and _ . : / = + - @"
        )


def owns(prefix: str, tags: Mapping[str, str]) -> bool:
    """Whether something with these tags is ours."""
    return tags.get(OWNER) == prefix


def check_owner(
    what: str, tags: Mapping[str, str], prefix: str, wanted: Mapping[str, str] | None = None
) -> None:
    """Refuse what is not ours: a name that begins like ours is no evidence.

    :param wanted: the tags that it should have. Where it lacks the owner's, one that says what it
        is for tells that it was ours and lost the other.
    :raises ConfigurationError: it is another's, or nobody knows whose.
    """
    owner = tags.get(OWNER)
    if owner is None:
        if any(wanted and key in wanted and tags.get(key) == wanted[key] for key in _PURPOSES):
            return
        raise ConfigurationError(
            f"{what} has no tag {OWNER!r}, so that others may have made it; delete it, choose "
            "another prefix, name it in the options to use it as it is, or hand it over by the tag "
            f"{OWNER}={prefix}: eventroute changes it then, and `eventroute destroy` deletes it"
        )
    if owner != prefix:
        raise ConfigurationError(
            f"{what} belongs to the prefix {owner!r}, not to {prefix!r}; choose a prefix that no "
            "other one begins with"
        )


def lacking(wanted: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    """The tags that a resource should have and has not, or with another value."""
    return {key: value for key, value in wanted.items() if there.get(key) != value}


def listed(tags: Mapping[str, str]) -> Any:  # noqa: ANN401  each service has a type of its own
    """Tags as every service but SQS takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def read_list(tags: Iterable[Any]) -> dict[str, str]:
    """Tags as every service but SQS tells them."""
    return {tag["Key"]: tag["Value"] for tag in tags}
