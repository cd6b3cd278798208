"""Which handlers would refuse the events of a changed contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from eventroute import Event, Router, event
from eventroute.errors import ContractError
from eventroute.impact import Effect, Severity, impact, review
from eventroute.registry import Contract, as_contract

from .kit import NUMBER, TEXT, TOPIC, change, contract, fields, only


@event(TOPIC, "OrderPlaced", version=1)
class Placed(BaseModel):
    order_id: str
    total: Decimal


def reading(model: type[BaseModel], where: dict[str, Any] | None = None) -> Router:
    router = Router("billing")

    @router.subscribe(model, where=where)
    def invoice(order: model) -> None:  # type: ignore[valid-type]  # the model is a parameter
        """Never called."""

    return router


PLACED = fields("order_id", "total", order_id=TEXT, total=NUMBER)


def refused(model: type[BaseModel], effect: Effect) -> None:
    """The witness is what the model refuses."""
    with pytest.raises(ValidationError):
        model.model_validate(effect.witness)


def test_a_member_that_the_handler_requires_and_the_contract_no_longer_does_breaks_it() -> None:
    effect = only(change(PLACED, fields("order_id", order_id=TEXT, total=NUMBER), reading(Placed)))
    assert (effect.kind, effect.severity) == ("refuses-new", Severity.BREAKS)
    assert effect.reason == "Placed refuses what the contract allows now: /total: Field required"
    assert effect.schema_pointer == "/properties/total"
    assert "total" not in (effect.witness or {"total": 0})
    refused(Placed, effect)


def test_a_member_of_another_type_breaks_the_handler() -> None:
    new = fields("order_id", "total", order_id=TEXT, total={"type": "boolean"})
    effect = only(change(PLACED, new, reading(Placed)))
    assert effect.kind == "refuses-new"
    refused(Placed, effect)


def test_text_in_the_place_of_a_number_breaks_the_handler_though_some_text_is_a_number() -> None:
    new = fields("order_id", "total", order_id=TEXT, total=TEXT)
    effect = only(change(PLACED, new, reading(Placed)))
    assert effect.kind == "refuses-new"
    refused(Placed, effect)


def test_what_the_model_reads_though_its_schema_does_not_say_so_is_left_open() -> None:
    @event(TOPIC, "OrderPlaced")
    class Counted(BaseModel):
        count: int

    old = fields("count", count={"type": "integer"})
    new = fields("count", count={"anyOf": [{"type": "integer"}, {"const": "7"}]})
    effect = only(change(old, new, reading(Counted)))
    assert (effect.kind, effect.severity) == ("unproven", Severity.WARNS)
    told = "it is not known whether Counted reads every event: "
    assert effect.reason.startswith(f"{told}by its schema it does not, at /properties/count")
    assert effect.reason.endswith(", and no event was found that it refuses")


def test_a_handler_that_ignores_what_is_new_is_unaffected() -> None:
    new = fields("order_id", "total", "note", order_id=TEXT, total=NUMBER, note=TEXT)
    assert change(PLACED, new, reading(Placed)).unaffected == ("billing.invoice",)


def test_a_handler_that_forbids_other_members_refuses_a_new_one() -> None:
    @event(TOPIC, "OrderPlaced")
    class Closed(BaseModel, extra="forbid"):
        order_id: str

    closed = {"additionalProperties": False}
    old = {**fields("order_id", order_id=TEXT), **closed}
    new = {**fields("order_id", order_id=TEXT, note=TEXT), **closed}
    effect = only(change(old, new, reading(Closed)))
    assert "Extra inputs are not permitted" in effect.reason
    refused(Closed, effect)


def test_what_was_refused_before_is_not_blamed_on_the_change() -> None:
    @event(TOPIC, "OrderPlaced")
    class Strict(BaseModel):
        order_id: str

        @field_validator("order_id")
        @classmethod
        def check(cls, value: str) -> str:
            raise ValueError(f"a {type(value).__name__} is never right")

    new = fields("order_id", "total", order_id=TEXT, total=NUMBER, note=TEXT)
    old = fields("order_id", order_id=TEXT)
    assert change(old, new, reading(Strict)).unaffected == ("billing.invoice",)


def test_what_was_refused_before_is_not_blamed_on_a_change_elsewhere() -> None:
    @event(TOPIC, "OrderPlaced")
    class Strict(BaseModel):
        order_id: str

        @field_validator("order_id")
        @classmethod
        def check(cls, value: str) -> str:
            raise ValueError(f"a {type(value).__name__} is never right")

    old = fields("order_id", "country", order_id=TEXT, country={"enum": ["KR"]})
    new = fields("order_id", "country", order_id=TEXT, country={"enum": ["KR", "JP"]})
    assert change(old, new, reading(Strict)).unaffected == ("billing.invoice",)


def test_a_validator_in_python_counts_as_any_other_refusal() -> None:
    @event(TOPIC, "OrderPlaced")
    class Strict(BaseModel):
        country: str

        @field_validator("country")
        @classmethod
        def check(cls, value: str) -> str:
            if value not in ("KR", "JP"):
                raise ValueError("no such country")
            return value

    old = fields("country", country={"enum": ["KR", "JP"]})
    new = fields("country", country={"enum": ["KR", "JP", "US"]})
    effect = only(change(old, new, reading(Strict)))
    assert effect.witness == {"country": "US"}


def test_a_format_that_is_gone_breaks_the_handler_that_reads_by_it() -> None:
    @event(TOPIC, "OrderPlaced")
    class Timed(BaseModel):
        at: datetime

    old = fields("at", at={"type": "string", "format": "date-time"})
    effect = only(change(old, fields("at", at=TEXT), reading(Timed)))
    assert effect.kind == "refuses-new"
    refused(Timed, effect)


def test_a_validator_that_fails_in_its_own_way_refuses_the_event() -> None:
    @event(TOPIC, "OrderPlaced")
    class Buggy(BaseModel):
        country: str

        @field_validator("country")
        @classmethod
        def check(cls, value: str) -> str:
            return {"KR": "Korea"}[value]

    old = fields("country", country={"const": "KR"})
    new = fields("country", country={"enum": ["KR", "US"]})
    effect = only(change(old, new, reading(Buggy)))
    assert effect.reason.endswith("it raises KeyError")


def test_an_event_that_the_rule_keeps_away_breaks_no_handler() -> None:
    @event(TOPIC, "OrderPlaced")
    class Korean(BaseModel):
        country: Literal["KR"]
        total: Decimal

    country = {"enum": ["KR", "JP"]}
    old = fields("country", "total", country={"const": "KR"}, total=NUMBER)
    new = fields("country", "total", country=country, total=NUMBER)
    found = change(old, new, reading(Korean, {"country": ["KR"]}))
    assert [effect.kind for effect in found.effects if effect.severity is Severity.BREAKS] == []


def test_a_witness_passes_the_rule_of_the_subscription() -> None:
    new = fields("order_id", order_id=TEXT, total=NUMBER, country=TEXT)
    router = Router("billing")

    @router.subscribe({"source": [TOPIC], "detail": {"country": [{"prefix": "K"}], "vip": [True]}})
    def invoice(order: Placed) -> None: ...

    effect = only(change(PLACED, new, router))
    assert effect.kind == "refuses-new"
    (subscriber,) = router.subscribers
    sent = Event(TOPIC, "OrderPlaced", dict(effect.witness or {}))
    assert subscriber.subscription.pattern.matches(sent.document)


def test_a_model_that_is_given_by_the_handler_alone_is_tried_as_well() -> None:
    router = Router("billing")

    @router.subscribe({"source": [TOPIC]})
    def invoice(order: Placed) -> None: ...

    new = fields("order_id", order_id=TEXT, total=NUMBER)
    assert only(change(PLACED, new, router)).kind == "refuses-new"


def test_a_model_that_the_new_contract_was_written_from_reads_what_it_writes() -> None:
    @event(TOPIC, "OrderPlaced", version=2)
    class Later(BaseModel):
        order_id: str
        total: Decimal
        email: str = "a@b"

        @field_validator("email")
        @classmethod
        def check(cls, value: str) -> str:
            if "@" not in value:
                raise ValueError("no address")
            return value

    assert impact(Placed, Later, reading(Later).subscribers).unaffected == ("billing.invoice",)


def test_a_model_of_the_new_version_that_refuses_earlier_events_is_warned_of() -> None:
    @event(TOPIC, "OrderPlaced", version=2)
    class Later(BaseModel):
        order_id: str
        total: Decimal
        country: str

    effect = only(impact(Placed, Later, reading(Later).subscribers))
    assert (effect.kind, effect.severity) == ("refuses-earlier", Severity.WARNS)
    assert effect.reason == "Later refuses events of version 1: /country: Field required"
    refused(Later, effect)


def test_a_model_of_the_new_version_that_reads_earlier_events_is_unaffected() -> None:
    @event(TOPIC, "OrderPlaced", version=2)
    class Later(BaseModel):
        order_id: str
        total: Decimal
        country: str = "KR"

    assert impact(Placed, Later, reading(Later).subscribers).unaffected == ("billing.invoice",)


def test_a_model_that_cannot_be_read_yet_is_left_open() -> None:
    @event(TOPIC, "OrderPlaced")
    class Partial(BaseModel):
        customer: Customer  # type: ignore[name-defined] # noqa: F821  defined nowhere

    effect = only(change(PLACED, fields(order_id=TEXT), reading(Partial)))
    assert (effect.kind, effect.severity) == ("unproven", Severity.WARNS)


def test_contracts_of_different_types_are_refused() -> None:
    with pytest.raises(ContractError, match="different types"):
        impact(contract(1, PLACED), contract(1, PLACED, type_="OrderShipped"))


def test_an_impact_is_written_as_json_values() -> None:
    new = fields("order_id", order_id=TEXT, total=NUMBER)
    found = change(PLACED, new, reading(Placed))
    effect = only(found)
    assert found.to_dict() == {
        "effects": [
            {
                "subscription": "billing.invoice",
                "kind": "refuses-new",
                "severity": "breaks",
                "reason": effect.reason,
                "pointer": None,
                "schema_pointer": "/properties/total",
                "witness": effect.witness,
                "remedy": "declare a @downcast from version 2 to version 1",
            }
        ],
        "unaffected": [],
        "unconcerned": [],
    }
    assert (found.breaks, found.affected) == (True, ("billing.invoice",))


@event(TOPIC, "Noted", version=1)
class Noted(BaseModel):
    note: str


def trial(model: type[BaseModel]) -> Effect:
    """What the second version does to the handler that reads by it; it is compatible by schema."""
    effect = only(impact(Noted, model, reading(model).subscribers))
    assert (effect.kind, effect.severity) == ("refuses-earlier", Severity.WARNS)
    refused(model, effect)
    Noted.model_validate(effect.witness)
    return effect


def test_a_format_that_earlier_events_need_not_have_is_warned_of() -> None:
    @event(TOPIC, "Noted", version=2)
    class Later(BaseModel):
        note: UUID

    assert trial(Later).reason.startswith("Later refuses events of version 1: /note: Input should")


class Written(BaseModel):
    note: str

    @field_validator("note")
    @classmethod
    def check(cls, value: str) -> str:
        if not value:
            raise ValueError("nothing is noted")
        return value


def test_a_validator_that_refuses_earlier_events_is_warned_of() -> None:
    @event(TOPIC, "Noted", version=2)
    class Later(Written):
        author: str | None = None

    assert trial(Later).witness == {"note": ""}


@event(TOPIC, "Rated", version=1)
class Rated(BaseModel):
    stars: int = Field(ge=1, le=5)
    by: Literal["shop", "guest"] = "shop"


def test_a_value_at_the_bounds_of_earlier_events_is_tried() -> None:
    @event(TOPIC, "Rated", version=2)
    class Later(Rated):
        @field_validator("stars")
        @classmethod
        def check(cls, value: int) -> int:
            if value == 5:
                raise ValueError("nothing is perfect")
            return value

    effect = only(impact(Rated, Later, reading(Later).subscribers))
    assert (effect.kind, (effect.witness or {})["stars"]) == ("refuses-earlier", 5)


def test_each_value_that_earlier_events_may_have_is_tried() -> None:
    @event(TOPIC, "Rated", version=2)
    class Later(Rated):
        @field_validator("by")
        @classmethod
        def check(cls, value: str) -> str:
            if value == "guest":
                raise ValueError("guests rate no more")
            return value

    effect = only(impact(Rated, Later, reading(Later).subscribers))
    assert (effect.kind, (effect.witness or {})["by"]) == ("refuses-earlier", "guest")


def test_what_the_earlier_model_refuses_as_well_was_never_sent() -> None:
    @event(TOPIC, "Noted", version=1)
    class Strict(Written):
        """Refused such events all along."""

    @event(TOPIC, "Noted", version=2)
    class Later(Strict):
        author: str | None = None

    assert impact(Strict, Later, reading(Later).subscribers).unaffected == ("billing.invoice",)
    (_, entry) = review(
        [Strict, Later], [as_contract(Strict)], subscribers=reading(Later).subscribers
    ).entries
    assert entry.impact.unaffected == ("billing.invoice",)


def test_text_without_the_format_that_the_earlier_contract_names_is_not_tried() -> None:
    @event(TOPIC, "Timed", version=2)
    class Later(BaseModel):
        at: datetime
        note: str = ""

    old = fields("at", at={"type": "string", "format": "date-time"})
    before = Contract(TOPIC, "Timed", 1, old)
    assert impact(before, Later, reading(Later).subscribers).unaffected == ("billing.invoice",)


def test_an_earlier_event_that_the_rule_keeps_away_is_not_tried() -> None:
    @event(TOPIC, "Noted", version=2)
    class Later(BaseModel):
        note: Literal["x"] | UUID

    router = reading(Later, {"note": ["x"]})
    assert [one.kind for one in impact(Noted, Later, router.subscribers).effects] == []
