"""Replays as AWS does them, on ministack behind a proxy.

ministack replays to every rule of the bus, whatever the request says, and the end of the time
counts as well. AWS goes by FilterArns, and leaves the end out:
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ReplayDestination.html
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Replay.html
"""

from __future__ import annotations

import asyncio
import json
import math
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anyio.from_thread import start_blocking_portal

from tools.emulators.proxy import Proxy, Response

if TYPE_CHECKING:
    from collections.abc import Generator

    from tools.emulators import Emulator
    from tools.emulators.proxy import Fault, Forward, Request

__all__ = ["as_on_aws", "proxied", "replay_state"]


@contextmanager
def proxied(emulator: Emulator, fault: Fault, *, action: str) -> Generator[str]:
    """A proxy in an event loop of its own, for tests that have several; its URL."""

    async def started() -> Proxy:
        proxy = Proxy(emulator.url)
        proxy.plan(fault, action=action, times=math.inf)
        await proxy.start()
        return proxy

    with start_blocking_portal() as portal:
        proxy = portal.call(started)
        try:
            yield proxy.url
        finally:
            portal.call(proxy.stop)


async def as_on_aws(request: Request, forward: Forward) -> Response:
    """Answers StartReplay: disables the other rules until all is replayed.

    ministack must not check signatures, since the requests are others then.
    """

    async def call(action: str, **members: object) -> dict[str, Any]:
        headers = {**request.headers, "x-amz-target": f"AWSEvents.{action}"}
        answer = await forward(replace(request, headers=headers, body=json.dumps(members).encode()))
        read: dict[str, Any] = json.loads(answer.body or b"{}")
        return read

    asked = json.loads(request.body)
    bus = asked["Destination"]["Arn"].rpartition("/")[2]
    chosen = asked["Destination"].get("FilterArns", [])
    rules = (await call("ListRules", EventBusName=bus))["Rules"]
    others = [one["Name"] for one in rules if chosen and one["Arn"] not in chosen]
    for name in others:
        await call("DisableRule", Name=name, EventBusName=bus)
    asked["EventEndTime"] -= 1
    answer = await forward(replace(request, body=json.dumps(asked).encode()))
    if answer.status == 200:
        while (await call("DescribeReplay", ReplayName=asked["ReplayName"]))[
            "State"
        ] != "COMPLETED":
            await asyncio.sleep(0)
    for name in others:
        await call("EnableRule", Name=name, EventBusName=bus)
    return answer


def replay_state(state: str, *, last: float | None = None, reason: str = "") -> Any:  # noqa: ANN401  a fault
    """Answers DescribeReplay."""

    async def fault(_: Request, __: Forward) -> Response:
        told: dict[str, object] = {"State": state, "StateReason": reason}
        if last is not None:
            told["EventLastReplayedTime"] = last
        headers = {"content-type": "application/x-amz-json-1.1"}
        return Response(200, headers, json.dumps(told).encode())

    return fault
