"""What the network and AWS do to requests on a bad day, decided by a seed."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.emulators.proxy import answer, cut, fail_entries, fail_events, lose, reset, silence

if TYPE_CHECKING:
    from random import Random

    from tools.emulators.proxy import Fault, Forward, Request, Response

__all__ = ["PUBLISHES", "Forecast", "Weather"]

PUBLISHES: Final = ("PublishBatch", "PutEvents")
"""Actions that publish."""

_SPAN: Final = 12
"""Of so many requests, one is reset while there are resets left."""

_THROTTLE_CODES: Final = {
    "PublishBatch": (429, "Throttled"),
    "ReceiveMessage": (400, "AWS.SimpleQueueService.RequestThrottled"),
}
_OTHER: Final = (400, "ThrottlingException")
_EVENT_CODES: Final = ("InternalFailure", "ThrottlingException")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to come.

    :ivar resets: connections that are reset, before or after the emulator has done its part.
    :ivar cuts: answers that end in their middle.
    :ivar throttled: share of requests that are refused.
    :ivar failed: share of entries of batches that fail.
    """

    resets: int
    cuts: int
    throttled: float = 0.05
    failed: float = 0.1


@dataclass
class Weather:
    """A fault for every request of a proxy; most of them are only passed on.

    :ivar befell: how often what happened.
    """

    forecast: Forecast
    random: Random
    befell: Counter[str] = field(default_factory=Counter[str])
    _silent_until: float = 0.0

    def fall_silent(self, seconds: float) -> None:
        """Swallow everything for a while, as a network does whose router died."""
        self._silent_until = asyncio.get_running_loop().time() + seconds
        self.befell["blackholes"] += 1

    @property
    def is_over(self) -> bool:
        """Whether all has happened that happens so many times."""
        done = self.befell["resets"] >= self.forecast.resets
        return done and self.befell["cut answers"] >= self.forecast.cuts

    async def __call__(self, request: Request, forward: Forward) -> Response:
        """Be a :data:`~tools.emulators.proxy.Fault`."""
        random, befell = self.random, self.befell
        if asyncio.get_running_loop().time() < self._silent_until:
            befell["requests into a blackhole"] += 1
            fault = silence(self._silent_until, done=random.random() < 0.5)
            return await fault(request, forward)
        draw = random.random()
        if draw < 1 / _SPAN:
            if befell["resets"] < self.forecast.resets:
                befell["resets"] += 1
                return await random.choice((reset, lose))()(request, forward)
            if befell["cut answers"] < self.forecast.cuts:
                befell["cut answers"] += 1
                return await cut(random.randrange(200))(request, forward)
        if random.random() < self.forecast.throttled:
            befell["throttled requests"] += 1
            status, code = _THROTTLE_CODES.get(request.action, _OTHER)
            return await answer(status, code)(request, forward)
        places = [n for n in range(len(request.ids)) if random.random() < self.forecast.failed]
        if places:
            befell["failed entries"] += len(places)
            if request.action in PUBLISHES:
                befell["failed publishes"] += len(places)
            return await self._fail(request, places)(request, forward)
        return await forward(request)

    def _fail(self, request: Request, places: list[int]) -> Fault:
        if request.action != "PutEvents":
            return fail_entries(dict.fromkeys(places, "InternalError"))
        return fail_events({place: self.random.choice(_EVENT_CODES) for place in places})
