"""``eventroute schema show``: one contract."""

from difflib import get_close_matches
from typing import Annotated

import typer

from eventroute.cli.failure import CommandError
from eventroute.cli.output import Output
from eventroute.cli.schema.options import Registry, open_registry
from eventroute.contract import Contract, schema_text
from eventroute.registry import FileRegistry, bundled, event_document

__all__ = ["show"]


def show(
    contract: Annotated[
        str,
        typer.Argument(
            metavar="TOPIC/TYPE[/VERSION]", help="Which one; the latest version if it says none."
        ),
    ],
    *,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="With the contracts inside that it refers to.")
    ] = False,
    openapi: Annotated[
        bool, typer.Option("--openapi", help="As an OpenAPI 3 document, as EventBridge takes it.")
    ] = False,
    registry: Registry = None,
) -> None:
    """Print a contract in its canonical form: the JSON Schema of the event's detail.

    For example:
      eventroute schema show shop.orders/OrderPlaced
      eventroute schema show shop.orders/OrderPlaced/1 --bundle
      eventroute schema show shop.orders/OrderPlaced --openapi > OrderPlaced.json
    """
    chosen = open_registry(registry)
    found = _named(chosen, contract)
    schema = bundled(found, chosen) if bundle or openapi else found.schema
    if openapi:
        schema = event_document(found, whole=schema)
    text = schema_text(Contract(found.topic, found.type, found.version, schema))
    Output().show(text.removesuffix("\n"))


def _named(registry: FileRegistry, text: str) -> Contract:
    # Topics and types may hold slashes, so that only the registry knows where one ends.
    known = list(registry)
    for one in known:
        if str(one) == text:
            return one
    latest = {f"{one.topic}/{one.type}": one for one in known}
    if text in latest:
        return latest[text]
    near = get_close_matches(text[:256], [*latest, *map(str, known)], 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`eventroute schema list` shows all"
    raise CommandError(f"{registry.root} has no contract {text[:256]!r}; {hint}")
