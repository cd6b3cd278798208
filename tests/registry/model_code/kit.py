"""Generated modules, and the contracts that their models stand for."""

from __future__ import annotations

import sys
from itertools import count
from types import ModuleType
from typing import TYPE_CHECKING, Any

from eventroute.event_type import declared_type
from eventroute.registry import Contract, as_contract
from eventroute.registry.model_code import write_models

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

_numbers = count()


def imported(text: str) -> ModuleType:
    """Import a generated text."""
    module = ModuleType(f"generated_{next(_numbers)}")
    sys.modules[module.__name__] = module  # where pydantic looks names up
    exec(compile(text, module.__name__, "exec"), module.__dict__)  # noqa: S102  we wrote it
    return module


def model(name: str, *contracts: Contract) -> type[BaseModel]:
    """A class of the module that these contracts give."""
    found: type[BaseModel] = getattr(imported(write_models(contracts)), name)
    return found


def contract(schema: dict[str, Any], version: int = 1, *, type: str = "OrderPlaced") -> Contract:  # noqa: A002
    return Contract("shop.orders", type, version, schema)


def properties(schema: dict[str, Any], *required: str) -> Contract:
    """The contract of an object."""
    return contract({"type": "object", "properties": schema, "required": [*required]})


def declared_in(module: ModuleType) -> list[Contract]:
    """The contracts of the event types of a module."""
    found = [one for one in vars(module).values() if isinstance(one, type) and declared_type(one)]
    return sorted(map(as_contract, found), key=str)


def second_round(contracts: Iterable[Contract]) -> tuple[list[Contract], list[Contract]]:
    """What the models of some contracts stand for, and what the models of that stand for."""
    once = declared_in(imported(write_models(contracts)))
    return once, declared_in(imported(write_models(once)))
