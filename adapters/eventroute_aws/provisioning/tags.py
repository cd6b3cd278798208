"""Tags: what tells our resources from those of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute_aws.options import AwsOptions

__all__ = ["OWNER", "check_owner", "lacking", "owns", "tags_of"]

OWNER: Final = "eventroute"
"""Tag of everything that is ours; its value is the prefix."""

_VALUE: Final = re.compile(r"[\w\s.:/=+@-]{0,256}")


def tags_of(options: AwsOptions, more: Mapping[str, str | None]) -> dict[str, str]:
    """Those of a resource of ours.

    What AWS does not take as a value is left out; it tells nothing that the name does not.
    """
    tags = {**options.tags, **more, OWNER: options.prefix}
    return {
        key: value for key, value in tags.items() if value is not None and _VALUE.fullmatch(value)
    }


def owns(prefix: str, tags: Mapping[str, str]) -> bool:
    """Whether something with these tags is ours."""
    return tags.get(OWNER) == prefix


def check_owner(what: str, tags: Mapping[str, str], prefix: str) -> None:
    """Refuse what belongs to another prefix; what has no tag is taken for ours by its name.

    :raises ConfigurationError: it is another's.
    """
    owner = tags.get(OWNER, prefix)
    if owner != prefix:
        raise ConfigurationError(
            f"{what} belongs to the prefix {owner!r}, not to {prefix!r}; choose a prefix that no "
            "other one begins with"
        )


def lacking(wanted: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    """The tags that a resource should have and has not, or with another value."""
    return {key: value for key, value in wanted.items() if there.get(key) != value}
