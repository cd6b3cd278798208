"""How long a lease lasts, and which attempt it is."""

from __future__ import annotations

import pytest

from eventroute.errors import LeaseLostError
from eventroute_aws.layout import Queue
from eventroute_aws.queues.message import Message
from eventroute_aws.queues.receipts import Delays, Lease, Uncounted, begin_of_lease, live_lease

QUEUE = Queue("q", "https://q", "https://q-dead", 30)


def message(receives: int = 1, name: str = "m") -> Message:
    return Message(name, "handle", "{}", {}, receives, None, None)


def lease(received: float = 100.0, ends: float = 130.0) -> Lease:
    return Lease(QUEUE, message(), received, ends)


def test_a_long_poll_answers_when_the_lease_begins() -> None:
    assert begin_of_lease(100.0, 104.0, 5, 30.0) == 103.0


def test_a_lease_does_not_begin_before_it_was_asked_for() -> None:
    assert begin_of_lease(100.0, 100.01, 5, 30.0) == 100.0


def test_a_short_lease_is_not_over_before_it_is_known() -> None:
    assert begin_of_lease(100.0, 104.0, 5, 1.0) == pytest.approx(103.9)


def test_an_answer_that_was_read_late_may_be_as_old_as_its_request() -> None:
    assert begin_of_lease(100.0, 120.0, 5, 30.0) == 100.0


def test_a_live_lease_may_be_settled() -> None:
    one = lease()
    assert live_lease(one, "it", 129.9) is one


@pytest.mark.parametrize("receipt", [None, 7, lease(ends=100.0)])
def test_what_is_no_live_lease_may_not(receipt: object) -> None:
    with pytest.raises(LeaseLostError, match="it has ended"):
        live_lease(receipt, "it", 110.0)


def test_a_lease_of_twelve_hours_ends_for_another_reason() -> None:
    with pytest.raises(LeaseLostError, match="12 hours"):
        live_lease(lease(ends=43_299.0), "it", 43_299.5)


@pytest.mark.parametrize(
    ("seconds", "passed", "hidden"),
    [
        (0, 0, 0),
        (-1, 0, 0),
        (0.1, 0, 1),
        (30, 0, 30),
        (30.001, 0, 31),
        (43_200, 0, 43_199),
        (43_200, 1_000, 42_199),
        (60, 43_180, 19),
        (60, 43_199.5, 0),
        (60, 50_000, 0),
    ],
)
def test_sqs_hides_a_message_for_twelve_hours_from_its_receive_on(
    seconds: float, passed: float, hidden: int
) -> None:
    assert lease(received=100.0).hidden_for(seconds, 100.0 + passed) == hidden


def test_a_receive_that_was_no_attempt_does_not_count() -> None:
    uncounted = Uncounted()
    uncounted.add("m")
    uncounted.add("m")
    assert uncounted.attempt(message(receives=5)) == 3
    assert uncounted.attempt(message(receives=5, name="other")) == 5


def test_the_first_attempt_is_never_less_than_the_first() -> None:
    uncounted = Uncounted()
    uncounted.add("m")
    assert uncounted.attempt(message(receives=1)) == 1


def test_a_message_that_left_is_forgotten() -> None:
    uncounted = Uncounted()
    uncounted.add("m")
    uncounted.forget("m")
    assert uncounted.attempt(message(receives=2)) == 2


def test_only_so_many_messages_are_remembered() -> None:
    uncounted = Uncounted()
    for number in range(10_001):
        uncounted.add(str(number))
    assert uncounted.attempt(message(receives=2, name="0")) == 2
    assert uncounted.attempt(message(receives=2, name="10000")) == 1


def test_what_was_released_with_a_delay_is_counted_until_it_comes_back() -> None:
    delays = Delays()
    for due in (110.0, 120.0, 105.0):
        delays.add("https://q", due, 100.0)
    counts = [delays.count("https://q", now) for now in (100.0, 105.0, 119.0, 120.0)]
    assert counts == [3, 2, 1, 0]
    assert delays.count("https://other", 100.0) == 0
