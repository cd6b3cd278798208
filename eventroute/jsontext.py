"""Reading JSON that strangers wrote: bounded in bytes and depth before it is parsed."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any, Final, NoReturn

from eventroute.errors import JSONTextError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "encode_utf8",
    "guard",
    "objects_in",
    "parse",
    "parse_with",
    "pointer",
    "segments",
    "value_at",
]

MAX_BYTES: Final = 1 << 20
"""The default bound of one document, in bytes: what SNS, SQS and EventBridge accept at most."""

MAX_DEPTH: Final = 128
"""The deepest nesting of objects and arrays."""

# A string that never ends goes on to the end of the text, lest each quote in it is tried again.
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)

# Of RFC 6901; longer ones are of no array, and thousands of digits are not even a number.
_POSITION: Final = re.compile("0|[1-9][0-9]{0,8}")


def pointer(*segments: str | int) -> str:
    """Join member names and array positions into a JSON pointer (RFC 6901)."""
    return "".join(["/" + str(part).replace("~", "~0").replace("/", "~1") for part in segments])


def segments(place: str) -> list[str]:
    """Split a JSON pointer into the names that :func:`pointer` joined; positions stay text.

    A reference is no pointer: :class:`~eventroute.dialects.places.LocalPlaces` follows it.
    """
    return [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]


def value_at(document: object, place: str) -> object:
    """The value to which a JSON pointer leads.

    :raises LookupError: it leads nowhere.
    """
    for name in segments(place):
        if isinstance(document, dict) and name in document:
            document = document[name]
        elif isinstance(document, list) and _POSITION.fullmatch(name) and int(name) < len(document):
            document = document[int(name)]
        else:
            raise LookupError(place)
    return document


def objects_in(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, each once; a value that holds itself is no matter."""
    seen: set[int] = set()
    pending = [value]
    while pending:
        one = pending.pop()
        if not isinstance(one, dict | list) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, dict):
            yield one
            pending.extend(one.values())
        else:
            pending.extend(one)


def encode_utf8(text: str | bytes) -> bytes:
    """Return the text as UTF-8 bytes.

    :raises JSONTextError: the bytes are not UTF-8, or the text holds a lone surrogate.
    """
    if isinstance(text, str):
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise JSONTextError(
                f"character {error.start} is the lone surrogate U+{ord(text[error.start]):04X}; "
                "UTF-8 cannot carry it"
            ) from None
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise JSONTextError(
            f"byte {error.start} (0x{text[error.start]:02x}) is not UTF-8; send JSON as UTF-8"
        ) from None
    return text


def guard(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> None:
    """Refuse a document that is too large or too deep, without parsing it.

    :raises JSONTextError: naming the limit and the value.
    """
    if len(data) > max_bytes:
        raise JSONTextError(f"the document has {len(data):,} bytes; at most {max_bytes:,} are read")
    # Most documents have few brackets, which leaving them out counts sooner than `bytes.count`.
    enough = max_depth + 1
    without = len(data.replace(b"{", b"", enough)) + len(data.replace(b"[", b"", enough))
    if 2 * len(data) - without <= max_depth:
        return
    depth = 0
    for match in _STRUCTURE.finditer(data):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
            if depth > max_depth:
                raise JSONTextError(
                    f"nested more than {max_depth} levels deep at byte {match.start()}; "
                    "flatten the document"
                )
        elif token in (b"}", b"]"):
            depth -= 1


def parse(text: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:  # noqa: ANN401  any JSON value
    """Parse one JSON document strictly (RFC 8259, and I-JSON where that is stricter).

    Duplicate member names are refused, because two readers would disagree on what they mean.
    Otherwise as :func:`parse_with`.
    """
    return parse_with(_unique_members, text, max_bytes=max_bytes, max_depth=max_depth)


def parse_with(
    make_object: Callable[[list[tuple[str, Any]]], Any],
    text: str | bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
) -> Any:  # noqa: ANN401  any JSON value
    """Parse one JSON document, making each object from its members, repeated ones included.

    ``NaN``, ``Infinity``, numbers that do not fit a double and lone surrogates are refused.

    :raises JSONTextError: naming the place and what is wrong there.
    """
    data = encode_utf8(text)
    guard(data, max_bytes=max_bytes, max_depth=max_depth)

    def make_checked(pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401  any JSON value
        for name, value in pairs:
            _refuse_lone_surrogates(name)
            _refuse_lone_surrogates(value)
        return make_object(pairs)

    # Texts are decoded from UTF-8, so half a surrogate pair can only come from an escape.
    escaped = rb"\ud" in data or rb"\uD" in data
    decoder = json.JSONDecoder(
        object_pairs_hook=make_checked if escaped else make_object,
        parse_constant=_refuse_constant,
        parse_float=_finite,
        parse_int=_integer,
    )
    try:
        value = decoder.decode(data.decode())
    except json.JSONDecodeError as error:
        problem = error.msg
        if not data.strip():
            problem = "it is empty"
        elif data.startswith(BOM_UTF8):
            problem = "it begins with a byte order mark (BOM); save it as UTF-8 without one"
        raise JSONTextError(
            f"not JSON at line {error.lineno}, column {error.colno}: {problem}"
        ) from None
    if escaped:
        _refuse_lone_surrogates(value)
    return value


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise JSONTextError(
                    f"the member {name!r} stands twice in one object; keep one of them"
                )
            seen.add(name)
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise JSONTextError(f"{name} is not JSON; send null or leave the member out")


def _finite(literal: str) -> float:
    value = float(literal)
    if value in (float("inf"), float("-inf")):
        raise JSONTextError(f"the number {literal[:40]} does not fit a double; send it as a string")
    return value


def _integer(literal: str) -> int:
    # Converting thousands of digits is quadratic; a double has at most 309 before the point.
    if len(literal) > 310:
        raise JSONTextError(f"an integer has {len(literal)} digits; send it as a string")
    _finite(literal)
    return int(literal)


def _refuse_lone_surrogates(value: object) -> None:
    """Check a string, or those in an array; objects were checked when they were made."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            encode_utf8(item)
        elif isinstance(item, list):
            pending.extend(item)
