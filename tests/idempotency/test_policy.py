"""Which events count as the same."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from pydantic import BaseModel

from eventroute import Delivery, Event, Router, as_event, event
from eventroute.errors import DeclarationError
from eventroute.idempotency import Idempotency, Key
from eventroute.port import REPLAYED


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: object = "7"
    customer: dict[str, str] = {}


@event("shop", "Paid")
class Paid(BaseModel):
    order_id: object = "7"


def key_of(policy: Idempotency, made: Event, **headers: str) -> Key:
    return policy.key_of(Delivery("r.handle", made.to_json(), 1, 0.0, 1, headers))


def test_by_default_an_event_is_its_id() -> None:
    policy = Idempotency()
    one = as_event(Placed(), id="1")
    assert key_of(policy, one) == key_of(policy, one)
    assert key_of(policy, one) != key_of(policy, as_event(Placed(), id="2"))


def test_the_same_id_of_another_type_is_another_event() -> None:
    policy = Idempotency()
    assert key_of(policy, as_event(Placed(), id="1")) != key_of(policy, as_event(Paid(), id="1"))


def test_a_path_names_the_member_that_counts() -> None:
    policy = Idempotency(key="customer.name")
    ann = as_event(Placed(customer={"name": "Ann"}))
    assert key_of(policy, ann) == key_of(policy, as_event(Placed(customer={"name": "Ann"})))
    assert key_of(policy, ann) != key_of(policy, as_event(Placed(customer={"name": "Bob"})))


def test_a_number_and_its_text_are_different() -> None:
    policy = Idempotency(key="order_id")
    assert key_of(policy, as_event(Placed(order_id=7))) != key_of(policy, as_event(Placed()))


@pytest.mark.parametrize("path", ["customer.name", "customer.name.first", "order_id.x"])
def test_an_event_that_lacks_the_member_goes_by_its_id(path: str) -> None:
    policy = Idempotency(key=path)
    assert key_of(policy, as_event(Placed(), id="1")) == key_of(
        Idempotency(), as_event(Placed(), id="1")
    )
    assert key_of(policy, as_event(Placed())) != key_of(policy, as_event(Placed()))


def test_a_null_counts_as_missing() -> None:
    policy = Idempotency(key="order_id")
    assert key_of(policy, as_event(Placed(order_id=None))) != key_of(
        policy, as_event(Placed(order_id=None))
    )


def test_a_function_of_the_event_decides() -> None:
    policy = Idempotency(key=lambda event: event.source)
    assert key_of(policy, as_event(Placed())) == key_of(policy, as_event(Paid()))


def test_a_function_that_gives_no_text_is_named() -> None:
    broken: Any = {"1": None}.get
    with pytest.raises(DeclarationError, match="the function gave None for the event 1"):
        key_of(Idempotency(key=lambda event: broken(event.id)), as_event(Placed(), id="1"))


def test_long_keys_are_short_and_still_different() -> None:
    policy = Idempotency(key="order_id")
    keys = {key_of(policy, as_event(Placed(order_id="é" * 5_000 + end))).value for end in "ab"}
    assert len(keys) == 2
    assert all(len(key) <= 256 and key.isascii() for key in keys)


def test_a_replayed_event_is_the_same_event() -> None:
    made = as_event(Placed())
    replayed = {REPLAYED: "2026-01-01T00:00:00Z"}
    assert key_of(Idempotency(), made, **replayed) == key_of(Idempotency(), made)


def test_a_policy_may_accept_each_replay_once() -> None:
    policy = Idempotency(accept_replayed=True)
    made = as_event(Placed())
    first, second = ({REPLAYED: f"2026-01-0{day}T00:00:00Z"} for day in (1, 2))
    assert len({key_of(policy, made), key_of(policy, made, **first)}) == 2
    assert key_of(policy, made, **first) == key_of(policy, made, **first)
    assert key_of(policy, made, **first) != key_of(policy, made, **second)


@pytest.mark.parametrize("window", [0, -1, inf, True, "a day"])
def test_a_window_is_seconds(window: float) -> None:
    with pytest.raises(DeclarationError, match="must be seconds over 0"):
        Idempotency(window=window)


@pytest.mark.parametrize("key", ["", "a..b", 3])
def test_a_key_that_is_neither_path_nor_function_is_refused(key: str) -> None:
    with pytest.raises(DeclarationError, match="must be a dotted path"):
        Idempotency(key=key)


def test_a_store_that_is_none_is_refused() -> None:
    store: Any = "redis"
    with pytest.raises(DeclarationError, match="is no IdempotencyStore"):
        Idempotency(store=store)


def test_a_path_that_the_event_type_lacks_is_refused_at_declaration() -> None:
    with pytest.raises(DeclarationError, match="Placed has no member 'order'"):
        Router("r").subscribe(Placed, idempotent=Idempotency(key="order.id"))


def test_only_true_and_a_policy_make_a_subscription_idempotent() -> None:
    wrong: Any = "order_id"
    with pytest.raises(DeclarationError, match="write idempotent=True or"):
        Router("r").subscribe(Placed, idempotent=wrong)
