"""HTML in which whatever is not marked as HTML is text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.documents.diagram.text import legal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Child", "Html", "element", "joined"]


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | Html | None"
"""A part of an element: text, which is escaped, or HTML; ``None`` is nothing."""

_VOID: Final = frozenset({"input", "meta"})


def element(tag: str, *children: Child, **attributes: str | bool) -> Html:
    """An element. Attributes lose a trailing ``_`` and write ``-`` for ``_``; ``True`` is bare."""
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{joined(children)}</{tag}>")


def joined(children: Iterable[Child], between: str = "") -> Html:
    """Children one after the other."""
    return Html(between.join(_written(child) for child in children if child is not None))


def _written(child: str) -> str:
    return child if isinstance(child, Html) else escape(legal(child), quote=True)


def _attribute(name: str, value: str | bool) -> str:
    if value is False:
        return ""
    name = name.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{_written(value)}"'
