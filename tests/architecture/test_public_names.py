from __future__ import annotations

import eventroute


def test_every_public_name_can_be_loaded() -> None:
    assert {name: getattr(eventroute, name).__name__ for name in eventroute.__all__} == {
        name: name for name in eventroute.__all__
    }


def test_every_public_name_is_loaded_from_one_module() -> None:
    assert sorted(eventroute._MODULES) == sorted(eventroute.__all__) == eventroute.__all__  # pyright: ignore[reportPrivateUsage]


def test_public_names_are_listed_before_they_are_loaded() -> None:
    assert set(eventroute.__all__) <= set(dir(eventroute))


def test_a_name_that_is_not_public_does_not_exist() -> None:
    assert not hasattr(eventroute, "EventBuss")
