"""The prices and quotas of AWS: data files beside this module, dated and with their sources."""

from __future__ import annotations

import tomllib
from datetime import date  # noqa: TC003  pydantic reads annotations when it runs
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from eventroute.errors import ConfigurationError

__all__ = ["FreeTier", "Latency", "Limits", "Price", "Prices", "Quota", "limits", "prices"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(_Table):
    """What AWS asks for something.

    :ivar amount: for ``per`` units.
    :ivar confirmed: whether two independent texts agree.
    :ivar page: AWS's own page, to compare with.
    :ivar source: where it was read.
    """

    amount: Decimal = Field(ge=0)
    per: int = Field(ge=1)
    unit: str
    confirmed: bool
    page: str
    source: str
    note: str

    @property
    def shown(self) -> str:
        """Such as ``"$0.50/M"`` or ``"$0.017/GB"``."""
        amount = max(self.amount, self.amount.quantize(Decimal("0.01")), key=_digits)
        return f"${amount}/{'M' if self.per == 1_000_000 else self.unit}"


class FreeTier(_Table):
    """What is free each month."""

    requests: int = Field(ge=0)
    source: str
    note: str


class Prices(_Table):
    """List prices of a region, as of a day."""

    date: date
    region: str
    currency: Literal["USD"]
    prices: dict[str, Price]
    free_tiers: dict[str, FreeTier]


class Quota(_Table):
    """What a backend takes.

    :ivar soft: whether going over it is slow or unlikely, and no failure.
    """

    limit: int = Field(ge=1)
    what: str
    source: str
    remedy: str
    soft: bool = False


class Latency(_Table):
    """How long an event is under way from publish to receive, as an order of magnitude."""

    class_: str = Field(alias="class")
    source: str


class Limits(_Table):
    """Quotas and latencies, as of a day."""

    date: date
    quotas: dict[str, Quota]
    latency: dict[str, Latency]


_Model = TypeVar("_Model", bound=_Table)


@cache
def prices() -> Prices:
    """The prices that this version of eventroute knows.

    :raises ConfigurationError: the installation is damaged.
    """
    return _read("prices.toml", Prices)


@cache
def limits() -> Limits:
    """The quotas that this version of eventroute knows.

    :raises ConfigurationError: the installation is damaged.
    """
    return _read("limits.toml", Limits)


def _read(name: str, model: type[_Model]) -> _Model:
    try:
        text = files("eventroute.advise").joinpath(name).read_text("utf-8")
        return model.model_validate(tomllib.loads(text, parse_float=Decimal))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"the data file eventroute/advise/{name} cannot be used; install eventroute again: "
            f"{error}"
        ) from None


def _digits(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
