"""``eventroute schema list``: which contracts there are."""

from typing import Annotated

import typer

from eventroute.cli.output import Output, printable
from eventroute.cli.schema.options import Json, Registry, open_registry

__all__ = ["list_"]


def list_(
    *,
    registry: Registry = None,
    json: Json = False,
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Those that nobody has accepted yet.")
    ] = False,
) -> None:
    """List the contracts of a registry: topic, type and version.

    For example:
      eventroute schema list
      eventroute schema list --registry schemas --json
      eventroute schema list --drafts
    """
    output = Output()
    found = open_registry(registry)
    for contract in found.drafts if drafts else found:
        if json:
            output.show_json(
                {"topic": contract.topic, "type": contract.type, "version": contract.version}
            )
        else:
            output.show(printable(str(contract)))
