"""The names on the way to the paths that rules name, as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Step", "spellings", "steps_to"]


class Step:
    """One name on the way to paths; the root has none.

    :ivar path: the names up to and with this one.
    :ivar index: index of the path that ends here, or ``None``.
    :ivar indexes: those of all paths that end here or further on.
    :ivar steps: the names that follow.
    :ivar dotted: names with dots in them under which an event may write several steps at once.
    :ivar field: what the name is called in generated types.
    """

    __slots__ = ("dotted", "field", "index", "indexes", "path", "steps")

    def __init__(self, path: tuple[str, ...], field: str) -> None:
        self.path = path
        self.field = field
        self.index: int | None = None
        self.indexes: list[int] = []
        self.steps: dict[str, Step] = {}
        self.dotted: tuple[str, ...] = ()

    def way(self, path: str) -> Iterator[Step]:
        """The steps to a path below, made where they are missing."""
        step = self
        for name in path.split("."):
            known = step.steps.get(name)
            if known is None:
                known = Step((*step.path, name), f"f{len(step.steps)}")
                step.steps[name] = known
            step = known
            yield step


def steps_to(paths: Sequence[str]) -> Step:
    """The tree of all paths; their order gives the indexes."""
    root = last = Step((), "")
    for index, path in enumerate(paths):
        for last in root.way(path):
            last.indexes.append(index)
        last.index = index
    pending = [root]
    for step in pending:
        step.dotted = tuple(sorted(_dotted(step)))
        pending += step.steps.values()
    return root


def spellings(paths: Sequence[str]) -> int:
    """At least how many names with dots an event may write for some of the steps to paths."""
    return sum(length * (length - 1) // 2 for length in (path.count(".") + 1 for path in paths))


def _dotted(step: Step) -> Iterator[str]:
    pending = [*step.steps.items()]
    for way, at in pending:
        for name, below in at.steps.items():
            yield f"{way}.{name}"
            pending.append((f"{way}.{name}", below))
