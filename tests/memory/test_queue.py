from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from eventroute.port import NO_HEADERS
from eventroute_memory.queue import Message, Queue


def queue_with(*keys: str | None) -> Queue:
    queue = Queue("q")
    for number, key in enumerate(keys):
        queue.put(Message(str(number).encode(), key, NO_HEADERS, 0))
    return queue


def bodies(queue: Queue, limit: int = 10, now: float = 0) -> list[bytes]:
    return [lease.message.body for _, lease in queue.take(limit, now, 30)]


def test_messages_leave_in_the_order_they_came() -> None:
    assert bodies(queue_with(None, None, None)) == [b"0", b"1", b"2"]


def test_no_more_than_the_limit_is_taken() -> None:
    assert bodies(queue_with(None, None, None), limit=2) == [b"0", b"1"]


def test_of_one_key_only_the_first_is_taken() -> None:
    assert bodies(queue_with("a", "a", "b", None)) == [b"0", b"2", b"3"]


def by_first_digit(body: bytes) -> str:
    return chr(body[0])


def queue_of(*bodies: bytes) -> Queue:
    queue = Queue("q")
    for body in bodies:
        queue.put(Message(body, None, NO_HEADERS, 0))
    return queue


def test_new_keys_order_what_waits_as_it_came_whatever_became_of_it_since() -> None:
    queue = queue_of(b"a1", b"a2", b"b1", b"a3")
    ((first, _), (second, _)) = queue.take(2, 0, 30)
    queue.release(second, 0, 0)
    queue.release(first, 5, 0)
    queue.rekey(by_first_digit)
    assert bodies(queue, now=4) == [b"b1"], "a2 waits for a1, which waits for its delay"
    ((number, lease),) = queue.take(10, 5, 30)
    assert lease.message.body == b"a1"
    queue.remove(number)
    assert bodies(queue, now=5) == [b"a2"]


def test_of_the_leases_of_a_new_key_one_goes_on() -> None:
    queue = queue_of(b"a1", b"a2", b"b1")
    (a1, a2, b1) = (number for number, _ in queue.take(3, 0, 30))
    queue.rekey(by_first_digit)
    assert [queue.lease(one, 0) is not None for one in (a1, a2, b1)] == [True, False, True]
    assert bodies(queue) == []
    assert queue.remove(a1)
    assert bodies(queue) == [b"a2"]
    assert queue.size == 2


def test_without_keys_all_that_waits_is_ready_in_its_order() -> None:
    queue = queue_with("a", "a", "b", "a")
    queue.rekey(lambda _: None)
    assert bodies(queue) == [b"0", b"1", b"2", b"3"]


def test_what_is_scheduled_gets_its_new_key_too() -> None:
    queue = queue_of(b"a1")
    queue.schedule(Message(b"a2", None, NO_HEADERS, 5), 5)
    queue.rekey(by_first_digit)
    assert bodies(queue, now=6) == [b"a1"]


def test_removing_the_first_of_a_key_readies_the_next() -> None:
    queue = queue_with("a", "a")
    ((number, _),) = queue.take(10, 0, 30)
    assert queue.remove(number)
    assert bodies(queue) == [b"1"]


def test_a_released_message_comes_back_when_it_is_due() -> None:
    queue = queue_with(None)
    ((number, _),) = queue.take(1, 0, 30)
    queue.release(number, due=5, now=0)
    assert queue.next_change() == 5
    assert bodies(queue, now=4.9) == []
    assert bodies(queue, now=5) == [b"0"]


def test_a_released_message_still_blocks_its_key() -> None:
    queue = queue_with("a", "a")
    ((number, _),) = queue.take(1, 0, 30)
    queue.release(number, due=5, now=0)
    assert bodies(queue, now=1) == []
    assert bodies(queue, now=5) == [b"0"]


def test_an_ended_lease_gives_the_message_back() -> None:
    queue = queue_with(None)
    ((number, _),) = queue.take(1, 0, 30)
    assert queue.lease(number, 29) is not None
    assert queue.lease(number, 30) is None
    assert bodies(queue, now=30) == [b"0"]


def test_an_extended_lease_ends_later() -> None:
    queue = queue_with(None)
    ((number, _),) = queue.take(1, 0, 30)
    queue.extend(number, 50)
    assert queue.lease(number, 49) is not None
    assert bodies(queue, now=50) == [b"0"]


def test_each_taking_counts_an_attempt() -> None:
    queue = queue_with(None)
    attempts: list[int] = []
    for now in (0, 30, 60):
        ((_, lease),) = queue.take(1, now, 30)
        attempts.append(lease.message.attempts)
    assert attempts == [1, 2, 3]


def test_the_depth_counts_by_state() -> None:
    queue = queue_with("a", "a", None, None)
    taken = queue.take(2, 0, 30)
    queue.release(taken[1][0], due=7, now=0)
    depth = queue.depth(0)
    assert (depth.ready, depth.delayed, depth.in_flight, depth.outstanding) == (1, 2, 1, 4)
    assert depth.next_due == 7


def test_a_message_whose_time_has_come_is_before_what_is_put_later() -> None:
    queue = Queue("q")
    queue.schedule(Message(b"0", "a", NO_HEADERS, 5), due=5)
    assert queue.put(Message(b"1", "a", NO_HEADERS, 5))
    ((number, _),) = queue.take(10, 6, 30)
    queue.remove(number)
    assert bodies(queue, now=6) == [b"1"]


class QueueMachine(RuleBasedStateMachine):
    """Whatever happens, nothing is lost, doubled, or out of its key's order."""

    @initialize()
    def begin(self) -> None:
        self.queue = Queue("q")
        self.now = 0.0
        self.waiting: dict[bytes, str | None] = {}
        self.held: dict[int, bytes] = {}
        self.number = 0

    @rule(key=st.sampled_from([None, "a", "b"]))
    def put(self, key: str | None) -> None:
        body = str(self.number).encode()
        self.number += 1
        self.waiting[body] = key
        self.queue.put(Message(body, key, NO_HEADERS, 0))

    @rule(limit=st.integers(1, 3))
    def take(self, limit: int) -> None:
        for number, lease in self.queue.take(limit, self.now, 10):
            message = lease.message
            assert message.body not in self.held.values()
            if message.key is not None:
                first = next(b for b, key in self.waiting.items() if key == message.key)
                assert message.body == first
            self.held[number] = message.body

    @precondition(lambda self: self.held)
    @rule(data=st.data(), delay=st.sampled_from([None, 0.0, 5.0]))
    def settle(self, data: st.DataObject, delay: float | None) -> None:
        number = data.draw(st.sampled_from(sorted(self.held)))
        body = self.held.pop(number)
        if self.queue.lease(number, self.now) is None:
            return
        if delay is None:
            del self.waiting[body]
            self.queue.remove(number)
        else:
            self.queue.release(number, self.now + delay, self.now)

    @rule(seconds=st.sampled_from([1.0, 6.0, 20.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.held = {n: b for n, b in self.held.items() if self.queue.lease(n, self.now)}

    @invariant()
    def nothing_is_lost(self) -> None:
        assert self.queue.size == len(self.waiting)
        assert self.queue.depth(self.now).in_flight == len(self.held)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
