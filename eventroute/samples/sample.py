"""One sample of a schema: checked, or quickly made and left to be checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventroute.errors import EventRouteError
from eventroute.registry.validation import Checker
from eventroute.samples.errors import CannotMakeError
from eventroute.samples.maker import Maker
from eventroute.samples.style import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["checked_sample", "plain_sample"]


def checked_sample(schema: Mapping[str, object]) -> dict[str, Any] | None:
    """Return a detail that fits a contract: the first of its ``examples`` that does, or a new one.

    :returns: the same for the same schema; ``None`` where none was found that fits.
    """
    try:
        checker = Checker(schema, "the example")
        return next((one for one in _candidates(schema) if not checker.violations(one)), None)
    except (EventRouteError, RecursionError):
        return None


def plain_sample(schema: Mapping[str, object], *, whole: bool) -> object:
    """Return a short value that is meant to fit a valid schema, but may fail to.

    :param whole: with the members that are optional, too, a few levels down.
    :returns: the same for the same schema; an empty object where none was found.
    """
    maker = Maker(schema, PLAIN) if whole else Maker(schema, PLAIN, deep=0)
    try:
        return maker.value()
    except CannotMakeError:
        return {}


def _candidates(schema: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    examples = schema.get("examples")
    given = [*(examples if isinstance(examples, list) else []), schema.get("default")]
    yield from (one for one in given if isinstance(one, dict))
    makers = (*(Maker(schema, choice=choice) for choice in range(4)), Maker(schema, deep=0))
    for maker in makers:
        try:
            made = maker.detail()
        except CannotMakeError:
            continue
        if isinstance(made, dict):
            yield made
