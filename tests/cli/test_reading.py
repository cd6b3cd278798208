"""Lines are split in constant memory, wherever the chunks end."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute.cli.failure import InputError
from eventroute.cli.reading import lines


class Pieces:
    """A stream that hands out given pieces, as a slow pipe does."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter([piece for piece in pieces if piece])

    def read1(self, _: int, /) -> bytes:
        return next(self._pieces, b"")


class Flood:
    """So many bytes without a newline."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read1(self, size: int, /) -> bytes:
        size = min(size, self._left)
        self._left -= size
        return b"x" * size


def contents(data: bytes, *, max_bytes: int = 100) -> list[tuple[int, bytes | None]]:
    return [(one.number, one.content) for one in lines(io.BytesIO(data), max_bytes=max_bytes)]


@given(st.lists(st.sampled_from([b"a", b"{}", b"\n", b"\r\n", b" ", b"\xef\xbb\xbf", b"\xef"])))
def test_it_does_not_matter_where_chunks_end(pieces: list[bytes]) -> None:
    whole = contents(b"".join(pieces))
    assert [(one.number, one.content) for one in lines(Pieces(pieces), max_bytes=100)] == whole


def test_numbers_count_blank_lines_which_are_skipped() -> None:
    assert contents(b"a\n\n \t\r\nb\n") == [(1, b"a"), (4, b"b")]


def test_the_last_line_needs_no_newline() -> None:
    assert contents(b"a\nb") == [(1, b"a"), (2, b"b")]


def test_a_carriage_return_stays_with_its_line() -> None:
    assert contents(b"a\r\nb\r\n") == [(1, b"a\r"), (2, b"b\r")]


def test_a_byte_order_mark_is_dropped_at_the_start_only() -> None:
    assert contents(b"\xef\xbb\xbfa\n\xef\xbb\xbfb") == [(1, b"a"), (2, b"\xef\xbb\xbfb")]


def test_a_line_as_long_as_allowed_is_read() -> None:
    assert contents(b"12345\r\n", max_bytes=5) == [(1, b"12345\r")]


def test_a_line_one_byte_longer_has_no_content() -> None:
    assert contents(b"123456\nb\n", max_bytes=5) == [(1, None), (2, b"b")]


def test_a_long_line_that_begins_blank_is_not_taken_for_a_blank_one() -> None:
    assert contents(b" " * 50 + b"{}\nb\n", max_bytes=5) == [(1, None), (2, b"b")]


def test_a_line_of_200_megabytes_is_never_held() -> None:
    tracemalloc.start()
    try:
        assert [one.content for one in lines(Flood(200 << 20), max_bytes=1 << 20)] == [None]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


def test_what_was_read_is_told_before_each_read() -> None:
    told: list[int] = []
    list(lines(Pieces([b"ab", b"c\n"]), max_bytes=9, before_read=told.append))
    assert told == [0, 2, 4]


def test_a_line_without_an_end_is_refused_where_it_stands() -> None:
    begun = lines(Pieces([b"{}\n", *[b"x" * (1 << 20)] * 300]), name="/dev/zero", max_bytes=9)
    assert next(begun).content == b"{}"
    with pytest.raises(InputError, match="/dev/zero:2: the line does not end within 268,435,456"):
        next(begun)


def test_long_lines_that_end_are_read_past_however_many_they_are() -> None:
    long = b"x" * (100 << 20) + b"\n"
    found = list(lines(Pieces([long, long, long, b"{}"]), max_bytes=9))
    assert [one.content for one in found] == [None, None, None, b"{}"]
