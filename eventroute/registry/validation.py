"""A contract compiled for checking, with nothing fetched from anywhere."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import ContractError, ContractViolationError, EffortSpentError, Violation
from eventroute.jsontext import pointer
from eventroute.registry.effort import MAX_STEPS, STEPS_A_VALUE, bounded
from eventroute.registry.panics import surfaced_panics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema import ValidationError

    from eventroute.registry.dialect import Dialect

__all__ = ["MAX_VIOLATIONS", "Checker", "refuse_invalid"]

MAX_VIOLATIONS: Final = 1000
"""Most failures of one check: a hostile event can break its contract a million times."""


class Checker:
    """Checks details against one schema.

    :param schema: a JSON Schema of any draft that ``$schema`` names; 2020-12 where it names none.
    :param contract: the contract's name, for messages.
    :param where: the schema's file, for messages; the contract's name where there is none.
    :param fast: ask jsonschema-rs first whether a detail is valid, where it is installed and reads
        the schema as jsonschema does. What is refused, and how, is the same.
    :param proven: the dialect, where the schema is known to be valid in it.
    :raises ContractError: not a valid schema, or a ``$ref`` that leads out of it.
    """

    def __init__(
        self,
        schema: Mapping[str, object],
        contract: str,
        where: str | None = None,
        *,
        fast: bool = True,
        proven: Dialect | None = None,
    ) -> None:
        self.schema: Final = schema
        self._contract: Final = contract
        where = where or f"the contract {contract}"
        dialect = proven or refuse_invalid(schema, where)
        self._validator = _compiled(schema, dialect, where)
        self._fast = _fast_validator(schema, dialect) if fast else None

    def check(self, detail: Mapping[str, object]) -> None:
        """Refuse a detail that breaks the contract.

        :raises ContractViolationError: with every place that is wrong, in document order.
        """
        violations = self.violations(detail)
        if violations:
            raise ContractViolationError(self._contract, violations)

    def violations(self, detail: Mapping[str, object]) -> list[Violation]:
        """Every place that is wrong, in document order; at most 1,000 of them."""
        if self._fast is not None and self._fast(detail):
            return []
        try:
            with surfaced_panics(), bounded(detail):
                errors: list[ValidationError] = list(
                    islice(self._validator.iter_errors(detail), MAX_VIOLATIONS)
                )
            if not errors:
                return []
            from eventroute.registry.failures import explain  # noqa: PLC0415  only when it fails

            failures = explain(errors, self.schema, detail)[:MAX_VIOLATIONS]
        except RecursionError:
            return [
                Violation(
                    "",
                    "is nested too deeply to be checked, or its contract refers to itself "
                    "without end",
                )
            ]
        except EffortSpentError:
            return [
                Violation(
                    "",
                    f"takes more than {MAX_STEPS:,} steps, and {STEPS_A_VALUE} for each value "
                    "in it, to check; simplify the alternatives and the patterns of its contract",
                )
            ]
        return [Violation(pointer(*failure.path), failure.message) for failure in failures]


def refuse_invalid(schema: Mapping[str, object], where: str) -> Dialect:
    """Refuse what is no JSON Schema, wherever its references lead.

    :param where: what messages name.
    :returns: its dialect.
    :raises ContractError: naming the place.
    """
    # Imported here: jsonschema costs more than all the rest of eventroute.
    import jsonschema  # noqa: PLC0415

    from eventroute.registry.dialect import META_CHECKER, dialect_of  # noqa: PLC0415

    dialect = dialect_of(schema, where)
    try:
        dialect.validator.check_schema(schema, format_checker=META_CHECKER)
    except jsonschema.SchemaError as error:
        place = pointer(*error.absolute_path) or "its top"
        raise ContractError(
            f"{where} is not a valid JSON Schema, at {place}: {error.message[:200]}"
        ) from None
    except RecursionError:
        raise ContractError(f"{where} is nested too deeply for a JSON Schema") from None
    return dialect


def _compiled(schema: Mapping[str, object], dialect: Dialect, where: str) -> Any:  # noqa: ANN401  jsonschema's
    from referencing.jsonschema import EMPTY_REGISTRY  # noqa: PLC0415

    from eventroute.registry.patterns import refuse_costly_patterns  # noqa: PLC0415
    from eventroute.registry.references import refuse_open_references  # noqa: PLC0415

    reached = refuse_open_references(schema, dialect.uri, where)
    refuse_costly_patterns(reached, where)
    # A registry of its own, because jsonschema's default one opens remote references.
    return dialect.validator(schema, registry=EMPTY_REGISTRY, format_checker=dialect.format_checker)


def _fast_validator(
    schema: Mapping[str, object], dialect: Dialect
) -> Callable[[Mapping[str, object]], bool] | None:
    from eventroute.registry.fast import fast_validator  # noqa: PLC0415

    return fast_validator(schema, dialect)
