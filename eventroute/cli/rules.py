"""Rule files: one top-level name for each pattern, in TOML or JSON.

In TOML a pattern is a table, in JSON an object. In both it may also be a string that holds the
pattern's JSON text, which is how a TOML file says ``null``.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Final, cast

from eventroute.cli.failure import InputError
from eventroute.cli.reading import name_of, read_whole
from eventroute.errors import JSONTextError, PatternError
from eventroute.jsontext import encode_utf8, parse
from eventroute.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_RULE_BYTES", "choose_rule", "read_rules"]

MAX_RULE_BYTES: Final = 64 << 20
"""The largest rule file, in bytes: some hundred thousand rules."""


def read_rules(place: str) -> dict[str, Pattern]:
    """Read a rule file.

    :param place: path of the file; ``.json`` and ``.toml`` say what it holds, and in any other
        file a first ``{`` does.
    :raises InputError: the file cannot be read, is neither, names no rule, or a pattern in it is
        not valid.
    """
    text = read_whole(place, max_bytes=MAX_RULE_BYTES, remedy="split it")
    as_json = place.endswith(".json") or (
        not place.endswith(".toml") and text.lstrip().startswith(b"{")
    )
    table = _read_json(place, text) if as_json else _read_toml(place, text)
    if not table:
        raise InputError(f"{name_of(place)} names no rule; write one pattern under each name")
    return {name: _pattern(place, name, value) for name, value in table.items()}


def choose_rule(place: str, name: str) -> Pattern:
    """Read one pattern of a rule file.

    :raises InputError: no rule has this name.
    """
    rules = read_rules(place)
    if name not in rules:
        some = ", ".join(repr(known) for known in list(rules)[:10])
        more = f" and {len(rules) - 10} more" if len(rules) > 10 else ""
        raise InputError(f"{name_of(place)} has no rule {name!r}; it has {some}{more}")
    return rules[name]


def _read_json(place: str, text: bytes) -> dict[str, object]:
    try:
        value = parse(text, max_bytes=MAX_RULE_BYTES)
    except JSONTextError as error:
        raise InputError(f"{name_of(place)} is not JSON that can be read: {error}") from None
    if not isinstance(value, dict):
        raise InputError(f'{name_of(place)} must hold an object, such as {{"NAME": {{PATTERN}}}}')
    return cast("dict[str, object]", value)


def _read_toml(place: str, text: bytes) -> dict[str, object]:
    try:
        return tomllib.loads(encode_utf8(text).decode())
    except (tomllib.TOMLDecodeError, JSONTextError) as error:
        raise InputError(f"{name_of(place)} is not TOML that can be read: {error}") from None
    except RecursionError:
        raise InputError(f"{name_of(place)} nests too deep; flatten it") from None


def _pattern(place: str, name: str, value: object) -> Pattern:
    where = f"{name_of(place)}, rule {name!r}"
    if not name:
        raise InputError(f"{name_of(place)} has a rule without a name; name it")
    if not isinstance(value, str | dict):
        raise InputError(
            f"{where} is no pattern but {_shown(value)}; a rule file holds a pattern under each "
            'name, so one lone pattern becomes {"NAME": {PATTERN}}'
        )
    try:
        return Pattern(cast("str | Mapping[str, object]", value))
    except PatternError as error:
        raise InputError(f"{where}: {error}") from None


def _shown(value: object) -> str:
    text = str(value) if not isinstance(value, list | str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
