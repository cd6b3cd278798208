"""What matches passes the native filter of each broker, by AWS's documentation: none is asked."""

from __future__ import annotations

import pytest

from eventroute import Event
from eventroute_aws.eventbridge.filters import pattern_of
from eventroute_aws.options import EventBridgeOptions, SnsOptions
from eventroute_aws.sns.filters import filter_of
from tools.torture.equivalence.alone import passes_eventbridge, passes_sns
from tools.torture.equivalence.application import Application

EVENTS = 150


@pytest.mark.parametrize("seed", range(1, 5))
def test_every_event_that_matches_passes_the_filter_policy_of_sns(seed: int) -> None:
    application = Application(seed, EVENTS)
    filters = {rule.name: filter_of(rule.pattern, SnsOptions()) for rule in application.rules}
    for sight in application.expected:
        policy = filters[sight.subscription]
        event = Event.from_trusted_json(sight.body)
        assert policy is None or passes_sns(policy, event), (policy, event.to_json())


@pytest.mark.parametrize("seed", range(1, 5))
def test_every_event_that_matches_passes_the_rule_of_eventbridge(seed: int) -> None:
    application = Application(seed, EVENTS)
    options = EventBridgeOptions()
    patterns = {rule.name: pattern_of(rule.pattern, options) for rule in application.rules}
    for sight in application.expected:
        pattern = patterns[sight.subscription]
        event = Event.from_trusted_json(sight.body)
        assert passes_eventbridge(pattern, event), (pattern, event.to_json())
