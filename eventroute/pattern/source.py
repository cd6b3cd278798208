"""Reading what a caller gives as a pattern, within limits, before anything is understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, cast

from eventroute.errors import JSONTextError, PatternError
from eventroute.jsontext import encode_utf8, pointer
from eventroute.pattern.json_values import JSON, decode, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.limits import PatternLimits

__all__ = ["read", "write"]


def read(source: object, limits: PatternLimits) -> tuple[JSON, bool]:
    """Return a pattern's JSON; the second result tells whether a member name is repeated.

    :param source: JSON text, or JSON values made of mappings, lists and scalars.
    :raises PatternError: too large, too deep, or not JSON.
    """
    if isinstance(source, str | bytes):
        try:
            data = encode_utf8(source)
            _check_length(data, limits)
            return decode(data, max_depth=limits.max_depth, max_bytes=limits.max_bytes)
        except JSONTextError as error:
            raise PatternError(str(error)) from None
    tree = _Copier(limits).copy(source, "", 0)
    _check_length(write(tree).encode(), limits)
    return tree, False


def write(tree: object) -> str:
    """Compact JSON text."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def _check_length(data: bytes, limits: PatternLimits) -> None:
    if len(data) > limits.max_bytes:
        raise PatternError(
            f"the pattern has {len(data):,} bytes of JSON text; at most {limits.max_bytes:,} are "
            "accepted. Split it, or raise PatternLimits(max_bytes=)"
        )


class _Copier:
    """Copies a caller's values, so that what the caller changes later changes no pattern."""

    def __init__(self, limits: PatternLimits) -> None:
        self._limits = limits
        self._left = limits.max_bytes  # each value takes a byte of text or more

    def copy(self, value: object, place: str, depth: int) -> JSON:
        self._left -= 1
        if self._left < 0:
            raise PatternError(
                f"the pattern holds more than {self._limits.max_bytes:,} values; split it, or "
                "raise PatternLimits(max_bytes=)"
            )
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._string(value, place)
        if isinstance(value, int | float):
            return _number(value, place)
        if isinstance(value, Mapping | list | tuple) and depth >= self._limits.max_depth:
            raise PatternError(
                f"nested more than {self._limits.max_depth} levels deep", pointer=place
            )
        if isinstance(value, Mapping):
            return self._object(cast("Mapping[object, object]", value), place, depth)
        if isinstance(value, list | tuple):
            items = cast("Sequence[object]", value)
            return [
                self.copy(item, place + pointer(index), depth + 1)
                for index, item in enumerate(items)
            ]
        raise PatternError(
            f"a {type(value).__name__} is not a JSON value ({shown(value)}); write a string, a "
            "number, true, false, null, a list or an object",
            pointer=place,
        )

    def _object(self, value: Mapping[object, object], place: str, depth: int) -> dict[str, JSON]:
        copied: dict[str, JSON] = {}
        for name, item in value.items():
            if not isinstance(name, str):
                raise PatternError(f"the name {name!r} is not a string; quote it", pointer=place)
            plain = self._string(name, place)
            copied[plain] = self.copy(item, place + pointer(plain), depth + 1)
        return copied

    def _string(self, value: str, place: str) -> str:
        try:
            encode_utf8(value)
        except JSONTextError as error:
            raise PatternError(str(error), pointer=place) from None
        return str.__str__(value)  # of a StrEnum, its value


def _number(value: float, place: str) -> int | float:
    try:
        finite = isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise PatternError(
            f"{shown(value)} does not fit a double; name a finite number", pointer=place
        )
    return int(value) if isinstance(value, int) else float(value)
