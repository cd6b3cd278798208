"""``eventroute iam``: the policy that a process needs."""

from typing import Annotated

import typer

from eventroute.cli.backend import on_adapter
from eventroute.cli.dlq_options import Bus
from eventroute.cli.failure import CommandError
from eventroute.cli.loading import load_bus
from eventroute.cli.output import Output
from eventroute.plugins import backend_name
from eventroute.port import Guarded, Role

__all__ = ["iam"]


def iam(
    bus: Bus,
    *,
    role: Annotated[
        Role, typer.Option(help="What the process does: publish, consume, or set things up.")
    ],
) -> None:
    """Print the IAM policy that a process needs to work with a bus, as JSON.

    It covers what is declared and nothing else. A provisioner runs `eventroute apply` and
    `eventroute destroy`; publishers and consumers may look at what it made where their
    configuration has them do so, and change nothing.

    For example:
      eventroute iam shop.app:bus --role consumer

    Exit codes:
      0  done
      1  the bus cannot be imported, or its backend knows no permissions
      2  bad usage
    """
    loaded = load_bus(bus)
    adapter = loaded.adapter
    if not isinstance(adapter, Guarded):
        raise CommandError(
            f"the backend {backend_name(adapter)!r} of {bus} asks for no permissions; this command "
            "is for backends such as 'sns'"
        )
    policy = on_adapter(loaded, lambda: adapter.permissions(role, loaded.topology))
    Output().show_json(policy, indent=2)
