"""An account on an emulator with event buses: provisioners, and what people do by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eventroute import Event
from eventroute.backend_options import read_table
from eventroute_aws.eventbridge.provision import Provisioner
from eventroute_aws.options import EventBridgeOptions

from ...account import LARGE, OPEN, ORDERS, QueueAccount, ordered, topology

if TYPE_CHECKING:
    from types_aiobotocore_events import EventBridgeClient

__all__ = ["BUS", "LARGE", "OPEN", "ORDERS", "Account", "ordered", "topology"]

BUS = "shop"


class Account(QueueAccount):
    """Provisioners use the bus ``shop``, unless told otherwise."""

    async def provisioner(self, **more: object) -> Provisioner:
        """Another process, as it were, but for its connections."""
        options = read_table(
            EventBridgeOptions, "eventbridge", {"bus": BUS, **self.options, **more}
        )
        return Provisioner(self.clients, options)

    async def events(self) -> EventBridgeClient:
        return await self.clients.events()

    def bus_arn(self, name: str = BUS) -> str:
        return f"arn:aws:events:us-east-1:{self.id}:event-bus/{name}"

    def rule_arn(self, name: str, bus: str = BUS) -> str:
        path = name if bus == "default" else f"{bus}/{name}"
        return f"arn:aws:events:us-east-1:{self.id}:rule/{path}"

    async def buses(self) -> set[str]:
        found = await (await self.events()).list_event_buses()
        return {one.get("Name", "") for one in found["EventBuses"]}

    async def rules(self, bus: str = BUS) -> dict[str, dict[str, Any]]:
        """Rules on a bus, by name."""
        found = await (await self.events()).list_rules(EventBusName=bus)
        return {one.get("Name", ""): dict(one) for one in found["Rules"]}

    async def pattern(self, rule: str, bus: str = BUS) -> object:
        return json.loads((await self.rules(bus))[rule]["EventPattern"])

    async def targets(self, rule: str, bus: str = BUS) -> dict[str, dict[str, Any]]:
        """Targets of a rule, by id."""
        found = await (await self.events()).list_targets_by_rule(Rule=rule, EventBusName=bus)
        return {one["Id"]: dict(one) for one in found["Targets"]}

    async def tags(self, arn: str) -> dict[str, str]:
        """Tags of a bus or of a rule."""
        answer = await (await self.events()).list_tags_for_resource(ResourceARN=arn)
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    async def make_bus(self, name: str = BUS) -> None:
        """Make a bus by hand."""
        await (await self.events()).create_event_bus(Name=name)

    async def make_rule(self, name: str, bus: str = BUS) -> None:
        """Make a rule by hand."""
        await (await self.events()).put_rule(
            Name=name, EventBusName=bus, EventPattern=json.dumps(ORDERS)
        )

    async def make_target(self, rule: str, id_: str, **more: object) -> None:
        """Give a rule a target by hand."""
        target: Any = {"Id": id_, "Arn": self.queue_arn("theirs"), **more}
        await (await self.events()).put_targets(Rule=rule, EventBusName=BUS, Targets=[target])

    async def publish(self, event: Event, bus: str = BUS) -> None:
        """Roughly as the publisher does: EventBridge gives the event another id."""
        detail = {**event.detail, "name": event.id}
        await (await self.events()).put_events(
            Entries=[
                {
                    "EventBusName": bus,
                    "Source": event.source,
                    "DetailType": event.detail_type,
                    "Detail": json.dumps(detail),
                }
            ]
        )

    async def received(self, queue: str) -> list[str]:
        """Ids that the events which a queue holds were published under."""
        return sorted(event["detail"]["name"] for event in await self.events_in(queue))

    async def events_in(self, queue: str) -> list[Any]:
        answer = await (await self.sqs()).receive_message(
            QueueUrl=await self.url(queue), MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        return [json.loads(one.get("Body", "")) for one in answer.get("Messages", [])]
