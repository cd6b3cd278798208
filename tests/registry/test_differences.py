"""Two collections of contracts are compared by what they say of events, not by their texts."""

from __future__ import annotations

from time import thread_time

import pytest

from eventroute.registry import Contract, MemoryRegistry, differences
from eventroute.registry.shared_time import SharedTime


def contract(version: int, **schema: object) -> Contract:
    return Contract("t", "T", version, schema)


MONEY = Contract("t", "Money", 1, {"type": "object", "required": ["amount"]})
PAID = {"properties": {"total": {"$ref": "/t/Money/1"}}}


def test_each_contract_that_is_not_the_same_on_both_sides_is_named() -> None:
    ours = [contract(1), contract(2, required=["a"]), contract(3)]
    theirs = [contract(4), contract(2, required=["b"]), contract(1)]
    found = [(one.contract.version, one.what) for one in differences(ours, theirs)]
    assert found == [(2, "differs"), (3, "missing there"), (4, "missing here")]


@pytest.mark.parametrize(
    ("mine", "theirs", "what"), [("a", "b", "differs"), ("a", "a", "same events")]
)
def test_of_one_that_is_written_otherwise_ours_is_given(mine: str, theirs: str, what: str) -> None:
    ours = contract(1, required=[mine], title="ours")
    (found,) = differences([ours], [contract(1, required=[theirs], title="theirs")])
    assert (found.contract, found.what) == (ours, what)


def test_the_order_of_members_is_no_difference() -> None:
    assert differences([contract(1, a=1, b=2)], [contract(1, b=2, a=1)]) == []


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ({"title": "A"}, {"description": "B"}, "only annotations differ: /description, /title"),
        ({"required": ["a", "b"]}, {"required": ["b", "a"]}, ""),
        (
            {"properties": {"a": {"const": 1}}},
            {"properties": {"a": {"enum": [1]}}},
            "written in other words, and the same events fit",
        ),
    ],
)
def test_two_wordings_that_the_same_events_fit_are_told_apart_from_differences(
    one: dict[str, object], other: dict[str, object], how: str
) -> None:
    (found,) = differences([contract(1, **one)], [contract(1, **other)])
    assert (found.what, found.how) == ("same events", how)


def test_what_two_wordings_refer_to_is_looked_at_on_each_side() -> None:
    inside = contract(1, properties={"total": dict(MONEY.schema)})
    (found,) = differences([contract(1, **PAID), MONEY], [inside, MONEY])
    assert found.what == "same events"


def test_what_neither_side_holds_is_found_in_a_registry() -> None:
    inside = contract(1, properties={"total": dict(MONEY.schema)})
    (alone,) = differences([contract(1, **PAID)], [inside])
    (found,) = differences([contract(1, **PAID)], [inside], registry=MemoryRegistry([MONEY]))
    assert (alone.what, found.what) == ("differs", "same events")


def test_a_version_that_refers_to_another_contract_differs() -> None:
    other = {"properties": {"total": {"$ref": "/t/Money/2"}}}
    money = Contract("t", "Money", 2, {"type": "object", "required": ["cents"]})
    found = differences([contract(1, **PAID), MONEY, money], [contract(1, **other), MONEY, money])
    assert [one.what for one in found] == ["differs"]


def test_without_time_only_what_is_plain_to_see_is_one_contract() -> None:
    ours = [contract(1, const={}), contract(2, title="A"), contract(3, required=["a"])]
    theirs = [contract(1, enum=[{}]), contract(2, title="B"), contract(3, required=["a"])]
    first, second = differences(ours, theirs, seconds=0)
    assert (first.what, first.how) == (
        "differs",
        "whether other events fit is not known: there was no time to find out",
    )
    assert (second.what, second.how) == ("same events", "only annotations differ: /title")


def test_what_one_comparison_leaves_of_the_time_is_for_the_others() -> None:
    time = SharedTime(8)
    with time.part(4) as part:
        assert part == 2
    with time.part(2, least=1) as part:
        assert 3 < part <= 4
    with time.part(100, least=1) as part:
        assert part == 1
    with SharedTime(0.5).part(100, least=1) as part:
        assert part == 0.5


def test_a_comparison_that_takes_all_of_its_part_ran_out_of_time() -> None:
    time = SharedTime(100)
    with time.part(2_000) as part:
        began = thread_time()
        while thread_time() - began < part:
            pass
    assert time.ran_out
    with time.part(2):
        pass
    assert not time.ran_out
