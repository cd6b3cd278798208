"""Messages that are more, or less, than one event."""

from __future__ import annotations

import json

import pytest

from eventroute.envelope import Event
from eventroute.errors import AdapterError, EventError, NameNotFoundError
from eventroute.port import Bury
from eventroute_aws.claims import Claims
from tests.aws.consume.station import event, numbers, station, text
from tests.aws.consume.test_foreign import s3_record
from tools.emulators import Emulator


class Shelf(Claims):
    """Claims that are kept in memory; those that are away cannot be fetched for the moment."""

    def __init__(self, **events: Event) -> None:
        self.events = events
        self.away: set[str] = set()

    async def get(self, pointer: str) -> bytes:
        if pointer in self.away:
            raise AdapterError(f"{pointer} is away")
        if pointer not in self.events:
            raise NameNotFoundError(f"{pointer} has expired")
        return self.events[pointer].to_json()


async def test_an_event_that_lies_elsewhere_is_fetched(emulator: Emulator, account: str) -> None:
    whole = event(5, much="x" * 1_000)
    async with station(emulator, account, claims=Shelf(p=whole)) as at:
        await at.send(event(0), attributes={"eventroute-claim": text("p")})
        delivery = await at.one()
        assert delivery.body == whole.to_json()
        await at.settled(Bury(delivery, "rejected", "no"))
        (letter,) = await at.letters()
        assert letter.body == whole.to_json()
        (sent,) = at.asked("SendMessageBatch")
        assert sent["Entries"][0]["MessageAttributes"]["eventroute-claim"] == text("p")


async def test_an_event_that_has_expired_is_no_event_and_says_where_it_was(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account, claims=Shelf()) as at:
        await at.send(event(0), attributes={"eventroute-claim": text("p")})
        delivery = await at.one()
        assert json.loads(delivery.body) == {"eventroute-claim": "p"}
        with pytest.raises(EventError, match=r"cannot be had from S3: p has expired"):
            delivery.event  # noqa: B018  which reads it


async def test_a_claim_is_no_event_where_no_bucket_is_configured(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(event(0), attributes={"eventroute-claim": text("p")})
        delivery = await at.one()
        assert json.loads(delivery.body) == {"eventroute-claim": "p"}
        with pytest.raises(EventError, match=r"lies in S3 \('p'\); set the option claim_check"):
            delivery.event  # noqa: B018  which reads it


async def test_an_event_that_cannot_be_fetched_now_comes_again(
    emulator: Emulator, account: str
) -> None:
    shelf = Shelf(p=event(5))
    shelf.away = {"p"}
    async with station(emulator, account, claims=shelf) as at:
        await at.send(event(0), attributes={"eventroute-claim": text("p")})
        with pytest.raises(AdapterError, match="p is away"):
            await at.receive()
        (release,) = at.asked("ChangeMessageVisibilityBatch")
        assert release["Entries"][0]["VisibilityTimeout"] == 10


async def test_others_are_handed_on_beside_an_event_that_cannot_be_fetched(
    emulator: Emulator, account: str
) -> None:
    shelf = Shelf(p=event(5))
    shelf.away = {"p"}
    async with station(emulator, account, claims=shelf) as at:
        await at.send(event(0), attributes={"eventroute-claim": text("p")})
        await at.send(event(1), event(2))
        assert sorted(numbers(await at.take(2))) == [1, 2]


async def test_nothing_overtakes_an_event_of_its_group_that_cannot_be_fetched(
    emulator: Emulator, account: str
) -> None:
    shelf = Shelf(p=event(5))
    shelf.away = {"p"}
    async with station(emulator, account, claims=shelf, fifo=True) as at:
        await at.send(event(1))
        at.calls.append(("sent", {}))
        await at.send(event(0), attributes={"eventroute-claim": text("p")})
        at.calls.append(("sent", {}))
        await at.send(event(2))
        assert numbers(await at.receive()) == [1]
        (release,) = at.asked("ChangeMessageVisibilityBatch")
        # The one behind is given back first.
        assert [entry["VisibilityTimeout"] for entry in release["Entries"]] == [0, 10]


async def test_each_record_of_a_notification_of_s3_becomes_an_event(
    emulator: Emulator, account: str
) -> None:
    records = [s3_record(), s3_record("ObjectRemoved:Delete"), s3_record("ObjectAcl:Put")]
    async with station(emulator, account) as at:
        await at.send(json.dumps({"Records": records}))
        deliveries = await at.take(3)
        assert sorted(one.event.detail_type for one in deliveries) == [
            "Object ACL Updated",
            "Object Created",
            "Object Deleted",
        ]
        await at.comes_to(0, 3, 0)


async def test_a_notification_that_cannot_be_taken_apart_now_comes_again(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        client = await at.clients.sqs()
        await at.send(json.dumps({"Records": [s3_record(), s3_record("ObjectAcl:Put")]}))
        client.meta.events.register_first("before-call.sqs.SendMessageBatch", lose)
        with pytest.raises(AdapterError):
            await at.receive()
        await at.comes_to(0, 1, 0)


async def test_what_is_no_event_is_handed_on_and_buried_as_it_came(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send("hello", attributes={"kind": text("greeting")})
        delivery = await at.one()
        assert (delivery.body, delivery.headers) == (b"hello", {"kind": "greeting"})
        await at.settled(Bury(delivery, "undecodable", "not JSON"))
        (letter,) = await at.letters()
        assert (letter.body, letter.reason) == (b"hello", "undecodable")


async def test_a_foreign_event_is_buried_as_it_came(emulator: Emulator, account: str) -> None:
    body = json.dumps({"Records": [s3_record()]})
    async with station(emulator, account) as at:
        await at.send(body)
        delivery = await at.one()
        assert delivery.event.detail_type == "Object Created"
        await at.settled(Bury(delivery, "rejected", "no"))
        (sent,) = at.asked("SendMessageBatch")
        assert sent["Entries"][0]["MessageBody"] == body
        (letter,) = await at.letters()
        assert letter.body == delivery.body  # so that it can be chosen by a pattern


def lose(**_: object) -> None:
    raise ConnectionResetError("the network is down")
