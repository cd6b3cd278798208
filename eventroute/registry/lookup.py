"""Choosing a version, and saying what is nearby when there is none."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from eventroute.errors import ContractNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Index", "choose_version"]

_COMPARED: Final = 256  # comparing is quadratic, and names come from strangers
_SHOWN: Final = 5

Index = dict[tuple[str, str], tuple[int, ...]]
"""Ascending versions by topic and type."""


def choose_version(
    index: Mapping[tuple[str, str], Sequence[int]],
    topic: str,
    type_: str,
    version: int | None,
    where: str,
) -> int:
    """Return the version asked for, or the latest.

    :param where: the place of the registry, for the message.
    :raises ContractNotFoundError: naming what exists nearby.
    """
    versions = index.get((topic, type_), ())
    if version is not None and version in versions:
        return version
    if versions and version is None:
        return versions[-1]
    if versions:
        known = ", ".join(map(str, versions))
        raise ContractNotFoundError(
            f"{topic}/{type_} has no version {version} in {where}; it has {known}: name one of "
            "them or register it"
        )
    raise ContractNotFoundError(
        f"no contract for the type {_clip(type_)} of the topic {_clip(topic)} in {where}: "
        f"{_nearby(index, topic, type_)}; correct the name or register the contract"
    )


def _nearby(index: Iterable[tuple[str, str]], topic: str, type_: str) -> str:
    keys = list(index)
    if not keys:
        return "the registry is empty"
    types = sorted(known for in_topic, known in keys if in_topic == topic)
    if types:
        return f"the topic has {_some(_closest(type_, types) or types)}"
    elsewhere = sorted(in_topic for in_topic, known in keys if known == type_)
    if elsewhere:
        return f"the type is known in the topics {_some(elsewhere)}"
    topics = sorted({in_topic for in_topic, _ in keys})
    return f"the registry has the topics {_some(_closest(topic, topics) or topics)}"


def _closest(name: str, known: list[str]) -> list[str]:
    return get_close_matches(name[:_COMPARED], known, _SHOWN)


def _some(names: list[str]) -> str:
    shown = ", ".join(_clip(name) for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def _clip(name: str) -> str:
    return repr(name if len(name) <= 128 else name[:127] + "…")
