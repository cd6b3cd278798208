"""SNS's own filter: which messages a policy lets through, and which policies SNS takes.

https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from eventroute.errors import EventError, JSONTextError, LimitExceededError, PatternError
from eventroute.jsontext import parse, pointer
from eventroute.pattern.event_values import EventLike
from eventroute.pattern.json_values import JSON, Members, members, shown
from eventroute.pattern.narrow.carried import obstacle, unseen
from eventroute.pattern.narrow.measure import measure
from eventroute.pattern.narrow.policy import GENEROUS
from eventroute.pattern.pattern import Pattern
from eventroute.pattern.source import read

if TYPE_CHECKING:
    from eventroute.pattern.narrow.dialect import Dialect

__all__ = ["SNSMessage", "SNSScope", "check_policy", "sns_matches"]

SNSScope: TypeAlias = Literal["MessageBody", "MessageAttributes"]
"""``FilterPolicyScope`` of a subscription."""

SNSMessage: TypeAlias = EventLike | Mapping[str, Mapping[str, object]]
"""The body, or message attributes by name, with ``DataType`` and ``StringValue`` or, as in a
notification, ``Type`` and ``Value``."""

_LONGEST: Final = 400
"""Digits of the largest double; more would take long to become an integer."""


def sns_matches(
    policy: str | bytes | Mapping[str, Any], message: SNSMessage, scope: SNSScope
) -> bool:
    """Tell whether SNS delivers a message.

    :param policy: a filter policy; an empty one lets everything through.
    :raises PatternError: the policy is not valid.
    """
    pattern = _read(policy, attributes=scope == "MessageAttributes")
    if pattern is None:
        return True
    if scope == "MessageAttributes":
        if isinstance(message, Mapping):
            return pattern.matches(_document(message))
        raise EventError("message attributes are a mapping of names to types and values")
    try:
        return pattern.matches(cast("EventLike", message))
    except (JSONTextError, EventError):
        return False  # a body that is no JSON object passes no policy


def check_policy(policy: str | bytes | Mapping[str, Any], dialect: Dialect) -> None:
    """Refuse a policy, or an EventBridge pattern, that a dialect does not carry as it is.

    Stricter than AWS where AWS does not say what it takes.

    :raises PatternError: naming the place, and what is wrong there.
    :raises LimitExceededError: naming the limit and the value.
    """
    nested = dialect.scope != "MessageAttributes"
    pattern = _read(policy, attributes=not nested)
    if pattern is None:
        if dialect.scope == "EventBridgeRule":
            raise PatternError(f"{dialect.name} needs a pattern with a field")
        return
    for clause in {clause: None for rule in pattern.sub_rules for clause in rule}:
        if "$or" in clause.segments:
            raise PatternError("a field cannot be named $or", pointer=clause.pointer)
        if (why := unseen(clause.path, dialect)) is not None:
            raise PatternError(why[0], pointer=clause.pointer)
        for index, test in enumerate(clause.matchers):
            wrong = obstacle(test, dialect)
            if wrong is not None:
                place = clause.pointer + pointer(index)
                raise PatternError(f"{wrong[0]} ({shown(test.to_json())})", pointer=place)
    over = measure(pattern.source, nested=nested).over(dialect)
    if over is not None:
        raise LimitExceededError("; ".join(over))


def _read(policy: str | bytes | Mapping[str, Any], *, attributes: bool) -> Pattern | None:
    """The policy as a pattern, or ``None`` for the empty one."""
    tree, _ = read(policy, GENEROUS)
    if tree == {}:
        return None
    if attributes and isinstance(tree, dict | Members):
        return Pattern(_flat(tree, ""), limits=GENEROUS)
    return Pattern(policy, limits=GENEROUS)


def _flat(tree: dict[str, JSON] | Members, place: str) -> dict[str, Any]:
    """A policy on attributes: no objects in it, and values may stand without a list."""
    flat: dict[str, Any] = {}
    for name, value in members(tree):
        here = place + pointer(name)
        if isinstance(value, dict | Members):
            raise PatternError(
                "message attributes have no members; filter on the message body", pointer=here
            )
        if name == "$or" and isinstance(value, list):
            flat[name] = [
                _flat(each, here + pointer(index)) if isinstance(each, dict | Members) else each
                for index, each in enumerate(value)
            ]
        else:
            flat[name] = value if isinstance(value, list) else [value]
    return flat


def _document(attributes: Mapping[Any, object]) -> dict[str, Any]:
    """Message attributes as an event: patterns then test what SNS tests."""
    document: dict[str, Any] = {}
    for name, attribute in attributes.items():
        if not isinstance(name, str) or not isinstance(attribute, Mapping):
            raise EventError(f"{shown(name)} is not a message attribute with type and value")
        value = _value(attribute)
        if value is not None:
            document[name] = value
    return document


def _value(attribute: Mapping[str, object]) -> JSON:
    """What a policy sees of an attribute, ``None`` for nothing. Binary values are ignored."""
    kind = str(attribute.get("DataType", attribute.get("Type", "")))
    value = attribute.get("StringValue", attribute.get("Value"))
    if kind == "String.Array":
        try:
            items = parse(str(value))
        except JSONTextError:
            return None
        return items if isinstance(items, list) else None
    if kind.partition(".")[0] == "Number":
        return _number(str(value))
    return str(value) if kind.partition(".")[0] == "String" else None


def _number(text: str) -> int | float | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > _LONGEST:
        return None
    return int(number) if number == number.to_integral_value() else float(number)
