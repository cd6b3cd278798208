"""Finds names in the options that were meant to be a subscription's, and are not."""

from __future__ import annotations

from difflib import get_close_matches
from logging import getLogger
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError

if TYPE_CHECKING:
    from eventroute.topology import Topology
    from eventroute_aws.options import AwsOptions

__all__ = ["refuse_misspelt"]

logger: Final = getLogger("eventroute.aws")

_NEAR: Final = 0.8


def refuse_misspelt(topology: Topology, options: AwsOptions) -> None:
    """Refuse a mapped queue whose subscription is not declared, where another one was meant.

    A name that is like none is only logged: several applications may share a file of options, and
    a bus that only publishes knows no subscriptions.

    :raises ConfigurationError: naming the option, and the subscription that it is like.
    """
    declared = {one.name for one in topology}
    if not declared:
        return
    free = sorted(declared - options.queues.keys())
    for name in sorted(options.queues.keys() - declared):
        near = get_close_matches(name, free, 1, _NEAR)
        if near:
            raise ConfigurationError(
                f"{options.shared_table}.queues.{name}: no subscription has this name; did you "
                f"mean {near[0]}?"
            )
        logger.info(
            "%s.queues.%s names the queue %s, and no subscription of this bus has this name",
            options.shared_table,
            name,
            options.queues[name],
        )
