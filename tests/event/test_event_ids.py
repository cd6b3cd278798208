"""Every new event has a name of its own."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest

from eventroute.event_ids import new_id, new_ids


@pytest.mark.parametrize("names", [[new_id()], new_ids(1), new_ids(100)])
def test_a_name_is_a_random_uuid_as_the_standard_library_writes_it(names: list[str]) -> None:
    read = [UUID(name) for name in names]
    assert [str(one) for one in read] == names
    assert {(one.version, one.variant) for one in read} == {(4, RFC_4122)}


def test_names_made_together_all_differ_and_are_as_many_as_asked_for() -> None:
    assert len({*new_ids(1_000), *new_ids(1_000)}) == 2_000


def test_no_names_are_no_names() -> None:
    assert new_ids(0) == []


def test_all_that_may_be_random_is() -> None:
    digits = [name.replace("-", "") for name in new_ids(1_000)]
    seen = ["".join(sorted(set(place))) for place in zip(*digits, strict=True)]
    assert seen[12] == "4"
    assert seen[16] == "89ab"
    assert {*seen[:12], *seen[13:16], *seen[17:]} == {"0123456789abcdef"}
