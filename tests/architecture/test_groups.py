"""Tests that share what is expensive run in one process."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("groups")
def test_tests_of_a_group_are_sent_to_one_process(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("there is one process, or --dist is not loadgroup")
    assert request.node.nodeid.endswith("@groups")  # by which pytest-xdist tells where it goes
