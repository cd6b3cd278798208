"""The laws of what waits for a request."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from eventroute.errors import EventRouteError
from eventroute_aws.waiting import State, Ticket, Waiting
from tests.aws.publish.service import Parcel

ENTRIES, BYTES = 4, 20

plain = st.lists(st.builds(Parcel, st.uuids().map(str), size=st.integers(1, 25)), max_size=40)
keyed = st.lists(
    st.builds(
        Parcel, st.uuids().map(str), size=st.integers(1, 25), key=st.sampled_from([None, *"abc"])
    ),
    max_size=40,
)


class Nobody:
    def answer(self, index: int, outcome: EventRouteError | None) -> None:
        pass


def waiting_for(parcels: list[Parcel]) -> tuple[Waiting[Parcel], list[Ticket[Parcel]]]:
    waiting: Waiting[Parcel] = Waiting(ENTRIES, BYTES)
    tickets = [Ticket(Nobody(), index, parcel, 0.0) for index, parcel in enumerate(parcels)]
    for ticket in tickets:
        waiting.add(ticket)
    return waiting, tickets


@given(plain)
def test_requests_hold_every_entry_once_in_order_and_keep_both_limits(
    parcels: list[Parcel],
) -> None:
    waiting, tickets = waiting_for(parcels)
    requests = []
    while waiting.entries:
        requests.append(waiting.take())
    assert [ticket for request in requests for ticket in request] == tickets
    for request in requests:
        assert 1 <= len(request) <= ENTRIES
        assert len(request) == 1 or sum(ticket.entry.size for ticket in request) <= BYTES


@given(plain)
def test_no_entry_is_put_off_that_would_have_fitted(parcels: list[Parcel]) -> None:
    waiting, _ = waiting_for(parcels)
    while waiting.entries:
        was_full = waiting.is_full
        request = waiting.take()
        if waiting.entries:
            size = sum(ticket.entry.size for ticket in request) + waiting.first().entry.size
            assert len(request) == ENTRIES or size > BYTES
            assert was_full


@given(keyed, st.data())
def test_a_key_is_under_way_once_and_in_order_whatever_is_answered_or_withdrawn_when(
    parcels: list[Parcel], data: st.DataObject
) -> None:
    waiting, tickets = waiting_for(parcels)
    under_way: list[Ticket[Parcel]] = []
    sent: list[Ticket[Parcel]] = []
    withdrawn: list[Ticket[Parcel]] = []
    while waiting.entries or under_way:
        acts = ["take"] * bool(waiting.entries) + ["answer"] * bool(under_way)
        left = [one for one in tickets if one.state in (State.READY, State.BEHIND)]
        act = data.draw(st.sampled_from(acts + ["withdraw"] * bool(left)))
        if act == "take":
            taken = waiting.take()
            under_way += taken
            sent += taken
        elif act == "answer":
            answered = under_way.pop(data.draw(st.integers(0, len(under_way) - 1)))
            answered.state = State.ANSWERED
            waiting.free(answered)
        else:
            withdrawn.append(data.draw(st.sampled_from(left)))
            waiting.withdraw(withdrawn[-1])
        keys = Counter(one.entry.key for one in under_way if one.entry.key is not None)
        assert all(count == 1 for count in keys.values())
    assert len({*sent, *withdrawn}) == len(sent) + len(withdrawn) == len(tickets)
    for key in "abc":
        order = [ticket.index for ticket in sent if ticket.entry.key == key]
        assert order == sorted(order)
