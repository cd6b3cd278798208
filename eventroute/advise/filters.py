"""What each broker filters by itself for a subscription, and what that leaves to the worker."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from eventroute.pattern import Pattern
from eventroute.pattern.narrow import (
    CLAIM,
    SNS_MESSAGE_ATTRIBUTES,
    SNS_MESSAGE_BODY,
    attributes_of,
    comparing_as_the_broker,
    filter_policy,
    narrow,
    rule_dialect,
    sns_matches,
    sources_of,
)
from eventroute.topology import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.advise.claims import Service
    from eventroute.pattern.narrow import FilterPolicy, Narrowed, SNSScope
    from eventroute.topology import Subscription, Topology

__all__ = ["OF_AWS", "Filters", "SNSFilter", "names_of", "of_aws", "paid"]

OF_AWS: Final = "aws."
"""How the sources of AWS's own services begin; nobody else may publish under such a source."""


_PARTNER: Final = "aws.partner/"

_SWITCHED_ON: Final = frozenset({"aws.s3"})
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html"""


def of_aws(source: str | None) -> bool:
    """Whether a source is one of AWS's services, whose events only EventBridge has."""
    return source is not None and source.startswith(OF_AWS)


def paid(source: str | None) -> bool:
    """Whether EventBridge bills an event of a source as a custom one.

    Free are what AWS's services tell of themselves. Those of partners are billed, and those that a
    service sends after it was switched on, as far as that is known of it.
    """
    return not of_aws(source) or source in _SWITCHED_ON or (source or "").startswith(_PARTNER)


def names_of(topology: Topology) -> set[str]:
    """The names of its subscriptions and routes."""
    return {one.name for one in (*topology, *topology.routes)}


@dataclass(frozen=True, slots=True)
class SNSFilter:
    """A filter policy, or none.

    :ivar narrowed: what it carries of the pattern.
    :ivar written: the policy as it is sent; ``None`` where everything passes.
    :ivar claimed: whether messages carry none of the detail.
    """

    narrowed: Narrowed
    written: FilterPolicy | None
    claimed: bool = False

    @property
    def scope(self) -> SNSScope | None:
        """What it looks at; ``None`` where there is no policy."""
        return None if self.written is None else self.written.scope

    @property
    def policy(self) -> dict[str, Any] | None:
        """The filter policy as JSON values."""
        if self.written is None:
            return None
        read: dict[str, Any] = json.loads(self.written.policy)
        return read

    def passes(self, event: Mapping[str, Any]) -> bool:
        """Whether SNS delivers an event that was published to a topic of the subscription."""
        policy = self.policy
        if policy is None:
            return True
        if self.scope == "MessageBody":
            body = {**event, "detail": {}, CLAIM: ""} if self.claimed else event
            return sns_matches(policy, body, "MessageBody")
        return sns_matches(
            policy, attributes_of(event, SNS_MESSAGE_ATTRIBUTES), "MessageAttributes"
        )


class Filters:
    """The native filters of one subscription or route.

    :param claims: the services that events are too large for. Messages of SNS carry none of the
        detail then, and only filters on attributes are left; rules do not see it.
    """

    def __init__(
        self, declared: Subscription | Route, *, claims: frozenset[Service] = frozenset()
    ) -> None:
        self.name = declared.name
        self.pattern = declared.pattern
        self.sources = sources_of(self.pattern)
        self._claims = claims
        self._is_route = isinstance(declared, Route)

    @cached_property
    def sns(self) -> SNSFilter:
        """As the backend ``sns`` chooses it: on the body, unless attributes can say more."""
        claimed = "sns" in self._claims
        written = filter_policy(self.pattern, claim_check=claimed)
        if self.sources is not None and self.pattern.source.keys() == {"source"}:
            written = None  # the topic says it already
        on_body = written is not None and written.scope == "MessageBody"
        dialect = SNS_MESSAGE_BODY if on_body else SNS_MESSAGE_ATTRIBUTES
        return SNSFilter(narrow(self.pattern, dialect), written, claimed)

    @cached_property
    def free_sns(self) -> bool:
        """Whether a policy on attributes, which SNS does not bill, would say the same."""
        return narrow(self.pattern, SNS_MESSAGE_ATTRIBUTES).exact

    @cached_property
    def eventbridge(self) -> Narrowed:
        """The event pattern of its rule, as the backend ``eventbridge`` chooses it."""
        dialect = rule_dialect(claims="eventbridge" in self._claims)
        return narrow(self.pattern, comparing_as_the_broker(dialect) if self._is_route else dialect)

    @cached_property
    def _rule(self) -> Pattern | None:
        carried = self.eventbridge.pattern
        return None if carried is None else Pattern(carried)

    def eventbridge_passes(self, event: Mapping[str, Any]) -> bool:
        """Whether the rule lets an event through."""
        return self._rule is None or self._rule.matches(event)

    def reached_on_sns(self, source: str) -> bool:
        """Whether events of a source come by a topic that it subscribes to."""
        return not of_aws(source) and (self.sources is None or source in self.sources)
