"""The code generator, driven: the text of the models of one contract."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import ContractError, MissingExtraError
from eventroute.registry.model_code.choices import with_choices_in_place
from eventroute.registry.model_code.schemas import FORMAT, prepared
from eventroute.registry.validation import Checker

if TYPE_CHECKING:
    from eventroute.registry.contract import Contract

__all__ = ["ROOT", "generated"]

ROOT: Final = "EventrouteRoot"
"""A name that no definition in a contract is likely to have."""


def generated(contract: Contract) -> str:
    """Write the models of a contract, that of the whole detail as the class `ROOT`.

    :raises ContractError: the schema cannot be used, or no model can be written for it.
    :raises MissingExtraError: ``eventroute[models]`` is not installed.
    """
    Checker(contract.schema, str(contract))
    try:
        from datamodel_code_generator import (  # noqa: PLC0415  an extra
            InputFileType,
            LiteralType,
            generate,
        )
        from datamodel_code_generator.enums import DataModelType  # noqa: PLC0415
        from datamodel_code_generator.format import (  # noqa: PLC0415
            DatetimeClassType,
            PythonVersion,
        )
    except ImportError:
        raise MissingExtraError(
            "writing models needs the package datamodel-code-generator: "
            'pip install "eventroute[models]"'
        ) from None

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text: Any = generate(
                json.dumps(prepared(with_choices_in_place(contract.schema))),
                input_file_type=InputFileType.JsonSchema,
                output_model_type=DataModelType.PydanticV2BaseModel,
                target_python_version=PythonVersion.PY_311,
                output_datetime_class=DatetimeClassType.Datetime,
                formatters=[],
                disable_timestamp=True,
                class_name=ROOT,
                enum_field_as_literal=LiteralType.All,
                field_extra_keys_without_x_prefix={FORMAT},
                field_constraints=True,
                use_annotated=True,
                use_schema_description=True,
                use_single_line_docstring=True,
                use_double_quotes=True,
                use_missing_sentinel=True,
                use_standard_collections=True,
                use_union_operator=True,
                strict_nullable=True,
                allow_population_by_field_name=True,
                allow_remote_refs=False,
            )
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ContractError(f"no model can be written for {contract}: {reason[:300]}") from error
    return str(text)
