"""Members at the top of a pattern that look like misspelt members of an event."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from eventroute.pattern.analysis.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.pattern.pattern import Pattern

__all__ = ["find_misspelt_names", "names_of_no_event"]

# https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
_MEMBERS: Final = (
    *("version", "id", "detail-type", "source", "account", "time", "region", "resources"),
    *("detail", "replay-name"),
)


def find_misspelt_names(pattern: Pattern) -> list[Finding]:
    """Names that no EventBridge event has at its top, and that are nearly one that each has.

    A guess: another event, such as the body of a message, may have such a member.
    """
    return [
        Finding(
            pointer,
            Verdict.SUSPICIOUS,
            f'no EventBridge event has a member "{name}"; did you mean "{near}"?',
        )
        for pointer, name in _names(json.loads(pattern.to_json()), "")
        if (near := _nearest(name)) is not None
    ]


def names_of_no_event(pattern: Pattern) -> dict[str, str | None]:
    """Names at the top of a pattern that no EventBridge event has, each with the nearest one."""
    return {name: _nearest(name) for _, name in _names(json.loads(pattern.to_json()), "")}


def _names(pattern: dict[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for name, value in pattern.items():
        if name == "$or" and isinstance(value, list):
            for index, alternative in enumerate(value):
                if isinstance(alternative, dict):
                    yield from _names(alternative, f"{above}/$or/{index}")
        elif name not in _MEMBERS:
            yield f"{above}/{name.replace('~', '~0').replace('/', '~1')}", name


def _nearest(name: str) -> str | None:
    near = get_close_matches(name.lower().replace("_", "-"), _MEMBERS, 1, 0.75)
    return near[0] if near else None
