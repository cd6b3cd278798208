"""Publishing where some sources are on SNS and others on EventBridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventroute import Event
from eventroute.errors import AdapterError, EventRouteError, LimitExceededError
from eventroute.port import Outgoing
from eventroute_aws.mixed.publisher import MixedPublisher
from eventroute_aws.mixed.transports import Transports

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.asyncio


class Service:
    """Accepts what it is given, but for the ids that it is told."""

    def __init__(self, *, down: bool = False, refuses: str = "") -> None:
        self.accepted: list[str] = []
        self.closed = False
        self._down = down
        self._refuses = refuses

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        if self._down:
            raise AdapterError("down")
        self.accepted += [one.event.id for one in messages if one.event.id != self._refuses]
        return [
            LimitExceededError("large") if one.event.id == self._refuses else None
            for one in messages
        ]

    async def check(self, messages: Sequence[Outgoing]) -> Sequence[EventRouteError | None]:
        return [
            LimitExceededError("large") if one.event.id == self._refuses else None
            for one in messages
        ]

    async def close(self) -> None:
        self.closed = True


def outgoing(source: str, name: str) -> Outgoing:
    return Outgoing(Event(source, "X", {}, id=name))


def mixed(sns: Service, eventbridge: Service) -> MixedPublisher:
    transports = Transports("eventbridge", {"orders": "sns"})
    return MixedPublisher(transports, {"sns": sns, "eventbridge": eventbridge})


BOTH = [outgoing("orders", "1"), outgoing("stock", "2"), outgoing("orders", "3")]


async def test_each_event_goes_by_the_service_of_its_source_in_order() -> None:
    sns, eventbridge = Service(), Service()
    outcomes = await mixed(sns, eventbridge).publish(BOTH, timeout=5)
    assert (sns.accepted, eventbridge.accepted) == (["1", "3"], ["2"])
    assert outcomes == [None, None, None]


async def test_an_outcome_belongs_to_its_own_event() -> None:
    outcomes = await mixed(Service(refuses="3"), Service()).publish(BOTH, timeout=5)
    assert [type(one) for one in outcomes] == [type(None), type(None), LimitExceededError]


async def test_where_one_service_is_down_the_other_accepts_its_part() -> None:
    eventbridge = Service()
    outcomes = await mixed(Service(down=True), eventbridge).publish(BOTH, timeout=5)
    assert [type(one) for one in outcomes] == [AdapterError, type(None), AdapterError]
    assert eventbridge.accepted == ["2"]


async def test_each_service_is_asked_what_it_would_refuse() -> None:
    outcomes = await mixed(Service(refuses="1"), Service(refuses="2")).check(BOTH)
    assert [type(one) for one in outcomes] == [
        LimitExceededError,
        LimitExceededError,
        type(None),
    ]


async def test_closing_closes_both() -> None:
    sns, eventbridge = Service(), Service()
    await mixed(sns, eventbridge).close()
    assert sns.closed
    assert eventbridge.closed
