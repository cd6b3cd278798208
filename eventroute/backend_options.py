"""Reads a backend's own table of ``eventroute.toml`` into a model, for adapters."""

from __future__ import annotations

from difflib import get_close_matches
from json import dumps
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from eventroute.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_table"]

Options = TypeVar("Options", bound=BaseModel)


def read_table(model: type[Options], table: str, options: Mapping[str, object]) -> Options:
    """Check a table.

    :param model: forbids what it does not know.
    :param table: its name, which messages begin with.
    :raises ConfigurationError: naming every option that is wrong, its value and the remedy.
    """
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        problems = [_problem(dict(one), model, table) for one in error.errors(include_url=False)]
        raise ConfigurationError("\n".join(problems)) from None


def _problem(found: dict[str, Any], model: type[BaseModel], table: str) -> str:
    place = ".".join([table, *map(str, found["loc"])])
    if found["type"] == "extra_forbidden":
        known = list(model.model_fields)
        near = get_close_matches(str(found["loc"][-1]), known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        return f"{place} is not known; {hint}"
    shown = dumps(found["input"], default=str)[:60]
    return f"{place} is {shown}: {found['msg'].replace('Input should', 'it should')}"
