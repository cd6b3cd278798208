"""What every AWS backend can do: the queue side is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.port import Capabilities
from eventroute_aws.limits import BATCH, LONGEST_DELAY
from eventroute_aws.publishing import when_too_large

if TYPE_CHECKING:
    from eventroute_aws.claims import Claims
    from eventroute_aws.delays.delaying import Delaying
    from eventroute_aws.options import AwsOptions

__all__ = ["capabilities_of"]


def capabilities_of(
    options: AwsOptions,
    delays: Delaying,
    claims: Claims | None,
    *,
    ordered: bool,
    max_event_bytes: int,
    filtering: str,
    targets: frozenset[str] = frozenset(),
) -> Capabilities:
    """Those of a backend; what services differ in is given."""
    return Capabilities(
        ordered=ordered,
        durable=True,
        multi_process=True,
        max_event_bytes=max_event_bytes,
        max_release_delay=LONGEST_DELAY,
        max_publish_delay=delays.max_publish_delay,
        batch_size=BATCH,
        filtering=filtering,
        native_dead_letters=True,
        max_attempts=options.max_receive_count - 1,  # one may end with its worker, unburied
        when_too_large=when_too_large(options.table, claims),
        fan_out_lag=options.fan_out_lag,
        linger=options.linger,
        targets=targets,
    )
