"""The ``[aws]`` table of ``eventroute.toml``: what the services share, and a table for each."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  pydantic reads the annotations
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field

from eventroute.backend_options import read_table
from eventroute.errors import ConfigurationError
from eventroute_aws.mixed.transports import Transport, Transports
from eventroute_aws.options import AwsOptions, EventBridgeOptions, SnsOptions

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["MixedOptions", "read_options"]

OptionsT = TypeVar("OptionsT", bound="BaseModel")


class MixedOptions(AwsOptions):
    """Options of the backend that has some sources on SNS and the others on EventBridge."""

    default: Transport = "eventbridge"
    """The service of every source that ``sources`` does not name."""

    sources: Mapping[str, Transport] = Field(default_factory=dict)
    """Event source to the service that carries it: ``{"shop.orders": "sns"}``."""

    sns: Mapping[str, Any] = Field(default_factory=dict)
    """Options that only SNS has, such as ``topics`` and ``ordered_by``."""

    eventbridge: Mapping[str, Any] = Field(default_factory=dict)
    """Options that only EventBridge has, such as ``bus``."""

    @property
    def transports(self) -> Transports:
        """Which service carries which source."""
        return Transports(self.default, self.sources)

    @cached_property
    def sns_options(self) -> SnsOptions:
        """Those of the SNS half.

        :raises ConfigurationError: an option in ``[aws.sns]`` or ``[aws.eventbridge]`` is unknown
            or wrong.
        """
        bus = self.eventbridge_options.bus
        return self._half(SnsOptions, "sns", self.sns).half_of(self.table, bus)

    @cached_property
    def eventbridge_options(self) -> EventBridgeOptions:
        """Those of the EventBridge half.

        :raises ConfigurationError: an option in ``[aws.eventbridge]`` is unknown or wrong.
        """
        own = self._half(EventBridgeOptions, "eventbridge", self.eventbridge)
        return own.half_of(self.table)

    @property
    def delayed_for(self) -> str:
        """See :class:`~eventroute_aws.options.AwsOptions`."""
        return self.eventbridge_options.bus

    def _half(self, model: type[OptionsT], table: str, own: Mapping[str, Any]) -> OptionsT:
        shared = {name: getattr(self, name) for name in AwsOptions.model_fields}
        misplaced = sorted(shared.keys() & own.keys())
        if misplaced:
            raise ConfigurationError(
                f"aws.{table}.{misplaced[0]}: both services have it; write aws.{misplaced[0]}"
            )
        return read_table(model, f"aws.{table}", {**shared, **own})


def read_options(options: Mapping[str, object]) -> MixedOptions:
    """Check the table, with those inside it.

    :raises ConfigurationError: naming every option that is wrong.
    """
    read = read_table(MixedOptions, "aws", options)
    _ = read.sns_options, read.eventbridge_options  # what is wrong there is told now
    return read
