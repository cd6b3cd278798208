"""Does the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from eventroute_aws.eventbridge.steps import (
    CreateBus,
    DeleteBus,
    DeleteRule,
    RemoveTargets,
    Step,
    TagBus,
    WriteRule,
    WriteTargets,
)
from eventroute_aws.provisioning.apply import QueueApplier, apply
from eventroute_aws.provisioning.tags import listed

if TYPE_CHECKING:
    from types_aiobotocore_events import EventBridgeClient

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.eventbridge.steps import Phases

__all__ = ["Applier"]


class Applier:
    """Changes EventBridge, and SQS with it.

    :ivar urls: of the queues that it created, by name.
    """

    def __init__(self, clients: Clients, calls: Calls) -> None:
        self._clients = clients
        self._calls = calls
        self._queues = QueueApplier(clients, calls)
        self.urls = self._queues.urls

    async def apply(self, phases: Phases) -> None:
        """Do steps, in their order: see :func:`eventroute_aws.provisioning.apply.apply`."""
        await apply(phases, self.do, self._calls)

    async def do(self, step: Step) -> None:
        """Do a step.

        :raises ClientError: AWS refused.
        :raises EventRouteError: AWS could not be reached.
        """
        match step:
            case CreateBus() | TagBus() | DeleteBus():
                await self._bus(step)
            case WriteRule() | DeleteRule():
                await self._rule(step)
            case WriteTargets() | RemoveTargets():
                events = await self._clients.events()
                await self._calls.make(step.change, lambda: _targets(events, step))
            case _:
                await self._queues.do(step)

    async def _bus(self, step: CreateBus | TagBus | DeleteBus) -> None:
        events = await self._clients.events()
        match step:
            case CreateBus(bus):
                tags = listed(bus.tags)
                await self._calls.make(
                    step.change, lambda: events.create_event_bus(Name=bus.name, Tags=tags)
                )
            case TagBus(bus, lacking):
                tags = listed(lacking)
                await self._calls.make(
                    step.change, lambda: events.tag_resource(ResourceARN=bus.arn, Tags=tags)
                )
            case DeleteBus(name):
                await self._calls.make(step.change, lambda: events.delete_event_bus(Name=name))

    async def _rule(self, step: WriteRule | DeleteRule) -> None:
        events = await self._clients.events()
        if isinstance(step, DeleteRule):
            name, bus = step.name, step.bus
            await self._calls.make(
                step.change, lambda: events.delete_rule(Name=name, EventBusName=bus)
            )
            return
        rule = step.rule
        if step.rewritten:
            # Of a rule that is there, EventBridge leaves the tags as they are.
            more: Any = {"Tags": listed(rule.tags)} if step.action == "create" else {}
            state: Any = step.state
            await self._calls.make(
                step.change,
                lambda: events.put_rule(
                    Name=rule.name,
                    EventBusName=rule.bus,
                    EventPattern=rule.pattern,
                    State=state,
                    Description=rule.description,
                    **more,
                ),
            )
        if step.tags:
            tags = listed(step.tags)
            await self._calls.make(
                step.change, lambda: events.tag_resource(ResourceARN=rule.arn, Tags=tags)
            )


async def _targets(events: EventBridgeClient, step: WriteTargets | RemoveTargets) -> None:
    """One call, whose answer may say that it failed for some."""
    if isinstance(step, WriteTargets):
        targets: Any = [target.to_aws() for target in step.targets]
        put = await events.put_targets(Rule=step.rule, EventBusName=step.bus, Targets=targets)
        _raise_first(put["FailedEntries"], "PutTargets")
    else:
        removed = await events.remove_targets(
            Rule=step.rule, EventBusName=step.bus, Ids=list(step.ids)
        )
        _raise_first(removed["FailedEntries"], "RemoveTargets")


def _raise_first(failed: Any, operation: str) -> None:  # noqa: ANN401  a type of the stubs
    for entry in failed:
        said = f"{entry.get('TargetId', '')}: {entry.get('ErrorMessage', '')}"
        error: Any = {"Error": {"Code": entry.get("ErrorCode", ""), "Message": said}}
        raise ClientError(error, operation)
