"""All the schemas that surely apply to one value: one, what it refers to, and all of ``allOf``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["applying"]


def applying(
    schema: object, target: Callable[[str], object], *, beside_references: bool = True
) -> Iterator[dict[str, Any] | bool]:
    """Each of them once, the nearest first; those in a circle of references, too.

    What is no schema is left out. A schema is looked into only after it was given, so that whoever
    asks may stop before.

    :param target: what a ``$ref`` leads to; ``None`` where it leads nowhere.
    :param beside_references: whether keywords beside a ``$ref`` count: from 2019-09 on they do.
    """
    pending: list[object] = [schema]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if isinstance(one, bool):
            yield one
        if not isinstance(one, dict) or id(one) in seen:
            continue
        seen.add(id(one))
        reference = one.get("$ref")
        refers = isinstance(reference, str)
        counts = beside_references or not refers
        if counts:
            yield one
        if refers:
            pending.append(target(str(reference)))
        parts = one.get("allOf")
        if counts and isinstance(parts, list):
            pending.extend(reversed(parts))
