"""The backends that are compared, and the table that each is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.emulators import Emulator

__all__ = ["BACKENDS", "ON_SNS", "options_of"]

ON_SNS: Final = ("shop.orders", "late")
"""The sources that the backend ``aws`` has on SNS."""

BACKENDS: Final[Mapping[str, Mapping[str, object]]] = {
    "memory": {},
    "sqlite": {"path": "{folder}/events.db"},
    "sns": {"fan_out_lag": 0.5, "poll_wait": 1},
    "eventbridge": {"fan_out_lag": 0.5, "poll_wait": 1, "bus": "{name}"},
    "aws": {
        "fan_out_lag": 0.5,
        "poll_wait": 1,
        "default": "eventbridge",
        "sources": dict.fromkeys(ON_SNS, "sns"),
        "eventbridge": {"bus": "{name}"},
    },
}
"""Name of an entry point, and its table; one with a ``poll_wait`` is on AWS."""


def options_of(backend: str, emulator: Emulator, folder: Path) -> dict[str, object]:
    """The table of a backend, whose storage nothing else uses.

    :param folder: an empty one.
    """
    table = _filled(BACKENDS[backend], folder)
    if "poll_wait" not in table:
        return table
    return {**emulator.options(), "prefix": folder.name, **table}


def _filled(table: Mapping[str, object], folder: Path) -> dict[str, object]:
    return {
        name: _filled(given, folder)
        if isinstance(given, dict)
        else given.format(folder=folder, name=folder.name)
        if isinstance(given, str)
        else given
        for name, given in table.items()
    }
