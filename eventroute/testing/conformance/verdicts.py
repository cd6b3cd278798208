"""Running properties without pytest: for reports, and for adapters that are broken on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from eventroute.testing.conformance.promise import NotApplicableError, check_of, keeps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.testing.conformance.harness import Harness

__all__ = ["Verdict", "promises_of", "verdicts"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one property.

    :ivar name: of the test method.
    :ivar kept: whether the backend keeps it; ``None`` where it does not apply.
    :ivar reason: why it is broken, or does not apply; ``""`` where it is kept.
    """

    name: str
    kept: bool | None
    reason: str = ""


def promises_of(kit: type[Harness]) -> dict[str, list[str]]:
    """The names of its properties by their group, in the order in which they are written.

    Those that the author of a kit has left out, by setting their names to ``None``, are not there.
    """
    groups: dict[str, list[str]] = {}
    for base in kit.__mro__:
        names = [name for name, member in vars(base).items() if check_of(member) is not None]
        names = [name for name in names if check_of(getattr(kit, name)) is not None]
        if names:
            groups[base.__module__.rpartition(".")[2]] = names
    return groups


def verdicts(
    harness: Harness, names: Iterable[str] | None = None, *, loop: str = "asyncio"
) -> Iterator[Verdict]:
    """Run properties one after the other.

    :param names: which; all of them when left out.
    :raises LookupError: a name is that of no property.
    """
    all_of_them = [name for group in promises_of(type(harness)).values() for name in group]
    chosen = all_of_them if names is None else names
    for name in chosen:
        check = check_of(getattr(type(harness), name, None))
        if check is None:
            raise LookupError(f"{name!r} names no property")
        with TemporaryDirectory(prefix="eventroute-") as folder:
            try:
                keeps(harness, check, loop=loop, place=Path(folder))
            except NotApplicableError as reason:
                yield Verdict(name, None, str(reason))
            except Exception as error:
                yield Verdict(name, False, f"{type(error).__name__}: {error}")
            else:
                yield Verdict(name, True)
