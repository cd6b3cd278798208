"""``eventroute schema accept``: drafts become versions."""

from difflib import get_close_matches
from typing import Annotated, Final

import typer

from eventroute.cli.failure import CommandError
from eventroute.cli.output import Output, printable
from eventroute.cli.schema.options import Registry, open_registry

__all__ = ["accept"]

_HOW_TO_SEE: Final = "`eventroute schema list --drafts` shows all"


def accept(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="TOPIC/TYPE", help="Whose drafts.", show_default=False),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every draft.")] = False,
    registry: Registry = None,
) -> None:
    """Make drafts the next version of their contracts.

    A draft that says what the latest version says makes no new one.

    For example:
      eventroute schema accept shop.orders/OrderPlaced
      eventroute schema accept --all

    Exit codes:
      0  done
      1  there is no such draft, or it cannot be used
      2  bad usage
    """
    if every == bool(names):
        raise typer.BadParameter("name drafts, or write --all")
    contracts = open_registry(registry)
    drafts = {f"{one.topic}/{one.type}": one for one in contracts.drafts}
    for name in names or ():
        if name not in drafts:
            near = get_close_matches(name[:256], drafts, 3)
            hint = f"did you mean {' or '.join(near)}?" if near else _HOW_TO_SEE
            raise CommandError(f"there is no draft of {name[:256]!r}; {hint}")
    for name in names or drafts:
        draft = drafts[name]
        accepted = contracts.drafts.accept(draft.topic, draft.type)
        if accepted.version == draft.version:
            place = contracts.path_of(accepted.topic, accepted.type, accepted.version)
            Output().show(printable(f"{accepted}  in {place}"))
        else:
            Output().show(printable(f"{accepted}  says so already; the draft is gone"))
