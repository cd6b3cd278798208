from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute import Retry
from eventroute.errors import DeclarationError


def test_the_bound_doubles_until_the_longest() -> None:
    retry = Retry(attempts=6, first=1, factor=2, longest=5, jitter=False)
    assert [retry.delay(n, Random(0)) for n in range(1, 7)] == [1, 2, 4, 5, 5, None]


def test_one_attempt_is_no_retry() -> None:
    assert Retry(attempts=1).delay(1, Random(0)) is None


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_jitter_stays_between_zero_and_the_bound(attempt: int, seed: int) -> None:
    retry = Retry(attempts=20_000, first=0.5, longest=60)
    delay = retry.delay(attempt, Random(seed))
    assert delay is not None
    assert 0 <= delay <= min(60, 0.5 * 2 ** min(attempt - 1, 100))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attempts": 0}, "attempts=0"),
        ({"attempts": 2.5}, "attempts=2.5.*a whole number"),
        ({"attempts": "3"}, "attempts='3'"),
        ({"first": True}, "first=True"),
        ({"first": -1.0}, "first=-1.0"),
        ({"factor": 0.5}, "factor=0.5"),
        ({"longest": float("nan")}, "longest=nan"),
    ],
)
def test_values_that_cannot_work_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        Retry(**options)  # type: ignore[arg-type]
