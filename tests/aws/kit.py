"""The conformance kit on SNS and SQS: on emulators, and on AWS itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Final, TypeVar

from eventroute.clock import Clock
from eventroute.port import Adapter
from eventroute.testing.conformance import AdapterConformance, promises_of
from eventroute_aws import create_sns
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


class SnsKit(AdapterConformance):
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

    def make(self, clock: Clock, place: Path) -> Adapter:
        return create_sns({**self.options, "prefix": self.prefix(place)}, clock)

    def prefix(self, place: Path) -> str:
        """Keeps the storage of a test apart."""
        return "kit-" + sha256(str(place).encode()).hexdigest()[:12]


class EmulatedSnsKit(SnsKit):
    """The credentials must be those of :meth:`tools.emulators.Emulator.credentials`."""

    @classmethod
    def use(cls, emulator: Emulator, account: str = "000000000000") -> None:
        """Run on an emulator that is started."""
        quick = {"linger": 0.001, "fan_out_lag": 0.3, "poll_wait": 1}
        cls.options = {**emulator.options(account), **quick}


@without(*ON_LOCALSTACK_ALONE)
class MinistackKit(EmulatedSnsKit):
    """Everything that ministack can show."""


@only(*ON_LOCALSTACK_ALONE)
class RestKit(EmulatedSnsKit):
    """What it cannot."""


# A changed filter policy may take 15 minutes until it counts everywhere:
# https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
@without(
    "test_a_changed_pattern_takes_effect_when_it_is_opened",
    "test_a_changed_pattern_leaves_what_the_queue_holds",
)
class AwsKit(SnsKit):
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
