"""The ``[registry.eventbridge]`` table of ``eventroute.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from eventroute.dialects import Format
from eventroute_aws.options import Mode

__all__ = ["SchemaRegistryOptions"]

# https://docs.aws.amazon.com/eventbridge/latest/schema-reference/tags-resource-arn.html
_Key = Annotated[str, StringConstraints(pattern=r"^(?!aws:)[\w .:/=+@-]{1,128}$")]
_Value = Annotated[str, StringConstraints(pattern=r"^[\w .:/=+@-]{0,256}$")]
_Tags: TypeAlias = Mapping[_Key, _Value]
_Form: TypeAlias = Format
_Provision: TypeAlias = Mode


class SchemaRegistryOptions(BaseModel):
    """Options of the store ``eventbridge``."""

    model_config = ConfigDict(extra="forbid", frozen=True, regex_engine="python-re")

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
