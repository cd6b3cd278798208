"""The imports of a module that is put together from several."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Import", "imported", "written_imports"]

Import = tuple[str, str]
"""Module and name of a ``from … import …``."""


def imported(tree: ast.Module) -> dict[str, Import]:
    """What a module imports, by the name that it has there."""
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }


def written_imports(wanted: Iterable[tuple[str, Import]]) -> str:
    """Write them sorted: the standard library, then what is installed."""
    modules: dict[str, set[str]] = {}
    for local, (module, name) in wanted:
        shown = name if name == local else f"{name} as {local}"
        modules.setdefault(module, set()).add(shown)
    own: list[str] = []
    others: list[str] = []
    for module in sorted(modules):
        standard = module.partition(".")[0] in sys.stdlib_module_names
        line = f"from {module} import {', '.join(sorted(modules[module]))}"
        (own if standard else others).append(line)
    groups = ["from __future__ import annotations", "\n".join(own), "\n".join(others)]
    return "\n\n".join(group for group in groups if group)
