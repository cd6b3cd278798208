"""Names as people write them: ``invoice`` for ``billing.invoice``, ``none`` for ``NONE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.errors import NameNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["complete", "in_any_case"]


def in_any_case(name: str, names: Iterable[str]) -> str | None:
    """The one of several names that is meant, in upper or lower case; ``None`` where none is."""
    return next((one for one in names if one.casefold() == name.casefold()), None)


def complete(name: str, names: Sequence[str], *, kind: str) -> str:
    """The one of several names that is meant.

    :param name: one of them, or its last part.
    :param kind: what they name, for messages: ``"subscriptions"``.
    :raises NameNotFoundError: none is meant, or several may be.
    """
    if name in names:
        return name
    found = [one for one in names if one.endswith(f".{name}")]
    if len(found) != 1:
        raise NameNotFoundError(
            f"{len(found)} {kind} are named {name!r}; "
            f"there are {', '.join(found or names) or 'none'}{_meant(name, names)}"
        )
    return found[0]


def _meant(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  only for the message

    short = [one.rpartition(".")[2] for one in names]
    near = get_close_matches(name, [*names, *short], 1)
    return f"; did you mean {near[0]!r}?" if near and name not in short else ""
