"""A class name for any topic and type."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute.registry import Contract
from eventroute.registry.model_code.class_names import RESERVED, class_names, pascal_case


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("OrderPlaced", "OrderPlaced"),
        ("Object Created", "ObjectCreated"),
        ("issues.labeled", "IssuesLabeled"),
        ("branch_protection_rule.edited", "BranchProtectionRuleEdited"),
        ("push", "Push"),
        ("AWS API Call via CloudTrail", "AWSAPICallViaCloudTrail"),
        ("2fa", "Event2fa"),
        ("größe", "Größe"),
        ("!!!", "Event"),
        ("none", "NoneEvent"),
        ("base_model", "BaseModelEvent"),
    ],
)
def test_a_type_is_recognised_in_the_name_of_its_class(type_: str, name: str) -> None:
    assert pascal_case(type_) == name


@given(st.text(max_size=12))
def test_every_type_has_a_valid_name(type_: str) -> None:
    name = pascal_case(type_)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert name not in RESERVED


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "A"]),
            st.sampled_from(["x", "X", "x1", "X 1", "!"]),
            st.integers(1, 3),
        ),
        unique=True,
    )
)
def test_no_two_contracts_share_a_name(keys: list[tuple[str, str, int]]) -> None:
    names = class_names([Contract(*key, {}) for key in keys])
    assert len(set(names.values())) == len(keys)


def test_types_that_would_share_a_name_have_that_of_their_topic_before_it() -> None:
    contracts = [Contract(topic, "Placed", 1, {}) for topic in ("shop.orders", "shop.returns")]
    assert list(class_names(contracts).values()) == ["ShopOrdersPlaced", "ShopReturnsPlaced"]
