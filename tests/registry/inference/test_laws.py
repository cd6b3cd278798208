"""What holds of every inference, whatever the events."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eventroute.registry.contract import Contract, schema_text

from .kit import TOPIC, TYPE, details, inferred, refused

Details = list[dict[str, Any]]


@settings(max_examples=40)
@given(details)
def test_every_event_that_was_added_fits_what_was_inferred(seen: Details) -> None:
    assert refused(inferred(seen), seen) == []


@settings(max_examples=40)
@given(details, st.integers(0, 8))
def test_so_it_does_where_there_is_hardly_room_for_any_member(seen: Details, room: int) -> None:
    assert refused(inferred(seen, max_places=room), seen) == []


@settings(max_examples=40)
@given(details, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(seen: Details, random: Random) -> None:
    shuffled = random.sample(seen, len(seen))
    assert inferred(shuffled) == inferred(seen)
    once, again = (inferred(some).schema(TOPIC, TYPE) for some in (seen, shuffled))
    texts = {schema_text(Contract(TOPIC, TYPE, 1, schema)) for schema in (once, again)}
    assert len(texts) == 1


@settings(max_examples=40)
@given(details, details)
def test_two_halves_merged_are_the_whole(one: Details, other: Details) -> None:
    assert inferred(one) | inferred(other) == inferred([*one, *other])


@settings(max_examples=40)
@given(details, details, details)
def test_it_does_not_matter_what_is_merged_first(
    one: Details, two: Details, three: Details
) -> None:
    a, b, c = map(inferred, (one, two, three))
    assert (a | b) | c == a | (b | c)


@settings(max_examples=40)
@given(details, details, st.integers(0, 8))
def test_what_was_merged_accepts_both_halves_even_without_room(
    one: Details, other: Details, room: int
) -> None:
    both = inferred(one, max_places=room) | inferred(other, max_places=room)
    assert refused(both, [*one, *other]) == []


@settings(max_examples=40)
@given(details, details)
def test_merging_leaves_what_is_merged_as_it_was(one: Details, other: Details) -> None:
    theirs = inferred(other)
    mine = inferred(one)
    mine.merge(theirs)
    mine.merge(inferred(one))
    assert theirs == inferred(other)


@settings(max_examples=40)
@given(details, details)
def test_an_inference_can_be_continued_after_a_merge(one: Details, other: Details) -> None:
    mine = inferred([])
    mine.merge(inferred(one))
    for detail in other:
        mine.add_detail(TOPIC, TYPE, detail)
    assert mine == inferred([*one, *other])
