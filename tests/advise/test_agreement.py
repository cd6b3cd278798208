"""The advice is about what the backends ``sns`` and ``eventbridge`` really do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given

from eventroute.advise.claims import LARGEST, Service
from eventroute.advise.filters import Filters
from eventroute.clock import SystemClock
from eventroute.pattern import Pattern
from eventroute.plugins import load_adapter_factory
from eventroute.topology import Subscription
from eventroute_aws.eventbridge.filters import EVERY_EVENT, pattern_of
from eventroute_aws.options import EventBridgeOptions, SnsOptions
from eventroute_aws.sns import filters as of_the_backend
from tests.pattern.strategies import patterns

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS = SnsOptions()
CLAIMS = SnsOptions.model_validate({"claim_check": {"bucket": "large"}})


def check(pattern: Mapping[str, Any]) -> None:
    subscription = Subscription("one", Pattern(pattern))
    for options, claims in ((OPTIONS, frozenset[Service]()), (CLAIMS, frozenset[Service]({"sns"}))):
        ours = Filters(subscription, claims=claims).sns
        theirs = of_the_backend.filter_of(subscription.pattern, options)
        if set(pattern) == {"source"}:
            assert ours.written is None
        else:
            assert ours.written == theirs


@given(patterns)
def test_filters_are_those_of_the_backend(pattern: dict[str, Any]) -> None:
    check(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["shop.orders"]},
        {"source": ["shop.orders"], "detail-type": ["OrderPlaced"]},
        {"source": ["shop.orders"], "detail": {"sku": [{"wildcard": "a*b*c"}]}},
        {"source": ["shop"], "detail": {name: [1] for name in "abcdef"}},
        {"detail-type": [{"anything-but": {"suffix": "x"}}]},
    ],
)
def test_filters_of_usual_patterns_are_those_of_the_backend(pattern: dict[str, Any]) -> None:
    check(pattern)


@given(patterns)
@example({"source": ["shop"], "account": ["111122223333"]})
@example({"source": ["shop"], "detail": {"_eventroute": [{"exists": False}]}})
@example({"source": ["\ufffd"]})
def test_rules_are_those_of_the_backend(pattern: dict[str, Any]) -> None:
    ours = Filters(Subscription("one", Pattern(pattern))).eventbridge.to_json() or EVERY_EVENT
    assert ours == pattern_of(Pattern(pattern), EventBridgeOptions())


@given(patterns)
def test_rules_for_claims_are_those_of_the_backend(pattern: dict[str, Any]) -> None:
    ours = Filters(Subscription("one", Pattern(pattern)), claims=frozenset({"eventbridge"}))
    options = EventBridgeOptions.model_validate({"claim_check": {"bucket": "large"}})
    assert (ours.eventbridge.to_json() or EVERY_EVENT) == pattern_of(Pattern(pattern), options)


@pytest.mark.parametrize("backend", list(LARGEST))
def test_events_are_too_large_from_where_the_backend_refuses_them(backend: Service) -> None:
    adapter = load_adapter_factory(backend)({}, SystemClock())
    assert adapter.capabilities.max_event_bytes == LARGEST[backend]
