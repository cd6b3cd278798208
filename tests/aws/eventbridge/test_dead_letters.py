"""Dead letters that EventBridge wrote, which no emulator does: they are put there by hand."""

from __future__ import annotations

from eventroute.envelope import Event
from eventroute.port import Redrive
from eventroute_aws.eventbridge.message import compose_message
from tests.aws.consume.station import Station, station, text
from tests.aws.eventbridge.rewriting import delivered
from tools.emulators import Emulator

EVENT = Event("shop.orders", "OrderPlaced", {"n": 1.5}, id="1")
STORY = {
    "RULE_ARN": text("arn:rule"),
    "TARGET_ARN": text("arn:queue"),
    "ERROR_CODE": text("NO_RESOURCE"),
    "ERROR_MESSAGE": text("The queue is gone"),
    "RETRY_ATTEMPTS": text("0"),
}


async def give_up(at: Station) -> None:
    """Do what EventBridge does when it cannot reach the queue."""
    client = await at.clients.sqs()
    body = delivered(compose_message(EVENT, {"h": "1"}, "bus")).decode()
    await client.send_message(QueueUrl=at.queue.dead_url, MessageBody=body, MessageAttributes=STORY)


async def test_an_event_that_reached_no_queue_is_a_dead_letter_as_it_was_published(
    lenient: Emulator, account: str
) -> None:
    async with station(lenient, account) as at:
        await give_up(at)
        (letter,) = await at.letters()
    assert letter.body == EVENT.to_json()
    assert letter.headers == {"h": "1"}
    assert letter.reason == "undeliverable"
    assert letter.error.startswith("NO_RESOURCE: The queue is gone")
    assert letter.attempts == 0
    assert letter.died is not None


async def test_it_can_be_redriven(lenient: Emulator, account: str) -> None:
    async with station(lenient, account) as at:
        await give_up(at)
        await at.settled_dead(Redrive((await at.letters())[0]))
        delivery = await at.one()
        assert (delivery.body, delivery.attempt) == (EVENT.to_json(), 1)
        assert delivery.headers == {"h": "1"}
        assert delivery.receipt.message.attributes == {}  # type: ignore[attr-defined]  # its own
        assert await at.counts() == (0, 1, 0)
