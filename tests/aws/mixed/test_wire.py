"""Some sources on SNS and others on EventBridge, over the wire."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import AsyncExitStack

import pytest
from aiobotocore.session import get_session

from eventroute import Event, EventBus, Router
from eventroute.errors import UnsupportedError
from eventroute.port import Provisioned
from eventroute_aws import create_aws
from tools.emulators import Emulator
from tools.emulators.proxy import Proxy

pytestmark = [pytest.mark.asyncio, pytest.mark.xdist_group("ministack")]

ORDERS = {"source": ["shop.orders"]}
STOCK = {"source": ["shop.stock"]}

seen: defaultdict[str, list[str]] = defaultdict(list)


@pytest.fixture
def options(account: str, running_ministack: Emulator) -> dict[str, object]:
    seen.clear()
    return {
        **running_ministack.options(account),
        "poll_wait": 1,
        "fan_out_lag": 0.3,
        "sources": {"shop.orders": "sns"},
        "eventbridge": {"bus": "shop"},
    }


def application() -> Router:
    router = Router("shop")

    @router.subscribe(ORDERS, ordered_by="order")
    async def steps(event: Event) -> None:
        seen["steps"].append(event.id)

    @router.subscribe(STOCK)
    async def stock(event: Event) -> None:
        seen["stock"].append(event.id)

    @router.subscribe({"detail": {"loud": [True]}})
    async def audit(event: Event) -> None:
        seen["audit"].append(event.id)

    return router


def bus_of(options: dict[str, object], *routers: Router) -> EventBus:
    bus = EventBus(create_aws, options=options)
    bus.include(*routers)
    return bus


def event(source: str, name: str, *, loud: bool = False) -> Event:
    return Event(source, "X", {"order": "1", "loud": loud}, id=name)


async def test_a_new_queue_lets_both_services_send_from_the_start(
    options: dict[str, object], running_ministack: Emulator
) -> None:
    """A changed policy takes SQS up to a minute, and EventBridge does not try again."""
    async with Proxy(running_ministack.url) as proxy:
        bus = bus_of({**options, "endpoint_url": proxy.url}, application())
        async with bus:
            pass
        made = {
            one.json["QueueName"]: json.loads(one.json["Attributes"]["Policy"])["Statement"]
            for one in proxy.requests("CreateQueue")
            if "Policy" in one.json["Attributes"]
        }
    for name in ("shop-audit", "shop-audit-dead"):
        (statement,) = [
            one
            for one in made[f"eventroute-{name}"]
            if one["Principal"]["Service"] == "events.amazonaws.com"
        ]
        (arn,) = statement["Condition"]["ArnLike"]["aws:SourceArn"]
        assert arn.endswith(":rule/shop/eventroute-*")


async def test_each_subscription_gets_what_it_matches_from_both_services(
    options: dict[str, object],
) -> None:
    bus = bus_of(options, application())
    async with bus:
        await bus.publish_many(
            [
                event("shop.orders", "o1", loud=True),
                event("shop.stock", "s1"),
                event("shop.orders", "o2"),
                event("shop.stock", "s2", loud=True),
            ]
        )
        await bus.run(until_empty=True)
    assert seen["steps"] == ["o1", "o2"]
    assert sorted(seen["stock"]) == ["s1", "s2"]
    assert sorted(seen["audit"]) == ["o1", "s2"]


async def test_a_subscription_that_both_feed_has_one_queue_that_lets_both_send(
    options: dict[str, object],
) -> None:
    async with bus_of(options, application()), AsyncExitStack() as stack:
        client = get_session().create_client(
            "sqs", endpoint_url=str(options["endpoint_url"]), region_name=str(options["region"])
        )
        sqs = await stack.enter_async_context(client)
        urls = (await sqs.list_queues())["QueueUrls"]
        names = sorted(url.rpartition("/")[2] for url in urls)
        audit = next(url for url in urls if url.endswith("shop-audit"))
        found = await sqs.get_queue_attributes(QueueUrl=audit, AttributeNames=["Policy"])
    assert [name for name in names if "audit" in name] == [
        "eventroute-shop-audit",
        "eventroute-shop-audit-dead",
    ]
    policy = found["Attributes"]["Policy"]
    assert "sns.amazonaws.com" in policy
    assert "events.amazonaws.com" in policy


async def test_opening_again_changes_nothing(options: dict[str, object]) -> None:
    bus = bus_of(options, application())
    async with bus:
        assert isinstance(bus.adapter, Provisioned)
        assert await bus.adapter.plan(bus.topology) == []


async def test_destroy_leaves_nothing(options: dict[str, object]) -> None:
    bus = bus_of(options, application())
    async with bus:
        assert isinstance(bus.adapter, Provisioned)
        await bus.adapter.destroy(dry_run=False)
        assert await bus.adapter.destroy(dry_run=True) == []


async def test_what_one_service_refuses_is_not_half_made_on_the_other(
    options: dict[str, object],
) -> None:
    refused = {**options, "eventbridge": {"bus": "shop", "max_rules": 1}}
    with pytest.raises(UnsupportedError, match="as many rules"):
        await bus_of(refused, application()).__aenter__()
    bus = bus_of(options)
    async with bus.connect():
        assert isinstance(bus.adapter, Provisioned)
        assert await bus.adapter.destroy(dry_run=True) == []
