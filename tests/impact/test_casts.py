"""Casts between versions make good what is not compatible, where they do."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from eventroute import Router, downcast, event, upcast
from eventroute.impact import Severity, impact, review
from eventroute.registry import as_contract

from .kit import TOPIC, only

if TYPE_CHECKING:
    from eventroute.impact import Review, Reviewed


class Versions:
    """Two versions of an event type, neither of which reads the other."""

    def __init__(self) -> None:
        @event(TOPIC, "OrderPlaced", version=1)
        class First(BaseModel):
            order_id: str
            total: Decimal

        @event(TOPIC, "OrderPlaced", version=2)
        class Second(BaseModel):
            number: str
            country: str

        self.first: type[BaseModel] = First
        self.second: type[BaseModel] = Second

    def cast_up(self) -> None:
        first, second = self.first, self.second

        @upcast
        def renamed(old: first) -> second:  # type: ignore[valid-type]  # models are parameters
            return second(number=old.order_id, country="KR")  # type: ignore[attr-defined]  # as above

    def cast_up_wrongly(self) -> None:
        first, second = self.first, self.second

        @upcast
        def broken(old: first) -> second:  # type: ignore[valid-type]  # models are parameters
            raise ValueError("no country is known")

    def cast_down(self) -> None:
        first, second = self.first, self.second

        @downcast
        def reverted(new: second) -> first:  # type: ignore[valid-type]  # models are parameters
            return first(order_id=new.number, total=Decimal(0))  # type: ignore[attr-defined]  # as above

    def reading(self, model: type[BaseModel]) -> Router:
        router = Router("billing")

        @router.subscribe(model)
        def invoice(order: model) -> None:  # type: ignore[valid-type]  # the model is a parameter
            """Never called."""

        return router


def only_second(found: Review) -> Reviewed:
    (entry,) = (one for one in found.entries if one.version == 2)
    return entry


@pytest.fixture
def versions() -> Versions:
    return Versions()


def test_a_handler_of_the_first_version_breaks_without_a_downcast(versions: Versions) -> None:
    handlers = versions.reading(versions.first).subscribers
    effect = only(impact(versions.first, versions.second, handlers))
    assert (effect.kind, effect.severity) == ("refuses-new", Severity.BREAKS)


def test_a_downcast_gives_it_what_it_reads(versions: Versions) -> None:
    versions.cast_down()
    handlers = versions.reading(versions.first).subscribers
    found = impact(versions.first, versions.second, handlers)
    assert found.unaffected == ("billing.invoice",)


def test_a_handler_of_the_second_version_is_warned_of_without_an_upcast(
    versions: Versions,
) -> None:
    handlers = versions.reading(versions.second).subscribers
    effect = only(impact(versions.first, versions.second, handlers))
    assert (effect.kind, effect.severity) == ("refuses-earlier", Severity.WARNS)


def test_an_upcast_gives_it_what_it_reads(versions: Versions) -> None:
    versions.cast_up()
    handlers = versions.reading(versions.second).subscribers
    found = impact(versions.first, versions.second, handlers)
    assert found.unaffected == ("billing.invoice",)


def test_a_cast_that_fails_is_named(versions: Versions) -> None:
    versions.cast_up_wrongly()
    handlers = versions.reading(versions.second).subscribers
    effect = only(impact(versions.first, versions.second, handlers))
    told = "broken (version 1 to 2) fails: it raises ValueError: no country is known"
    assert told in effect.reason


def test_an_incompatible_version_that_an_upcast_bridges_breaks_nothing(versions: Versions) -> None:
    versions.cast_up()
    found = review([versions.first, versions.second], [as_contract(versions.first)])
    entry = found.entries[1]
    assert (entry.bridged, entry.breaks, found.breaks) == (True, False, 0)


def test_it_breaks_where_the_cast_fails_on_the_event_that_shows_it(versions: Versions) -> None:
    versions.cast_up_wrongly()
    found = review([versions.first, versions.second], [as_contract(versions.first)])
    assert (found.entries[1].bridged, found.breaks) == (False, 1)


def test_both_directions_need_a_cast_where_both_are_asked_for(versions: Versions) -> None:
    versions.cast_up()
    declared, registered = [versions.first, versions.second], [as_contract(versions.first)]
    assert review(declared, registered, mode="FORWARD").breaks == 1
    assert review(declared, registered, mode="FULL").breaks == 1
    versions.cast_down()
    assert review(declared, registered, mode="FORWARD").breaks == 0
    assert review(declared, registered, mode="FULL").breaks == 0


def test_the_direction_that_no_cast_bridges_is_the_one_that_is_shown(versions: Versions) -> None:
    versions.cast_up()
    declared, registered = [versions.second], [as_contract(versions.first)]
    (_, entry) = review([*declared, versions.first], registered, mode="FULL").entries
    assert entry.judged is not None
    assert (entry.judged.direction, entry.broken_version) == ("FORWARD", 1)
    witness: Any = entry.judged.witness
    assert "number" in witness
    assert entry.cast_wanted == "downcast"


def test_a_cast_is_wanted_where_none_leads_from_the_version_before(versions: Versions) -> None:
    declared, registered = [versions.second], [as_contract(versions.first)]
    assert only_second(review(declared, registered)).cast_wanted == "upcast"


def test_no_cast_is_wanted_where_one_is_declared_that_fails(versions: Versions) -> None:
    versions.cast_up_wrongly()
    declared, registered = [versions.second], [as_contract(versions.first)]
    assert only_second(review(declared, registered)).cast_wanted is None


def test_it_says_how_a_declared_cast_fails(versions: Versions) -> None:
    versions.cast_up_wrongly()
    declared, registered = [versions.second, versions.first], [as_contract(versions.first)]
    told = only_second(review(declared, registered)).cast_failure
    assert told.startswith("the upcast ")
    assert told.endswith("broken (version 1 to 2) fails: it raises ValueError: no country is known")


def test_where_casts_carry_the_event_none_is_said_to_fail(versions: Versions) -> None:
    versions.cast_up()
    declared, registered = [versions.second, versions.first], [as_contract(versions.first)]
    assert only_second(review(declared, registered)).cast_failure == ""


def test_a_handler_that_a_downcast_would_serve_says_so(versions: Versions) -> None:
    versions.cast_up()
    handlers = versions.reading(versions.first).subscribers
    effect = only(impact(versions.first, versions.second, handlers))
    assert effect.remedy == "declare a @downcast from version 2 to version 1"


def test_a_downcast_that_fails_is_not_asked_for_again(versions: Versions) -> None:
    first, second = versions.first, versions.second

    @downcast
    def broken(new: second) -> first:  # type: ignore[valid-type]  # models are parameters
        raise ValueError("there is no total")

    effect = only(impact(first, second, versions.reading(first).subscribers))
    assert (effect.kind, effect.remedy) == ("refuses-new", "")


def test_no_cast_is_wanted_of_contracts_without_models(versions: Versions) -> None:
    one, two = as_contract(versions.first), as_contract(versions.second)
    assert only_second(review([two], [one])).cast_wanted is None


def test_a_changed_schema_is_bridged_by_nothing(versions: Versions) -> None:
    versions.cast_up()
    changed = as_contract(versions.second)
    other = type(changed)(changed.topic, changed.type, 2, {"type": "object"})
    found = review([versions.first, versions.second], [as_contract(versions.first), other])
    assert (found.entries[1].bridged, found.breaks) == (False, 1)
