"""``@upcast`` and ``@downcast``: what may be declared, and which chains come of it."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from eventroute import EventType, downcast, event, event_type_of, upcast
from eventroute.casts import chains_to
from eventroute.errors import DeclarationError


def version(number: int, name: str = "Placed", topic: str = "shop") -> type[BaseModel]:
    """A model of one version of an event type."""
    return event(topic, name, version=number)(type(f"{name}{number}", (BaseModel,), {}))


def up(old: type[BaseModel], new: type[BaseModel]) -> None:
    def cast(payload: BaseModel) -> BaseModel:
        return new()

    cast.__annotations__ = {"payload": old, "return": new}
    upcast(cast)


def down(new: type[BaseModel], old: type[BaseModel]) -> None:
    def cast(payload: BaseModel) -> BaseModel:
        return old()

    cast.__annotations__ = {"payload": new, "return": old}
    downcast(cast)


def path(target: type[BaseModel], begin: int) -> list[int]:
    """The versions on the way to a model."""
    chain = chains_to(event_type_of(target))[begin]
    return [one.source.version for one in chain] + [chain[-1].target.version]


def test_a_cast_is_read_from_its_annotations_also_of_local_classes() -> None:
    @event("shop", "Placed", version=1)
    class Placed1(BaseModel):
        order_id: str

    @event("shop", "Placed", version=2)
    class Placed(BaseModel):
        order_id: str

    @upcast
    def as_it_was(old: Placed1) -> Placed:
        return Placed(order_id=old.order_id)

    assert as_it_was(Placed1(order_id="7")) == Placed(order_id="7")
    (chain,) = chains_to(event_type_of(Placed)).values()
    (cast,) = chain
    assert str(cast).endswith("<locals>.as_it_was (version 1 to 2)")


def test_casts_are_chained_by_the_shortest_way() -> None:
    one, two, three, four = (version(number) for number in (1, 2, 3, 4))
    up(one, two)
    up(two, three)
    up(three, four)
    up(two, four)
    assert path(four, 1) == [1, 2, 4]
    assert path(four, 3) == [3, 4]
    assert path(three, 1) == [1, 2, 3]


def test_a_way_down_is_chained_as_well() -> None:
    one, two, three = (version(number) for number in (1, 2, 3))
    down(three, two)
    down(two, one)
    assert path(one, 3) == [3, 2, 1]


def test_no_chain_goes_down_and_up_again() -> None:
    one, two, three = (version(number) for number in (1, 2, 3))
    down(three, one)
    up(one, two)
    assert set(chains_to(event_type_of(two))) == {1}


def test_a_cast_belongs_to_the_models_and_not_to_their_names() -> None:
    up(version(1), version(2))
    assert chains_to(event_type_of(version(2))) == {}


def test_event_types_are_equal_whatever_leads_to_them() -> None:
    one, two = version(1), version(2)
    before = EventType("shop", "Placed", 2, two)
    up(one, two)
    assert event_type_of(two) == before
    assert hash(event_type_of(two)) == hash(before)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (version(2), version(1), r"leads from version 2 to 1; declare it as @downcast"),
        (version(1), version(1), r"from version 1 to 1; a cast leads to another version"),
        (version(1), version(2, "Moved"), r"'Placed' of 'shop' to 'Moved' of 'shop'; a cast stays"),
        (version(1), version(2, topic="bar"), r"of 'shop' to 'Placed' of 'bar'; a cast stays"),
        (version(1), BaseModel, r"what it returns is annotated with BaseModel; annotate it with a"),
        (BaseModel, version(2), r"its parameter is annotated with BaseModel; annotate it with a"),
    ],
)
def test_an_upcast_that_cannot_be_meant_is_refused(
    old: type[BaseModel], new: type[BaseModel], message: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"^@upcast up\.<locals>\.cast.*{message}"):
        up(old, new)


def test_a_downcast_leads_to_a_lower_version() -> None:
    with pytest.raises(DeclarationError, match="from version 1 to 2; declare it as @upcast"):
        down(version(1), version(2))


def test_a_second_cast_between_the_same_versions_is_refused() -> None:
    one, two = version(1), version(2)
    up(one, two)
    with pytest.raises(DeclarationError, match=r"as up\.<locals>\.cast does already; remove one"):
        up(one, two)


Old, New = version(1), version(2)


async def waits(old: Old) -> New:  # type: ignore[valid-type]  # made by a function
    return New()


def takes_two(old: Old, more: int) -> New:  # type: ignore[valid-type]  # see above
    return New()


def takes_any(*old: Old) -> New:  # type: ignore[valid-type]  # see above
    return New()


def says_nothing(old):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201  that is what is refused
    return New()


def knows_nobody(old: Nobody) -> New:  # type: ignore[name-defined,valid-type]  # noqa: F821  see above
    return New()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (waits, "@upcast waits must be a plain function"),
        (takes_two, r"@upcast takes_two must take one payload and nothing else: def \(old: "),
        (takes_any, "@upcast takes_any must take one payload and nothing else"),
        (says_nothing, "its parameter has no annotation; annotate it with a model"),
        (knows_nobody, "the annotation 'Nobody' cannot be resolved; import it at run time"),
        (New, "is no function; decorate one: def"),
    ],
)
def test_only_a_plain_function_of_one_payload_is_a_cast(function: object, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        upcast(function)  # type: ignore[arg-type]  # that is what is refused
