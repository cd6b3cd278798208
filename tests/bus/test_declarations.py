"""What cannot work is refused with the place, the value and the remedy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from eventroute import EventBus, Retry, Router, event
from eventroute.errors import ConfigurationError, DeclarationError


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"concurrency": "4"}, "concurrency='4': must be a whole number from 1"),
        ({"concurrency": True}, "concurrency=True: must be a whole number from 1"),
        ({"concurrency": 0}, "concurrency=0: must be a whole number from 1"),
        (
            {"timeout": timedelta(seconds=2)},
            r"timeout=datetime.timedelta\(seconds=2\): must be a n",
        ),
        ({"timeout": True}, "timeout=True: must be a number of seconds, over 0"),
        ({"visibility_timeout": "30"}, "visibility_timeout='30': must be a number of seconds"),
        ({"ordered_by": 3}, "ordered_by=3: must be a dotted path such as 'order_id'"),
        ({"where": [1]}, r"where=\[1\]: must be a mapping"),
        ({"where": "order_id"}, "where='order_id': must be a mapping"),
        ({"name": 3}, "the subscription's name=3: must be a string"),
    ],
)
def test_an_option_of_a_wrong_kind_is_refused(options: dict[str, Any], complaint: str) -> None:
    async def handle(order: Placed) -> None: ...

    with pytest.raises(DeclarationError, match=complaint):
        Router("r").subscribe(Placed, **options)(handle)


def test_a_class_is_no_handler() -> None:
    class Invoicing:
        def __init__(self, order: Placed) -> None: ...

    subscribe: Any = Router("r").subscribe(Placed)
    with pytest.raises(DeclarationError, match="Invoicing is a class; subscribe a function"):
        subscribe(Invoicing)


def test_a_router_has_a_name_that_is_a_string() -> None:
    name: Any = 3
    with pytest.raises(DeclarationError, match="the router's name=3: must be a string"):
        Router(name)


def test_a_backend_is_a_name_or_a_factory() -> None:
    backend: Any = None
    with pytest.raises(DeclarationError, match=r"EventBus\(None\): must be a backend's name"):
        EventBus(backend)


@pytest.mark.parametrize("option", ["grace", "publish_timeout"])
def test_a_time_of_the_bus_is_a_number(option: str) -> None:
    options: dict[str, Any] = {option: timedelta(seconds=2)}
    with pytest.raises(ConfigurationError, match=f"{option}=.*: must be seconds"):
        EventBus(**options)


def test_an_error_is_tried_again_or_dead_lettered_not_both() -> None:
    with pytest.raises(DeclarationError, match="OSError is in retry_on and in dead_letter_on"):
        Retry(retry_on=(OSError,), dead_letter_on=(OSError,))
