"""The ``EVENTROUTE_*`` variables: which key of the configuration each of them sets."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, cast

from eventroute.errors import ConfigurationError, JSONTextError
from eventroute.jsontext import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["NESTING", "PREFIX", "Variables"]

PREFIX: Final = "EVENTROUTE_"
NESTING: Final = "__"

_OF_A_SERVICE: Final = re.compile(r"(^|_)(service_host|service_port(_\w+)?|port(_\d+_\w+)?)$")
"""Kubernetes sets such variables where a service is called eventroute, or eventroute-worker."""


class Variables:
    """The variables that set something.

    :param environment: all variables of the process.
    :param scalars: keys that hold one value.
    :param tables: keys that hold a table of known members.
    :param backends: keys that hold the options of a backend.
    :raises ConfigurationError: a variable that sets no key there is.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        scalars: Collection[str],
        tables: Collection[str],
        backends: Collection[str],
    ) -> None:
        self._backends = backends
        self._values: dict[str, str] = {}
        self._keys: dict[str, tuple[str, ...]] = {}
        for name, value in environment.items():
            if not name.upper().startswith(PREFIX) or name.upper() == f"{PREFIX}CONFIG":
                continue
            key = tuple(name[len(PREFIX) :].lower().split(NESTING))
            known = [*scalars, *tables, *backends]
            if key[0] not in known or (len(key) > 1 and key[0] in scalars):
                _refuse_if_misspelt(name, key, [*known, "config"])
                continue
            if len(key) == 1 and key[0] not in scalars:
                _refuse_unless_object(name, value)
            self._values[name] = value
            self._keys[name] = key

    def backend_tables(self) -> dict[str, Any]:
        """Options of backends: numbers, booleans and other JSON as such, the rest as text."""
        found: dict[str, Any] = {}
        for name, key in sorted(self._keys.items(), key=lambda item: len(item[1])):
            if key[0] in self._backends:
                _set(found, key, _json_or_text(self._values[name]), name)
        return found

    def that_set(self, key: tuple[str, ...]) -> str | None:
        """Name of the variable that set a key, or the nearest part of it."""
        related = [
            name
            for name, mine in self._keys.items()
            if mine[: len(key)] == key or mine == key[: len(mine)]
        ]
        return min(related, key=lambda name: abs(len(self._keys[name]) - len(key)), default=None)


def _refuse_if_misspelt(name: str, key: tuple[str, ...], known: Collection[str]) -> None:
    if _OF_A_SERVICE.search(key[0]) and len(key) == 1:
        return
    table = next((one for one in known if key[0].startswith(f"{one}_")), None)
    if len(key) == 1 and table is not None:
        member = key[0].removeprefix(f"{table}_")
        raise ConfigurationError(
            f"{name} sets no key of the configuration; did you mean "
            f"{PREFIX}{table.upper()}{NESTING}{member.upper()}, with two underscores?"
        )
    near = get_close_matches(key[0], known, 1, 0.75)
    if len(key) > 1 or near:
        first = f"{PREFIX}{near[0].upper()}" if near else f"{PREFIX}BACKEND"
        raise ConfigurationError(
            f"{name} sets no key of the configuration; did you mean {first}? It has "
            f"{', '.join(sorted(known))}"
        )


def _refuse_unless_object(name: str, value: str) -> None:
    if not isinstance(_json_or_text(value), dict):
        raise ConfigurationError(
            f"{name} is {value[:60]!r}, but it sets a table; write a JSON object, or set one "
            f"member with {name}{NESTING}MEMBER"
        )


def _json_or_text(value: str) -> object:
    try:
        return cast("object", parse(value))
    except JSONTextError:
        return value


def _set(table: dict[str, Any], key: tuple[str, ...], value: object, name: str) -> None:
    *outer, last = key
    for step in outer:
        inner: object = table.setdefault(step, {})
        if not isinstance(inner, dict):
            raise ConfigurationError(
                f"{name} sets a member of {step!r}, which another variable sets to one value; "
                "unset one of them"
            )
        table = cast("dict[str, Any]", inner)
    table[last] = value
