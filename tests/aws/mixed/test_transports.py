"""Which service carries what, when some sources are on SNS and others on EventBridge."""

from __future__ import annotations

import pytest

from eventroute.errors import UnsupportedError
from eventroute.pattern import Pattern
from eventroute.targets import SnsTopic
from eventroute.topology import Route, Subscription, Topology
from eventroute_aws.mixed.transports import Transports

ALARMS = "arn:aws:sns:eu-west-1:111122223333:alarms"
TRANSPORTS = Transports("eventbridge", {"shop.orders": "sns"})


def subscription(
    name: str, *sources: str, ordered_by: str | None = None, **more: list[object]
) -> Subscription:
    members: dict[str, object] = {"source": list(sources)} if sources else {"detail-type": ["X"]}
    return Subscription(name, Pattern({**members, **more}), ordered_by)


def names(topology: Topology) -> list[str]:
    return [one.name for one in topology]


def test_a_source_that_is_not_listed_goes_by_the_default() -> None:
    assert (TRANSPORTS.of("shop.orders"), TRANSPORTS.of("shop.stock")) == ("sns", "eventbridge")


def test_a_subscription_exists_where_its_sources_are() -> None:
    parts = TRANSPORTS.split(
        Topology(
            (
                subscription("orders", "shop.orders"),
                subscription("stock", "shop.stock"),
                subscription("both", "shop.orders", "shop.stock"),
            )
        )
    )
    assert names(parts["sns"]) == ["orders", "both"]
    assert names(parts["eventbridge"]) == ["stock", "both"]


def test_a_subscription_that_names_no_source_is_on_both() -> None:
    parts = TRANSPORTS.split(Topology((subscription("audit"),)))
    assert names(parts["sns"]) == names(parts["eventbridge"]) == ["audit"]


def test_what_no_source_is_carried_by_gets_nothing() -> None:
    parts = Transports("eventbridge").split(Topology((subscription("audit"),)))
    assert (names(parts["sns"]), names(parts["eventbridge"])) == ([], ["audit"])


def test_routes_are_for_eventbridge() -> None:
    route = Route("alarms", Pattern({"source": ["shop.stock"]}), SnsTopic(ALARMS))
    parts = TRANSPORTS.split(Topology((), (route,)))
    assert (parts["sns"].routes, parts["eventbridge"].routes) == ((), (route,))


def test_an_ordered_subscription_is_fine_where_sns_carries_all_its_sources() -> None:
    parts = TRANSPORTS.split(Topology((subscription("steps", "shop.orders", ordered_by="id"),)))
    assert (names(parts["sns"]), names(parts["eventbridge"])) == (["steps"], [])


def test_an_ordered_subscription_with_a_source_on_eventbridge_is_refused_with_the_entry() -> None:
    one = subscription("steps", "shop.orders", "shop.stock", ordered_by="id")
    with pytest.raises(UnsupportedError, match=r"'steps'.*set \"shop\.stock\" = \"sns\" in \[aws"):
        TRANSPORTS.split(Topology((one,)))


def test_an_ordered_subscription_that_names_no_source_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="'steps' does not name its sources"):
        TRANSPORTS.split(Topology((subscription("steps", ordered_by="id"),)))


@pytest.mark.parametrize("pattern", [{"source": ["shop.orders"]}, {"detail-type": ["X"]}])
def test_a_route_that_may_be_for_a_source_on_sns_is_refused(pattern: dict[str, list[str]]) -> None:
    route = Route("alarms", Pattern(pattern), SnsTopic(ALARMS))
    with pytest.raises(UnsupportedError, match="'alarms' may be for a source that SNS carries"):
        TRANSPORTS.split(Topology((), (route,)))
