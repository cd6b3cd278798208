"""A pattern in the words of people: ``total ≥ 1000``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from eventroute.pattern.operators import Text

if TYPE_CHECKING:
    from eventroute.pattern import Pattern
    from eventroute.pattern.clause import Clause, SubRule
    from eventroute.pattern.operators import Matcher

__all__ = ["EVERY_EVENT", "alternatives"]

EVERY_EVENT: Final = "every event"
"""What an alternative without conditions lets through."""

_TEXTS: Final = {"prefix": "begins with", "suffix": "ends with", "wildcard": "looks like"}
_SIGNS: Final = {">=": "≥", "<=": "≤", "=": "="}


def alternatives(pattern: Pattern) -> tuple[tuple[str, ...], ...]:
    """The conditions of a pattern: all those of one alternative must hold.

    The one topic and the one event type that a pattern names are left out.
    """
    return tuple(dict.fromkeys(_conditions(rule) for rule in pattern.sub_rules))


def _conditions(rule: SubRule) -> tuple[str, ...]:
    return tuple(_condition(clause) for clause in rule if not _names_one(clause))


def _names_one(clause: Clause) -> bool:
    one = len(clause.matchers) == 1 and isinstance(clause.matchers[0], Text)
    return one and clause.path in {"source", "detail-type"}


def _condition(clause: Clause) -> str:
    path = clause.path.removeprefix("detail.")
    values: list[str] = []
    texts: list[str] = []
    for test in clause.matchers:
        if test.operator == "equals":
            values.append(_json(test.to_json()))
        else:
            texts.append(_text(test))
    if values:
        texts.insert(0, f"is {_either(values)}")
    return f"{path} {_either(texts)}"


def _text(test: Matcher) -> str:
    value = test.to_json()
    operand = value.get(test.operator) if isinstance(value, dict) else None
    match test.operator:
        case "exists":
            said = "is present" if operand else "is absent"
        case "numeric" if isinstance(operand, list):
            pairs = zip(operand[::2], operand[1::2], strict=False)
            said = " and ".join(f"{_SIGNS.get(str(sign), sign)} {_json(n)}" for sign, n in pairs)
        case "prefix" | "suffix" | "wildcard" if isinstance(operand, str):
            said = f"{_TEXTS[test.operator]} {_json(operand)}"
        case "anything-but" if not isinstance(operand, dict):
            excluded = operand if isinstance(operand, list) else [operand]
            said = f"is not {_either([_json(one) for one in excluded])}"
        case "equals-ignore-case":
            said = f"is {_json(operand)} in any case"
        case "cidr":
            said = f"is in {operand}"
        case _:
            said = f"passes {_json(value)}"
    return said


def _either(texts: list[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} or {texts[-1]}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
