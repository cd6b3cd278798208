"""When a queue is asked, and who is told."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest

from eventroute.clock import SystemClock
from eventroute.errors import AdapterError, EventRouteError, NotOpenError
from eventroute.port import Delivery
from eventroute_aws.queues.poller import Poller
from tests.aws.consume.station import until


class Line:
    """A queue that answers as the test says, and waits as it is asked to.

    :ivar asked: the seconds of each question.
    :ivar back: what was given back, in order.
    """

    def __init__(self, *, waits: bool = True) -> None:
        self.asked: list[int] = []
        self.back: list[int] = []
        self.errors: list[EventRouteError] = []
        self._waits = waits
        self._held: list[Delivery] = []
        self._arrival = anyio.Event()

    def put(self, *numbers: int, lease: float = 30.0) -> None:
        ends = SystemClock().now() + lease
        self._held += [Delivery("q", b"{}", 1, ends, number) for number in numbers]
        arrival, self._arrival = self._arrival, anyio.Event()
        arrival.set()

    async def ask(
        self, limit: int, seconds: int
    ) -> tuple[Sequence[Delivery], EventRouteError | None]:
        self.asked.append(seconds)
        if self.errors:
            return (), self.errors.pop()
        if not self._held and self._waits:
            with anyio.move_on_after(seconds):
                await self._arrival.wait()
        taken, self._held = self._held[:limit], self._held[limit:]
        return taken, None

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        self.back += [_number(one) for one in deliveries]


def _number(delivery: Delivery) -> int:
    assert isinstance(delivery.receipt, int)
    return delivery.receipt


def poller(line: Line, poll_wait: int = 20) -> Poller:
    return Poller(line.ask, line.give_back, SystemClock(), poll_wait)


def closed() -> EventRouteError:
    return NotOpenError("closed")


async def start(one: Poller, line: Line, limit: int = 10, wait: float = 20.0) -> None:
    """Begin to receive, and be cancelled."""
    async with anyio.create_task_group() as group:
        group.start_soon(one.receive, limit, wait)
        await until(lambda: line.asked)
        group.cancel_scope.cancel()


async def test_an_endpoint_that_does_not_wait_is_not_asked_in_a_hurry() -> None:
    line = Line(waits=False)
    assert list(await poller(line).receive(10, 1.0)) == []
    assert len(line.asked) <= 6


async def test_short_polls_are_not_made_in_a_hurry() -> None:
    line = Line()
    assert list(await poller(line, poll_wait=0).receive(10, 1.0)) == []
    assert set(line.asked) == {0}
    assert 2 <= len(line.asked) <= 6


@pytest.mark.parametrize(
    ("wait", "poll_wait", "seconds"),
    [(20, 5, 5), (3, 20, 3), (2.9, 20, 3), (2.5, 20, 2), (0, 5, 0)],
)
async def test_a_poll_waits_no_longer_than_its_receive(
    wait: float, poll_wait: int, seconds: int
) -> None:
    line = Line()
    line.put(1)
    await poller(line, poll_wait).receive(10, wait)
    assert line.asked == [seconds]


async def test_no_more_than_ten_are_asked_for() -> None:
    line = Line()
    line.put(*range(30))
    assert len(await poller(line).receive(100, 1)) == 10


async def test_what_is_more_than_was_asked_for_waits_for_the_next_receive() -> None:
    line = Line()
    one = poller(line)
    await start(one, line)
    line.put(1, 2, 3)
    assert [_number(each) for each in await one.receive(2, 20)] == [1, 2]
    assert [_number(each) for each in await one.receive(2, 20)] == [3]
    assert len(line.asked) == 1


async def test_a_receive_that_does_not_wait_asks_beside_the_poll_under_way() -> None:
    line = Line()
    one = poller(line)
    await start(one, line)
    assert list(await one.receive(1, 0)) == []
    assert line.asked == [20, 0]
    line.put(1)
    await one.close(closed, 5)


async def test_an_error_is_told_once_and_the_next_receive_asks_again() -> None:
    line = Line()
    line.errors = [AdapterError("busy")]
    one = poller(line)
    with pytest.raises(AdapterError, match="busy"):
        await one.receive(1, 20)
    line.put(7)
    assert [_number(each) for each in await one.receive(1, 20)] == [7]


async def test_of_two_who_wait_one_is_told_of_the_error() -> None:
    line, told, got = Line(), list[str](), list[int]()
    line.errors = [AdapterError("busy")]
    one = poller(line)

    async def receive() -> None:
        try:
            got.extend(_number(each) for each in await one.receive(1, 20))
        except AdapterError as error:
            told.append(str(error))

    async with anyio.create_task_group() as group:
        group.start_soon(receive)
        group.start_soon(receive)
        await until(lambda: told)
        line.put(7)
    assert (told, got) == (["busy"], [7])


async def test_a_question_that_breaks_is_an_error_and_no_silence() -> None:
    async def ask(limit: int, seconds: int) -> tuple[Sequence[Delivery], EventRouteError | None]:
        raise KeyError("broken")

    one = Poller(ask, Line().give_back, SystemClock(), 5)
    with pytest.raises(KeyError, match="broken"):
        await one.receive(1, 20)


async def test_what_nobody_takes_goes_back_the_last_one_first() -> None:
    line = Line()
    one = poller(line)
    await start(one, line)
    line.put(1, 2, 3, lease=0.2)
    await until(lambda: line.back)
    assert line.back == [3, 2, 1]


async def test_what_was_kept_goes_back_at_the_end() -> None:
    line = Line()
    one = poller(line)
    await start(one, line)
    line.put(1, 2)
    await one.close(closed, 5)
    assert line.back == [2, 1]
    with pytest.raises(NotOpenError):
        await one.receive(1, 0)


async def test_a_poll_that_does_not_end_is_ended_at_last() -> None:
    line = Line()
    one = poller(line)
    await start(one, line)
    await one.close(closed, 0.05)
    assert not polls()


async def test_nothing_runs_after_the_end() -> None:
    line = Line()
    one = poller(line)
    line.put(1, 2)
    await one.receive(1, 1)
    await one.close(closed, 5)
    assert not polls()


def polls() -> list[str]:
    names = [task.name or "" for task in anyio.get_running_tasks()]
    return [name for name in names if name.startswith("eventroute")]
