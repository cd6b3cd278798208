"""Whatever somebody writes into a message: only what was signed gets through."""

from __future__ import annotations

from typing import Any

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from eventroute import EventBus
from eventroute.envelope import Event
from eventroute_aws.push import SnsPushReceiver
from tests.aws.push.asgi import call, head
from tests.aws.push.signing import (
    CERTIFICATE_URL,
    NOW,
    SIGNED,
    TOPIC,
    confirmation,
    event,
    notification,
    text,
    verifier,
)

GENUINE = [
    notification(event("o-1"), version="1"),
    notification(event("o-2"), version="2", Subject="an order"),
    confirmation("UnsubscribeConfirmation"),
]
MEMBERS = [
    *dict.fromkeys(name for names in SIGNED.values() for name in names),
    "MessageAttributes",
    "Signature",
    "SignatureVersion",
    "SigningCertURL",
    "id",
    "source",
    "detail-type",
    "detail",
]
# What could pass: parts of the genuine ones, in other places.
GENUINE_VALUES = [value for document in GENUINE for value in document.values()]
TIMES = ["2026-01-02T03:04:04.678Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
VALUES = st.one_of(
    st.sampled_from(GENUINE_VALUES),
    st.sampled_from([TOPIC, CERTIFICATE_URL, "1", "2", event("x").to_json().decode(), *TIMES]),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.just("x"),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("Value"), inner),
        max_leaves=5,
    ),
)


class Recorder(EventBus):
    """A bus that only notes what is published to it."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    async def publish(self, event: Any, **_: Any) -> Event:  # noqa: ANN401  as any publisher
        self.ids.append(event.id)
        assert isinstance(event, Event)
        return event


@settings(max_examples=100)
@given(st.sampled_from(GENUINE), st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=4))
def test_only_what_was_signed_is_published(
    genuine: dict[str, Any], changes: dict[str, Any]
) -> None:
    bus = Recorder()
    app = SnsPushReceiver(bus, [TOPIC], verifier=verifier(), now=lambda: NOW)
    pushed = {**genuine, **changes}
    body = text(pushed)
    answer = anyio.run(call, app, [body], head(genuine, body))
    assert answer is not None
    assert answer.status in {200, 400, 403, 503}
    if answer.status == 200:
        assert signed_part(pushed) in map(signed_part, GENUINE)
    else:
        assert bus.ids == []


def signed_part(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document.get(name) for name in SIGNED[document["Type"]]}
