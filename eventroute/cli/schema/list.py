"""``eventroute schema list``: which contracts there are."""

from typing import Annotated

import typer

from eventroute.cli.output import Output, printable
from eventroute.cli.schema.options import JsonLines, Registry, open_registry, tell_unread

__all__ = ["list_"]


def list_(
    *,
    registry: Registry = None,
    json: JsonLines = False,
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Those that nobody has accepted yet.")
    ] = False,
) -> None:
    """List the contracts of a registry: topic, type and version.

    Files that are no contracts are warned of on stderr.

    For example:
      eventroute schema list
      eventroute schema list --registry schemas --json
      eventroute schema list --drafts
    """
    output = Output()
    found = open_registry(registry)
    tell_unread(found)
    for contract in found.drafts if drafts else found:
        if json:
            output.show_json(
                {"topic": contract.topic, "type": contract.type, "version": contract.version}
            )
        else:
            output.show(printable(str(contract)))
