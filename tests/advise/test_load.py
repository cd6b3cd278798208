"""Rates and sizes as people write them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from eventroute.advise import Load, read_rate, read_size
from eventroute.errors import DeclarationError


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("500/s", 1_296_000_000),
        ("500", 1_296_000_000),
        ("0.5 / sec", 1_296_000),
        ("1M/day", 30_000_000),
        ("1m/d", 30_000_000),
        ("2.5k/min", 108_000_000),
        ("10/hour", 7_200),
        ("7/week", 30),
        ("1B/month", 1_000_000_000),
        ("0/s", 0),
    ],
)
def test_a_rate_is_events_and_a_time(text: str, events: int) -> None:
    assert read_rate(text) == events


@pytest.mark.parametrize(
    "text",
    ["", "x", "-1/s", "1/fortnight", "1e9/s", "1//s", "nan", "NaN/s", "\u0661/s", "1/s\n2/s"],
)
def test_other_texts_are_no_rates(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate; write events and a time, such as 500/s"):
        read_rate(text)


def test_a_rate_beyond_every_backend_is_taken_for_a_mistake() -> None:
    with pytest.raises(ValueError, match="more than 1,000,000,000 events a second; check the unit"):
        read_rate("2B/s")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("900", 900),
        ("900B", 900),
        ("900 bytes", 900),
        ("2KB", 2048),
        ("2 kib", 2048),
        ("2k", 2048),
        ("1.5", 2),
        ("0.5MB", 524_288),
        ("1MB", 1_048_576),
    ],
)
def test_a_size_is_bytes_or_has_a_unit(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "KB", "-1", "1e3", "2GB", "2 K B"])
def test_other_texts_are_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="is no size; write bytes, or KB or MB"):
        read_size(text)


@pytest.mark.parametrize("text", ["0", "1048577", "2MB"])
def test_an_event_has_a_byte_and_at_most_a_mebibyte(text: str) -> None:
    with pytest.raises(ValueError, match="is not between 1 and 1,048,576 bytes"):
        read_size(text)


def test_the_peak_is_the_average_when_left_out() -> None:
    assert Load(events=read_rate("5/s"), size=1).highest == 5
    assert Load(events=read_rate("5/s"), size=1, peak=Decimal(80)).highest == 80


def test_a_peak_under_the_average_is_refused() -> None:
    with pytest.raises(
        DeclarationError, match="the peak of 1 events a second is under the average"
    ):
        Load(events=read_rate("5/s"), size=1, peak=Decimal(1))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("size=0", lambda: Load(events=Decimal(1), size=0)),
        ("workers=0", lambda: Load(events=Decimal(1), size=1, workers=0)),
        ("batch=11", lambda: Load(events=Decimal(1), size=1, batch=11)),
        ("poll_wait=21", lambda: Load(events=Decimal(1), size=1, poll_wait=21)),
    ],
)
def test_a_number_out_of_range_is_refused(name: str, wrong: Callable[[], Load]) -> None:
    with pytest.raises(DeclarationError, match=f"{name}.*must be between"):
        wrong()


@pytest.mark.parametrize("events", ["-1", "1e30", "NaN", "Infinity"])
def test_events_that_are_no_number_are_refused(events: str) -> None:
    with pytest.raises(DeclarationError, match="must be between 0 and"):
        Load(events=Decimal(events), size=1)
