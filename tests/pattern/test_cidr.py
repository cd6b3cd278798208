from __future__ import annotations

import pytest

from eventroute.errors import PatternError
from eventroute.pattern import Pattern


def inside(block: str, value: object) -> bool:
    return Pattern({"a": [{"cidr": block}]}).matches({"a": value})


def test_an_address_of_the_block_matches() -> None:
    assert inside("10.0.0.0/24", "10.0.0.255")
    assert not inside("10.0.0.0/24", "10.0.1.0")
    assert inside("2001:db8::/32", "2001:0DB8:0:0::1")
    assert not inside("2001:db8::/32", "2001:db9::1")


def test_the_widest_and_the_narrowest_block() -> None:
    assert inside("0.0.0.0/0", "1.2.3.4")
    assert inside("10.0.0.0/31", "10.0.0.1")
    assert not inside("10.0.0.0/31", "10.0.0.2")
    assert inside("::/0", "::1")


def test_host_bits_of_the_block_do_not_matter() -> None:
    assert inside("10.0.0.7/24", "10.0.0.1")


def test_leading_zeros_are_decimal() -> None:
    assert inside("10.0.0.0/24", "010.0.0.001")


@pytest.mark.parametrize(
    "value",
    [
        "10.0.0.256",
        "10.0.0",
        "10.0.0.1/32",
        " 10.0.0.1",
        "",
        5,
        "0000000010.0.0.1",
        "\u0661\u0660.0.0.1",
    ],
)
def test_what_is_no_address_does_not_match(value: object) -> None:
    assert not inside("0.0.0.0/0", value)


def test_versions_do_not_mix() -> None:
    assert not inside("10.0.0.0/24", "::ffff:10.0.0.1")
    assert not inside("10.0.0.0/24", "::ffff:a00:1")
    assert not inside("::/0", "10.0.0.1")


@pytest.mark.parametrize(
    "operand",
    [
        "1.2.3.4",
        "1.2.3.4/",
        "1.2.3.4/32",
        "1.2.3.4/33",
        "1.2.3.4/-1",
        "1.2.3.4/8/8",
        "1.2.3.256/8",
        "::1/128",
        "bad/24",
        "",
        ["10.0.0.0/8"],
        10,
    ],
)
def test_other_operands_are_refused(operand: object) -> None:
    with pytest.raises(PatternError):
        Pattern({"a": [{"cidr": operand}]})
