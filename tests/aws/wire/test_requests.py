"""How many requests events cost, counted on the wire."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.aws.requests import Requests, measure


@pytest.mark.parametrize("backend", ["sns", "eventbridge"])
@pytest.mark.parametrize("backlog", [True, False], ids=["a backlog", "as they come"])
async def test_requests_are_full_when_publishes_are_concurrent_and_handlers_quick(
    tmp_path: Path, backend: str, *, backlog: bool
) -> None:
    found = await measure(tmp_path, 200, 100, backend=backend, backlog=backlog)
    assert found.total <= 1.1 * found.least, (found.kinds, found.filled)
    assert set(found.kinds) == {"publish", "receive", "delete"}


@pytest.mark.parametrize(("backend", "published"), [("sns", 0.00005), ("eventbridge", 0.001)])
def test_sns_charges_requests_that_publish_and_eventbridge_events(
    backend: str, published: float
) -> None:
    kinds = Counter(publish=100, receive=300, delete=300)
    full = Requests(1_000, kinds, Counter({10: 300}), backend)
    assert full.total == full.least
    assert full.dollars == pytest.approx(published + 600 * 0.0000004)
