"""``eventroute drop``: what a backend keeps for a subscription that is gone."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

import typer

from eventroute.cli.asking import ask, must_be_asked
from eventroute.cli.backend import on_adapter, on_backend
from eventroute.cli.dlq_options import Bus
from eventroute.cli.failure import CommandError
from eventroute.cli.loading import load_bus
from eventroute.cli.output import Output, printable, report
from eventroute.cli.provision import describe_leftover
from eventroute.plugins import backend_name
from eventroute.port import Leftover, Tidied

__all__ = ["drop"]


def drop(
    bus: Bus,
    subscription: Annotated[
        str, typer.Argument(metavar="SUBSCRIPTION", help="Its full name, as plan tells it.")
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the queues of a subscription that a bus does not declare any more, after a question.

    They are deleted with all that they hold, dead letters as well.

    For example:
      eventroute drop shop.app:bus billing.invoice

    Exit codes:
      0  done
      1  the bus cannot be imported, there is nothing of this name, or the backend refused
      2  bad usage
    """
    must_be_asked(yes=yes, look="`eventroute plan`")
    loaded = load_bus(bus)
    adapter, topology = loaded.adapter, loaded.topology
    if not isinstance(adapter, Tidied):
        raise CommandError(
            f"the backend {backend_name(adapter)!r} of {bus} does not tell what it keeps of "
            "subscriptions that are gone; this command is for backends such as 'sns'"
        )
    if any(one.name == subscription for one in topology):
        raise CommandError(
            f"{subscription!r} is declared by {bus}, and would be made again; remove it there first"
        )
    left = _of(subscription, on_adapter(loaded, lambda: adapter.leftovers(topology)))
    report(printable(describe_leftover(left)))
    if not yes:
        ask("delete this for good?", otherwise="nothing was deleted")
    on_backend(loaded, lambda: loaded.adapter.drop([subscription]))
    for resource in left.resources:
        Output().show(f"deleted  {printable(resource)}")


def _of(subscription: str, left: Sequence[Leftover]) -> Leftover:
    for one in left:
        if one.subscription == subscription:
            return one
    names = [one.subscription for one in left]
    near = get_close_matches(subscription, names, 1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    raise CommandError(
        f"nothing is left of a subscription {subscription!r}; there are "
        f"{', '.join(names) or 'none'}{meant}"
    )
