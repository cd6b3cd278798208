"""``eventroute schema accept``: drafts become versions."""

from difflib import get_close_matches
from typing import Annotated, Final

import typer

from eventroute.cli.failure import CommandError
from eventroute.cli.output import Output, printable
from eventroute.cli.schema.judging import Policy, judged, refuse
from eventroute.cli.schema.options import (
    ModeOption,
    ProfileOption,
    Registry,
    Seconds,
    Unknown,
    open_registry,
)
from eventroute.cli.schema.review_words import standing
from eventroute.registry import Contract, FileRegistry
from eventroute.registry.sameness import own_annotations

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
    mode: ModeOption = None,
    profile: ProfileOption = None,
    unknown: Unknown = "fail",
    seconds: Seconds = 2.0,
) -> None:
    """Make drafts the next version of their contracts: all that are named, or none.

    None is where one is not compatible with the version before it, or, in the modes that end with
    _TRANSITIVE, with all of them; --mode NONE makes it one all the same. A draft that the same
    events fit as the latest version makes no new one.

    For example:
      eventroute schema accept shop.orders/OrderPlaced
      eventroute schema accept --all --mode FULL

    Exit codes:
      0  done
      1  there is no such draft, it cannot be used, or it is not compatible, or not known to be
         (unless --unknown pass)
      2  bad usage
    """
    if every and names:
        raise typer.BadParameter("--all takes every draft; name drafts, or write --all, not both")
    if not every and not names:
        raise typer.BadParameter("name drafts, or write --all")
    contracts = open_registry(registry)
    drafts = {f"{one.topic}/{one.type}": one for one in contracts.drafts}
    for name in names or ():
        if name not in drafts:
            near = get_close_matches(name[:256], drafts, 3)
            hint = f"did you mean {' or '.join(near)}?" if near else _HOW_TO_SEE
            raise CommandError(f"there is no draft of {name[:256]!r}; {hint}")
    chosen = [drafts[name] for name in dict.fromkeys(names or drafts)]
    proposals = [contracts.drafts.propose(one.topic, one.type, seconds=seconds) for one in chosen]
    policy, output = Policy.chosen(mode, profile, unknown, seconds), Output()
    found = judged([one.contract for one in proposals], contracts, policy)
    refuse(output, found, policy, done="accepted")
    said = {(one.topic, one.type): standing(one) for one in found.entries}
    kept = contracts.drafts.accept_all(proposals, seconds=seconds)
    for proposal, accepted in zip(proposals, kept, strict=True):
        draft = proposal.draft
        if accepted.version == draft.version:
            told = said[draft.topic, draft.type]
            place = contracts.path_of(accepted.topic, accepted.type, accepted.version)
            line = f"{accepted}  in {place}{f'; {told}' if told else ''}"
        else:
            line = f"{accepted}  {_known(contracts, draft, accepted)}"
        output.show(printable(line))


def _known(contracts: FileRegistry, draft: Contract, accepted: Contract) -> str:
    place = contracts.drafts.path_of(draft.topic, draft.type)
    if not place.exists():
        return "says so already; the draft is gone"
    there = contracts.path_of(accepted.topic, accepted.type, accepted.version)
    words = ", ".join(own_annotations(draft.schema, accepted.schema))
    return (
        f"is fitted by the same events already; the draft stays, as it alone has {words}: write "
        f"that into {there}, or delete {place}"
    )
