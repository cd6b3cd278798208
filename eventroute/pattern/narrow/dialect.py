"""Dialects as data: what EventBridge rules and SNS filter policies can say, and how much of it.

Limits: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html and
https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from eventroute.errors import DeclarationError
from eventroute.pattern.narrow.forms import ALL_FORMS, SNS_FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EVENTBRIDGE_RULE",
    "SNS_MESSAGE_ATTRIBUTES",
    "SNS_MESSAGE_BODY",
    "Dialect",
    "NumberLimits",
    "Scope",
]

Scope: TypeAlias = Literal["EventBridgeRule", "MessageBody", "MessageAttributes"]
"""What a dialect looks at: the event, the event as the body of a message, or its attributes."""

# https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
_ATTRIBUTE: Final = re.compile(r"(?!(?i:aws\.|amazon\.))[\w-]+(\.[\w-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberLimits:
    """Which numbers a dialect compares.

    :ivar low: the least number in a policy.
    :ivar high: the greatest number in a policy.
    :ivar decimals: digits after the decimal point of a number in a policy.
    :ivar compares_beyond: whether numbers in *events* compare by value even beyond these limits.
        If not, only tests are carried that do not depend on it.
    """

    low: int
    high: int
    decimals: int
    compares_beyond: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """A language of filters that is weaker than patterns. ``None`` is no limit.

    Vary one with :func:`dataclasses.replace`, such as
    ``replace(EVENTBRIDGE_RULE, max_characters=4096)``.

    :ivar name: for messages.
    :ivar forms: the tests it has, by the names of the table in ``docs/narrowing.md``.
    :ivar max_alternatives: how many sub-rules ``$or`` may expand to; 1 for no ``$or``.
    :ivar max_keys: fields with tests, each occurrence counted; fields at the top likewise.
    :ivar max_combinations: the product, over the fields, of the number of tests times the depth
        of the field; summed over the alternatives of ``$or``.
    :ivar max_characters: length of the policy as compact JSON text.
    :ivar max_bytes: the same in UTF-8 bytes.
    :ivar max_wildcard_stars: ``*`` in one wildcard.
    :ivar numbers: which numbers it compares.
    :ivar unsafe_characters: characters that a text in a policy cannot hold.
    :ivar empty_affixes: whether a prefix or suffix may be empty.
    :ivar attributes: event path and name of each message attribute that carries it.
    :ivar members: top-level members that reach it as they were published; ``None`` for all.
    :ivar hidden: dotted paths that do not, with everything under them.
    :ivar replaced_characters: characters that others become, or that become others, on the way to
        it: in names and in texts.
    """

    name: str
    scope: Scope
    forms: frozenset[str]
    max_alternatives: int | None = None
    max_keys: int | None = None
    max_combinations: int | None = None
    max_characters: int | None = None
    max_bytes: int | None = None
    max_wildcard_stars: int = 0
    numbers: NumberLimits | None = None
    unsafe_characters: str = ""
    empty_affixes: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    members: frozenset[str] | None = None
    hidden: tuple[str, ...] = ()
    replaced_characters: str = ""

    def __post_init__(self) -> None:
        if self.scope not in get_args(Scope):
            scopes = ", ".join(map(repr, get_args(Scope)))
            raise DeclarationError(f"the scope of a dialect is one of {scopes}, not {self.scope!r}")
        names = [name for _, name in self.attributes]
        for name in names:
            if not _ATTRIBUTE.fullmatch(name) or len(name) > 256:
                raise DeclarationError(
                    f"{name!r} cannot name a message attribute; use up to 256 letters, digits, "
                    "'_', '-' and single dots inside, not beginning with 'AWS.' or 'Amazon.'"
                )
            if names.count(name) > 1:
                raise DeclarationError(
                    f"two paths are sent as the attribute {name!r}; give each its own name"
                )

    def with_attributes(self, names: Mapping[str, str]) -> Dialect:
        """The same dialect with more message attributes.

        :param names: dotted event path to attribute name: ``{"detail.country": "country"}``.
        :raises DeclarationError: a name that SNS refuses, or that is taken by another path.
        """
        return replace(self, attributes=tuple({**dict(self.attributes), **names}.items()))

    def with_wildcards(self, max_stars: int) -> Dialect:
        """The same dialect with the ``wildcard`` operator, with up to so many stars."""
        forms = self.forms | {"wildcard", "anything-but wildcard"}
        return replace(self, forms=forms, max_wildcard_stars=max_stars)


EVENTBRIDGE_RULE: Final = Dialect(
    name="an EventBridge rule",
    scope="EventBridgeRule",
    forms=ALL_FORMS,
    max_alternatives=1_000,
    max_characters=2_048,
    max_wildcard_stars=5,
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    # To event-ruler, what is beyond was no number (ComparableNumber).
    numbers=NumberLimits(-5 * 10**9, 5 * 10**9, decimals=6, compares_beyond=False),
    empty_affixes=True,
)
"""The event pattern of a rule: every operator, within the default quota of its length."""

SNS_MESSAGE_BODY: Final = Dialect(
    name="an SNS filter policy (MessageBody)",
    scope="MessageBody",
    forms=SNS_FORMS,
    max_keys=5,
    max_combinations=150,
    max_bytes=256 * 1024,
    numbers=NumberLimits(-(10**9), 10**9, decimals=5),
)
"""A filter policy on the body of the message, which is the whole event."""

SNS_MESSAGE_ATTRIBUTES: Final = replace(
    SNS_MESSAGE_BODY,
    name="an SNS filter policy (MessageAttributes)",
    scope="MessageAttributes",
    unsafe_characters='"\\',
    attributes=(("source", "source"), ("detail-type", "detail-type")),
)
"""A filter policy on message attributes: ``source``, ``detail-type``, and those added to it."""
