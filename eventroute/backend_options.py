"""Reads a backend's own table of ``eventroute.toml`` into a model, for adapters."""

from __future__ import annotations

import re
from difflib import get_close_matches
from json import dumps
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from eventroute.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_table", "told"]

Options = TypeVar("Options", bound=BaseModel)

_SUBJECT: Final = re.compile(r"^(Input|String|List|Tuple|Value) should")
_WANTED: Final = {
    "dict_type": "a table",
    "list_type": "a list",
    "mapping_type": "a table",
    "model_type": "a table",
    "path_type": "a path, written as a string",
    "tuple_type": "a list",
}
"""What pydantic says in terms of Python, in those of TOML."""


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
    *way, name = map(str, found["loc"])
    if found["type"] == "missing":
        return f"{place} is missing; set it"
    for step in way:
        model = _model_in(model.model_fields[step].annotation) or model
    if found["type"] == "extra_forbidden":
        known = list(model.model_fields)
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        return f"{place} is not known; {hint}"
    shown = dumps(found["input"], default=str)[:60]
    if found["type"] == "string_pattern_mismatch":
        field = model.model_fields.get(name)
        if field is not None and field.description is not None:
            return f"{place} is {shown}: it should be {field.description}"
    return f"{place} is {shown}: {told(found)}"


def told(found: Mapping[str, Any]) -> str:
    """What should be there, in terms of TOML.

    :param found: one of the errors that pydantic lists.
    """
    wanted = _WANTED.get(found["type"])
    if wanted is not None:
        return f"it should be {wanted}"
    return _SUBJECT.sub("it should", found["msg"].removeprefix("Value error, "))


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model of a nested table, which may be optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for one in get_args(annotation) if (model := _model_in(one))), None)
