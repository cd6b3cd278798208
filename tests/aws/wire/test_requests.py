"""How many requests events cost, counted on the wire."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.aws.requests import Requests, measure


@pytest.mark.parametrize("backlog", [True, False], ids=["a backlog", "as they come"])
async def test_requests_are_full_when_publishes_are_concurrent_and_handlers_quick(
    tmp_path: Path, *, backlog: bool
) -> None:
    found = await measure(tmp_path, 200, 100, backlog=backlog)
    assert found.total <= 1.1 * found.least, (found.kinds, found.filled)
    assert set(found.kinds) == {"publish", "receive", "delete"}


def test_the_list_price_is_that_of_events_published_and_of_requests_to_queues() -> None:
    full = Requests(1_000, Counter(publish=100, receive=300, delete=300), Counter({10: 300}))
    assert full.total == full.least
    assert full.dollars == pytest.approx(0.0005 + 600 * 0.0000004)
