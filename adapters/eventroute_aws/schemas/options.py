"""The ``[registry.eventbridge]`` table of ``eventroute.toml``."""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from eventroute.dialects import Format
from eventroute_aws.options import Mode, Names

__all__ = ["SchemaRegistryOptions"]

# https://docs.aws.amazon.com/eventbridge/latest/schema-reference/tags-resource-arn.html
_KEY: Final = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}")
_VALUE: Final = re.compile(r"[\w .:/=+@-]{0,256}")


def _checked(tags: Names) -> Names:
    for key, value in tags.items():
        if not _KEY.fullmatch(key) or not _VALUE.fullmatch(value):
            raise PydanticCustomError(
                "tag_not_taken",
                "AWS takes no tag {key} = {value}; a key has 1 to 128, a value up to 256 letters, "
                "digits, spaces and _ . : / = + - @, and no key begins with aws:",
                {"key": repr(key)[:60], "value": repr(value)[:60]},
            )
    return tags


_Tags: TypeAlias = Annotated[Names, AfterValidator(_checked)]
_Form: TypeAlias = Format
_Provision: TypeAlias = Mode


class SchemaRegistryOptions(BaseModel):
    """Options of the store ``eventbridge``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    registry: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = Field(
        default="eventroute", description="1 to 64 letters, digits, '.', '_' and '-'"
    )
    """Name of the schema registry. ``aws.events`` and ``discovered-schemas`` are AWS's own."""

    format: _Form = "OpenApi3"
    """In which form contracts are pushed, for those who read them without eventroute."""

    provision: _Provision = "create"
    """What a push does where there is no such registry: ``create`` makes it, ``validate`` and
    ``assume`` refuse; ``assume`` does not ask first."""

    region: str | None = None
    """AWS region; left out, as botocore finds it: ``AWS_DEFAULT_REGION``, the profile."""

    profile: str | None = None
    """Profile of the AWS configuration files."""

    endpoint_url: str | None = None
    """Another endpoint, such as that of a private link."""

    tags: _Tags = Field(default_factory=dict)
    """Tags of what a push makes: the registry, and schemas."""

    connect_timeout: float = Field(default=5, gt=0)
    read_timeout: float = Field(default=10, gt=0)
    """Seconds without an answer after which a call has failed."""
