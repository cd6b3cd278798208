"""The conformance kit on SNS or EventBridge, and SQS: on emulators, and on AWS itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Final, TypeVar

from eventroute.clock import Clock
from eventroute.port import Adapter
from eventroute.testing.conformance import AdapterConformance, promises_of
from eventroute_aws import create_eventbridge, create_sns
from tools.emulators import Emulator

LOCALSTACK: Final = os.environ.get("EVENTROUTE_TEST_LOCALSTACK") == "1"
"""Whether LocalStack is to be asked for everything, and installed for it."""

AWS: Final = os.environ.get("EVENTROUTE_TEST_AWS") == "1"
"""Whether the account that botocore finds is to be asked."""

KitT = TypeVar("KitT", bound=type[AdapterConformance])

# ministack takes a member that is null for one that is absent, and finds no absent member in an
# object that is absent too. AWS and LocalStack: null is a value that exists, and so on.
ON_LOCALSTACK_ALONE: Final = (
    "test_null_is_a_value_and_not_an_absent_member",
    "test_a_null_member_exists",
    "test_an_absent_member_does_not_exist",
    "test_a_pattern_of_many_clauses_matches_as_every_other",  # one of its members is null
)


def without(*names: str) -> Callable[[KitT], KitT]:
    """Leave properties out of a kit."""

    def leave_out(kit: KitT) -> KitT:
        for name in names:
            assert getattr(kit, name) is not None, name
            setattr(kit, name, None)
        return kit

    return leave_out


def only(*names: str) -> Callable[[KitT], KitT]:
    """Leave out all properties but these."""
    every = {name for group in promises_of(AdapterConformance).values() for name in group}
    return without(*(every - {*names}))


class QueuesKit(AdapterConformance):
    """Time is that of the endpoint, in whole seconds."""

    virtual_time = False
    loops = ("asyncio",)
    keeps_attempts = False  # the count of receives is SQS's own
    tells_delayed = False  # SQS counts what was released for later as not visible
    burst = 60
    lease = 2.0
    delay = 1.0
    slack = 4.0

    options: ClassVar[dict[str, object]]

    def prefix(self, place: Path) -> str:
        """Keeps the storage of a test apart."""
        return "kit-" + sha256(str(place).encode()).hexdigest()[:12]


class SnsKit(QueuesKit):
    """Topics."""

    def make(self, clock: Clock, place: Path) -> Adapter:
        return create_sns({**self.options, "prefix": self.prefix(place)}, clock)


class EventBridgeKit(QueuesKit):
    """A bus of its own for each test: the default one is there already."""

    def make(self, clock: Clock, place: Path) -> Adapter:
        prefix = self.prefix(place)
        return create_eventbridge({**self.options, "prefix": prefix, "bus": prefix}, clock)


class Emulated(QueuesKit):
    """The credentials must be those of :meth:`tools.emulators.Emulator.credentials`."""

    more: ClassVar[dict[str, object]] = {}

    @classmethod
    def use(cls, emulator: Emulator, account: str = "000000000000") -> None:
        """Run on an emulator that is started."""
        quick = {"linger": 0.001, "fan_out_lag": 0.3, "poll_wait": 1}
        cls.options = {**emulator.options(account), **quick, **cls.more}


class EmulatedSnsKit(Emulated, SnsKit):
    """Topics of an emulator."""


class EmulatedEventBridgeKit(Emulated, EventBridgeKit):
    """Event buses of an emulator; ministack has all that the kit asks for."""


@only(*promises_of(AdapterConformance)["archive"])
class ArchivedEventBridgeKit(EmulatedEventBridgeKit):
    """With an archive; the endpoint must go by the filters of a replay."""

    more: ClassVar[dict[str, object]] = {"archive": 1, "rule_lag": 0}
    archive_grain = 1.1  # EventBridge keeps whole seconds


# To LocalStack, ``*`` stands for one character or more; to AWS, for none as well.
@without("test_wildcards")
class LocalstackEventBridgeKit(EmulatedEventBridgeKit):
    """It takes no more than AWS did until January 2026."""

    more: ClassVar[dict[str, object]] = {"max_request_bytes": 262_143}


@without(*ON_LOCALSTACK_ALONE)
class MinistackKit(EmulatedSnsKit):
    """Everything that ministack can show."""


@only(*ON_LOCALSTACK_ALONE)
class RestKit(EmulatedSnsKit):
    """What it cannot."""


# A changed filter policy may take 15 minutes until it counts everywhere, a changed rule a while:
# https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
@without(
    "test_a_changed_pattern_takes_effect_when_it_is_opened",
    "test_a_changed_pattern_leaves_what_the_queue_holds",
)
class OnAws(QueuesKit):
    """An account of AWS: everything takes longer, and each request is paid for."""

    lease = 6.0
    delay = 3.0
    slack = 15.0
    quiet = 3.0
    patience = 120.0
    time_limit = 540.0
    run: ClassVar[str]

    options: ClassVar[dict[str, object]] = {
        "poll_wait": 3,
        "fan_out_lag": 10,
        "tags": {"purpose": "eventroute-conformance"},
    }

    def prefix(self, place: Path) -> str:
        return f"kit-{self.run}-{sha256(str(place).encode()).hexdigest()[:8]}"


class AwsSnsKit(OnAws, SnsKit):
    """Topics of AWS."""


class AwsEventBridgeKit(OnAws, EventBridgeKit):
    """Event buses of AWS, of which an account has a hundred."""
