"""``eventroute schema check``: what a change of contracts would break."""

from shlex import join
from typing import Annotated, Literal

import typer

from eventroute.cli.application_code import running_models
from eventroute.cli.dlq_options import Bus
from eventroute.cli.failure import CommandError
from eventroute.cli.loading import load_bus
from eventroute.cli.output import Output, report
from eventroute.cli.schema.judging import Policy
from eventroute.cli.schema.options import (
    Json,
    ModeOption,
    ProfileOption,
    Registry,
    Seconds,
    Unknown,
    open_registry,
    tell_unread,
)
from eventroute.cli.schema.review_markdown import markdown
from eventroute.cli.schema.review_text import show
from eventroute.cli.schema.revision import contracts_at
from eventroute.impact import review

__all__ = ["check"]


def check(
    bus: Bus,
    *,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Compare with the registry at a revision of git, too.",
            show_default=False,
        ),
    ] = None,
    registry: Registry = None,
    mode: ModeOption = None,
    profile: ProfileOption = None,
    unknown: Unknown = "fail",
    seconds: Seconds = 2.0,
    format: Annotated[  # noqa: A002  the option's name
        Literal["text", "json", "markdown"], typer.Option(help="What to print.")
    ] = "text",
    json: Json = False,
) -> None:
    """Compare what an application declares with the registry, and say what a change breaks.

    A model whose version is registered must have the schema that is registered. A model of a new
    version is judged against the version before it, or against all of them in the modes that end
    with _TRANSITIVE. With --against, so are the files of the registry against those of a revision
    of git. Of each change, it tells what that does to the subscriptions of the application. Files
    of the registry that are no contracts are warned of on stderr, and so is a registry, or a
    revision of it, that holds no contract at all.

    For example:
      eventroute schema check shop.app:bus
      eventroute schema check shop.app:bus --against origin/main --format markdown
      eventroute schema check shop.app:bus --mode FULL --unknown pass

    Exit codes:
      0  nothing breaks
      1  something breaks, is not decided (unless --unknown pass), or cannot be read
      2  bad usage
    """
    if json and format == "markdown":
        raise typer.BadParameter("--json and --format markdown are two forms; give one")
    policy = Policy.chosen(mode, profile, unknown, seconds)
    contracts = open_registry(registry)
    tell_unread(contracts)
    earlier = None if against is None else contracts_at(against, contracts.root)
    loaded = load_bus(bus, registry=registry)
    registered = contracts.checked()
    if not loaded.event_types and not registered and not earlier:
        raise CommandError(
            f"{bus} declares no event type, and {contracts.root} holds no contract; subscribe to "
            "models, or name what is published with router.publishes(...)"
        )
    if not registered:
        report(f"warning: {contracts.root} holds no contract yet; is it the right folder?")
    if earlier == []:
        report(
            f"warning: {against} has no contract in {contracts.root}: nothing was compared with "
            "it; if the folder was moved, or is another one, that hides what changed"
        )
    with running_models(bus):
        found = review(
            loaded.event_types,
            registered,
            earlier=earlier,
            subscribers=loaded.subscribers,
            routes=loaded.routes,
            mode=policy.mode,
            profile=policy.profile,
            seconds=policy.seconds,
        )
    output = Output()
    command = ["eventroute", "schema", "register", bus]
    command += [] if registry is None else ["--registry", str(registry)]
    command += [] if profile is None else ["--profile", profile]
    if json or format == "json":
        output.show_json(found.to_dict(), indent=2)
    elif format == "markdown":
        output.show(markdown(found, join(command), mode))
    else:
        show(output, found, join(command), mode)
    if found.breaks or (found.unknown and unknown == "fail"):
        raise typer.Exit(1)
