from __future__ import annotations

from eventroute.registry import Contract, differences


def contract(version: int, **schema: object) -> Contract:
    return Contract("t", "T", version, schema)


def test_each_contract_that_is_not_the_same_on_both_sides_is_named() -> None:
    ours = [contract(1), contract(2, title="ours"), contract(3)]
    theirs = [contract(4), contract(2, title="theirs"), contract(1)]
    found = [(one.contract.version, one.what) for one in differences(ours, theirs)]
    assert found == [(2, "differs"), (3, "missing there"), (4, "missing here")]


def test_of_one_that_differs_ours_is_given() -> None:
    (found,) = differences([contract(1, title="ours")], [contract(1, title="theirs")])
    assert found.contract.schema == {"title": "ours"}


def test_the_order_of_members_is_no_difference() -> None:
    assert differences([contract(1, a=1, b=2)], [contract(1, b=2, a=1)]) == []
