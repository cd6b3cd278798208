"""The ``[sns]`` and ``[eventbridge]`` tables of ``eventroute.toml``, and what they share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints

if TYPE_CHECKING:
    from typing import Self

__all__ = ["AwsOptions", "ClaimCheckOptions", "EventBridgeOptions", "Mode", "Names", "SnsOptions"]

Prefix = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,30}$"),
    Field(description="up to 30 letters, digits, '_' and '-'"),
]
Names = Mapping[str, str]
Mode: TypeAlias = Literal["create", "validate", "assume"]


class ClaimCheckOptions(BaseModel):
    """Where events go that are too large for a message: ``[BACKEND.claim_check]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bucket: str = Field(min_length=3, max_length=63)
    """S3 bucket that holds the payloads. It must exist; eventroute deletes nothing in it."""

    prefix: str = "eventroute/"
    """Begins every key, so that a lifecycle rule of the bucket can delete old payloads."""


class AwsOptions(BaseModel):
    """Options that every AWS backend has."""

    own_table: ClassVar[str] = "aws"

    _within: str | None = PrivateAttr(None)
    _other_bus: str | None = PrivateAttr(None)

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefix: Prefix = "eventroute"
    """Begins the name of every resource, so that applications and stages keep apart."""

    provision: Mode = "create"
    """What opening does: ``create`` makes what is missing and changes what differs, ``validate``
    refuses to open where something is missing or differs, ``assume`` asks nothing and relies on
    the names."""

    region: str | None = None
    """AWS region; left out, as botocore finds it: ``AWS_DEFAULT_REGION``, the profile."""

    profile: str | None = None
    """Profile of the AWS configuration files."""

    account: str | None = Field(
        default=None, pattern=r"^[0-9]{12}$", description="the twelve digits of an account"
    )
    """Account that the resources belong to; left out, that of the credentials, by one call of STS
    where it must be known."""

    endpoint_url: str | None = None
    """Another endpoint for every service, such as an emulator's."""

    kms_key: str | None = None
    """KMS key that encrypts topics and queues: id, ARN or ``alias/…``. Left out, queues are
    encrypted with SQS's own key."""

    tags: Names = Field(default_factory=dict)
    """More tags for every resource."""

    poll_wait: int = Field(default=5, ge=0, le=20)
    """Seconds that one long poll of a queue waits; a stop waits for the polls under way."""

    linger: float = Field(default=0.005, ge=0, le=1)
    """Seconds that a publish waits for others that may share its request, and a settlement or a
    receive for handlers that are about to end; 0 for none."""

    connections: int = Field(default=50, ge=1)
    """Most connections for publishing and settling at once. Polls have their own."""

    connect_timeout: float = Field(default=5, gt=0)
    read_timeout: float = Field(default=10, gt=0)
    """Seconds without an answer after which a call has failed; polls wait for theirs on top."""

    fan_out_lag: float = Field(default=1.0, ge=0, le=60)
    """Seconds that queues must stay empty for ``bus.run(until_empty=True)`` to end."""

    retention: int = Field(default=4 * 86_400, ge=60, le=14 * 86_400)
    """Seconds that a queue keeps an event that nobody handles."""

    dead_letter_retention: int = Field(default=14 * 86_400, ge=60, le=14 * 86_400)
    """Seconds that a dead-letter queue keeps an event."""

    max_receive_count: int = Field(default=1_000, ge=1, le=1_000)
    """Receives after which SQS itself dead-letters an event: a safety net behind the retries."""

    queues: Names = Field(default_factory=dict)
    """Subscription name to the name of a queue that exists already."""

    claim_check: ClaimCheckOptions | None = None

    delays: Literal["on", "off"] = "on"
    """Whether events can be published later. ``off`` saves a queue, and its polls."""

    scheduler_role: str | None = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+$"
    )
    """ARN of the role with which EventBridge Scheduler sends what is due into our queue. Left out,
    no event is delayed by more than 15 minutes."""

    @property
    def delayed_for(self) -> str:
        """The bus that delayed events wait for; ``""`` for topics."""
        return ""

    @property
    def table(self) -> str:
        """Name of the table in the configuration, for messages."""
        return self.own_table if self._within is None else f"{self._within}.{self.own_table}"

    @property
    def shared_table(self) -> str:
        """The same of the options that every AWS backend has."""
        return self.own_table if self._within is None else self._within

    @property
    def other_bus(self) -> str | None:
        """The event bus whose rules may send to the same queues; ``None`` where there is none."""
        return self._other_bus

    def half_of(self, table: str, other_bus: str | None = None) -> Self:
        """The same as one half of a backend of two services.

        :param table: of that backend.
        :param other_bus: the event bus of the other half.
        """
        half = self.model_copy()
        half._within, half._other_bus = table, other_bus
        return half


class SnsOptions(AwsOptions):
    """Options of the SNS/SQS backend."""

    own_table: ClassVar[str] = "sns"

    topics: Names = Field(default_factory=dict)
    """Event source to the name or ARN of a topic that exists already."""

    filtered: tuple[str, ...] = ()
    """Sources of such topics to which eventroute alone publishes. SNS filters them too; what others
    publish may not be an event on the wire, and no filter policy would let it through."""

    sources: tuple[str, ...] = ()
    """Sources that have a topic although no subscription here names them."""

    ordered_by: Names = Field(default_factory=dict)
    """Event source to the dotted path of its ordering key, for publishers whose application does
    not hold the ordered subscriptions."""

    attributes: Names = Field(default_factory=dict)
    """Dotted event path to the name of a message attribute that publishers send along, so that
    filter policies may use it: ``{"detail.country": "country"}``."""


class EventBridgeOptions(AwsOptions):
    """Options of the EventBridge backend."""

    own_table: ClassVar[str] = "eventbridge"

    bus: str = Field(
        default="default",
        pattern=r"^[A-Za-z0-9_./-]{1,256}$",
        description="the name of an event bus of the account, not its ARN: 1 to 256 letters, "
        "digits, '.', '-', '_', '/'",
    )
    """Name of the event bus. Another one than the account's default bus is made if missing; events
    of AWS services come to the default bus."""

    max_rules: int = Field(default=300, ge=1)
    """Quota of rules of the bus in this account."""

    max_pattern_characters: int = Field(default=2_048, ge=1, le=4_096)
    """Quota of the length of an event pattern in this account."""

    max_request_bytes: int = Field(default=1_000_000, ge=4_096, le=1_048_575)
    """Most bytes of the events of one request, and so of one event. EventBridge takes less than
    1 MB, and does not say whether that is 1,000,000 or 1,048,576 bytes; what it makes of an event
    must also fit into a message of SQS. Endpoints that have not followed yet take 262,143."""

    target_retries: int = Field(default=185, ge=0, le=185)
    """Times that EventBridge tries again to reach a queue, before the event goes to the
    subscription's dead-letter queue."""

    target_max_age: int = Field(default=86_400, ge=60, le=86_400)
    """Seconds that it tries."""

    archive: Literal["off", "forever"] | Annotated[int, Field(ge=1, le=36_500)] = "off"
    """Days that an archive of the bus keeps every event, so that it can be replayed."""

    rule_lag: float = Field(default=30, ge=0, le=600)
    """Seconds that a replay with a pattern waits until EventBridge goes by the rules that it takes,
    and again before it removes them."""

    @property
    def delayed_for(self) -> str:
        """See :class:`AwsOptions`."""
        return self.bus
