"""The fast validator, where it is installed: ``pip install "eventroute[fast]"``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventroute.registry.fast_schema import fast_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eventroute.registry.dialect import Dialect

__all__ = ["fast_validator"]


def fast_validator(
    schema: Mapping[str, Any], dialect: Dialect
) -> Callable[[Mapping[str, object]], bool] | None:
    """Return a function that says ``True`` of valid details alone, and ``False`` of what it cannot.

    :returns: ``None`` where the extra is not installed, or the schema is not for it.
    """
    try:
        import jsonschema_rs  # noqa: PLC0415  an extra
    except ImportError:
        return None
    rewritten = fast_schema(schema, dialect)
    if rewritten is None:
        return None
    try:
        validator = jsonschema_rs.validator_for(
            rewritten,
            offline=True,
            formats=_formats(dialect),
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except (ValueError, jsonschema_rs.ReferencingError):
        return None  # an expression that is too large for it

    def valid(detail: Mapping[str, object]) -> bool:
        try:
            return validator.is_valid(detail)
        except (TypeError, ValueError):
            return False  # a text with a surrogate, say: jsonschema decides

    return valid


def _formats(dialect: Dialect) -> dict[str, Callable[[str], bool]]:
    if dialect.format_checker is None:
        return {}
    return {
        name: _conforming(check) for name, (check, _) in dialect.format_checker.checkers.items()
    }


def _conforming(check: Callable[[Any], bool]) -> Callable[[str], bool]:
    def conforms(text: str) -> bool:
        try:
            return bool(check(text))
        except ValueError:
            return False

    return conforms
