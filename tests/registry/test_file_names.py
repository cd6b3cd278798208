from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute.errors import ContractError
from eventroute.registry.file_names import from_file_name, to_file_name

NAMES = st.text(min_size=1, max_size=20)


@pytest.mark.parametrize(
    "name", ["OrderPlaced", "shop.orders", "EC2 Instance State-change Notification", "주문"]
)
def test_an_ordinary_name_stays_readable(name: str) -> None:
    assert to_file_name(name) == name


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("a/b", "a%2Fb"),
        ("a\\b", "a%5Cb"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        (".hidden", "%2Ehidden"),
        ("ends.", "ends%2E"),
        ("ends ", "ends%20"),
        ("100%", "100%25"),
        ('<>:"|?*', "%3C%3E%3A%22%7C%3F%2A"),
        ("a\0b", "a%00b"),
        ("nul", "%6Eul"),
        ("COM1.txt", "%43OM1.txt"),
    ],
)
def test_what_a_file_system_cannot_hold_is_percent_encoded(name: str, file_name: str) -> None:
    assert to_file_name(name) == file_name


@given(NAMES)
def test_every_name_comes_back(name: str) -> None:
    assert from_file_name(to_file_name(name)) == name


@given(NAMES)
def test_every_name_comes_back_from_a_file_system_that_decomposes(name: str) -> None:
    stored = unicodedata.normalize("NFD", to_file_name(name))

    assert from_file_name(stored) == name


@given(NAMES)
def test_no_file_name_leads_elsewhere(name: str) -> None:
    file_name = to_file_name(name)

    assert not set(file_name) & set('/\\:*?"<>|\0')
    assert not file_name.startswith(".")
    assert not file_name.endswith((".", " "))


def test_a_name_that_is_too_long_for_a_file_system_is_refused() -> None:
    with pytest.raises(ContractError, match="256 bytes"):
        to_file_name("a" * 256)


def test_a_folder_that_the_registry_would_write_differently_is_refused() -> None:
    with pytest.raises(ContractError, match=r"rename it to 'a%2Fb'"):
        from_file_name("a%2fb")


def test_a_folder_that_stands_for_no_name_is_refused() -> None:
    with pytest.raises(ContractError, match=r"'%FF' stands for no name; .* move it out"):
        from_file_name("%FF")
