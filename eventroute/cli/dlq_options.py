"""Arguments and options that the commands of ``eventroute dlq`` share."""

from typing import Annotated, Final, TypeAlias

import typer

__all__ = [
    "MOST_LISTED",
    "All",
    "AnySubscription",
    "Bus",
    "DryRun",
    "EventIds",
    "Ids",
    "Json",
    "JsonLines",
    "Limit",
    "ListLimit",
    "Rate",
    "Subscription",
    "Where",
]

MOST_LISTED: Final = 100

Bus: TypeAlias = Annotated[
    str, typer.Argument(metavar="MODULE:BUS", help="Where the bus is, such as shop.app:bus.")
]
Subscription: TypeAlias = Annotated[
    str, typer.Argument(metavar="SUBSCRIPTION", help="Its name; the last part may do.")
]
AnySubscription: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="SUBSCRIPTION", help="Its name; the last part may do.", show_default=False
    ),
]
Ids: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Ids of letters.", show_default=False),
]
EventIds: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--event-id", metavar="ID", help="Letters of this event; may be repeated."),
]
Where: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="PATTERN", help="Those whose event matches: JSON text or a file."),
]
All: TypeAlias = Annotated[bool, typer.Option("--all", help="Every letter.")]
Limit: TypeAlias = Annotated[
    int | None, typer.Option(metavar="NUMBER", min=1, help="At most so many letters.")
]
ListLimit: TypeAlias = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        min=1,
        help=f"At most so many letters; {MOST_LISTED} when left out.",
        show_default=False,
    ),
]
Rate: TypeAlias = Annotated[
    float | None, typer.Option(metavar="NUMBER", help="At most so many letters a second.")
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Change nothing; print what would be done.")
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
JsonLines: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]
