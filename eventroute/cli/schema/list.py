"""``eventroute schema list``: which contracts there are."""

from eventroute.cli.output import Output, printable
from eventroute.cli.schema.options import Json, Registry, open_registry

__all__ = ["list_"]


def list_(*, registry: Registry = None, json: Json = False) -> None:
    """List the contracts of a registry: topic, type and version.

    For example:
      eventroute schema list
      eventroute schema list --registry schemas --json
    """
    output = Output()
    for contract in open_registry(registry):
        if json:
            output.show_json(
                {"topic": contract.topic, "type": contract.type, "version": contract.version}
            )
        else:
            output.show(printable(str(contract)))
