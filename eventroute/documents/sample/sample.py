"""The example to show of a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventroute.documents.sample.maker import CannotMakeError, Maker
from eventroute.errors import EventRouteError
from eventroute.registry.validation import Checker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["sample_of"]


def sample_of(schema: Mapping[str, object]) -> dict[str, Any] | None:
    """Return a detail that fits a contract: the first of its ``examples`` that does, or a new one.

    :returns: the same for the same schema; ``None`` where none was found that fits.
    """
    try:
        checker = Checker(schema, "the example")
        return next((one for one in _candidates(schema) if not checker.violations(one)), None)
    except (EventRouteError, RecursionError):
        return None


def _candidates(schema: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    examples = schema.get("examples")
    given = [*(examples if isinstance(examples, list) else []), schema.get("default")]
    yield from (one for one in given if isinstance(one, dict))
    makers = (*(Maker(schema, choice) for choice in range(4)), Maker(schema, deep=0))
    for maker in makers:
        try:
            made = maker.detail()
        except CannotMakeError:
            continue
        if isinstance(made, dict):
            yield made
