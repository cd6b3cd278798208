"""One module with the models of many contracts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from eventroute.errors import ContractError
from eventroute.registry.model_code.class_names import RESERVED, class_names
from eventroute.registry.model_code.generator import generated
from eventroute.registry.model_code.imports import Import, written_imports
from eventroute.registry.model_code.rewriting import rewritten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.registry.contract import Contract
    from eventroute.registry.model_code.rewriting import Models

__all__ = ["MARKER", "write_models"]

MARKER: Final = "Written by `eventroute schema models`"
"""What stands in the first lines of every module that was written."""

_LINE_LENGTH: Final = 100
_HEADER: Final = f'''\
"""Event types, as the registry of contracts has them.

{MARKER}, which overwrites what is changed here.
"""
'''


def write_models(contracts: Iterable[Contract]) -> str:
    """Write a Python module with a pydantic model for each contract, declared with ``@event``.

    The latest version of a type has the plain name, and earlier ones their number behind it. The
    names of models inside begin with that of their event type. What pydantic cannot say, such as
    ``not``, is left out, so that a model may read more than its contract accepts.

    The same contracts give the same text. It needs Python 3.11 and pydantic 2.12.

    :raises ContractError: no model can be written for a contract.
    :raises MissingExtraError: ``eventroute[models]`` is not installed.
    """
    given = sorted(contracts, key=lambda one: (one.topic, one.type, -one.version))
    names = class_names(given)
    taken = set(names.values()) | RESERVED
    imports: set[tuple[str, Import]] = set()
    texts: list[str] = []
    for contract in given:
        name = names[contract.topic, contract.type, contract.version]
        models = _models(contract, name, taken - {name})
        taken.update(models.classes)
        imports.update(models.imports.items())
        texts.append(models.text)
    return _formatted("\n".join([_HEADER, written_imports(imports), *texts]))


def _models(contract: Contract, name: str, taken: set[str]) -> Models:
    text = generated(contract)
    try:
        return rewritten(text, name, _decorator(contract), taken)
    except (LookupError, SyntaxError, RecursionError) as error:
        raise ContractError(
            f"no model can be written for {contract}: the code generator wrote what is no module"
        ) from error


def _formatted(text: str) -> str:
    # An extra, and one that the code generator depends on.
    from black import Mode, format_str  # noqa: PLC0415
    from black.mode import TargetVersion  # noqa: PLC0415

    mode = Mode(
        target_versions={TargetVersion.PY311},
        line_length=_LINE_LENGTH,
        magic_trailing_comma=False,
    )
    return format_str(text, mode=mode)


def _decorator(contract: Contract) -> str:
    topic, type_ = (
        json.dumps(text, ensure_ascii=False) for text in (contract.topic, contract.type)
    )
    return f"@event({topic}, {type_}, version={contract.version})\n"
