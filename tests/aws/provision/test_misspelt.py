"""A queue that is mapped to a subscription that there is not."""

from __future__ import annotations

import pytest

from eventroute.clock import SystemClock
from eventroute.errors import ConfigurationError
from eventroute.topology import Topology
from eventroute_aws import create_sns
from eventroute_aws.options import SnsOptions
from eventroute_aws.provisioning.misspelt import refuse_misspelt

from .account import ORDERS, Account, topology

TYPO = SnsOptions(queues={"billing.invoise": "invoices"})


def test_a_subscription_that_was_meant_is_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        refuse_misspelt(topology(billing__invoice=ORDERS, shop__ledger=ORDERS), TYPO)
    assert str(caught.value) == (
        "sns.queues.billing.invoise: no subscription has this name; did you mean billing.invoice?"
    )


def test_a_publisher_need_not_know_the_subscriptions() -> None:
    refuse_misspelt(Topology(), TYPO)


def test_a_name_that_is_like_none_may_be_another_applications() -> None:
    refuse_misspelt(topology(shop__ledger=ORDERS), TYPO)


def test_a_name_that_is_like_one_which_has_a_queue_may_be_another_applications() -> None:
    both = SnsOptions(queues={**TYPO.queues, "billing.invoice": "other"})
    refuse_misspelt(topology(billing__invoice=ORDERS), both)


async def test_nothing_is_made_where_a_name_is_misspelt(aws: Account) -> None:
    adapter = create_sns({**aws.options, "queues": TYPO.queues}, SystemClock())
    aws.stack.push_async_callback(adapter.close)
    for refused in (adapter.open, adapter.plan, adapter.apply):
        with pytest.raises(ConfigurationError, match="did you mean"):
            await refused(topology(billing__invoice=ORDERS))
    assert await aws.queues() == set()
