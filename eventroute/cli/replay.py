"""``eventroute replay``: deliver archived events again."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from eventroute.cli.backend import full_name, load_durable_bus, on_backend
from eventroute.cli.failure import CommandError
from eventroute.cli.loading import load_bus
from eventroute.cli.moments import moment
from eventroute.cli.output import Output
from eventroute.cli.pattern_argument import read_pattern
from eventroute.cli.replay_meter import ReplayMeter
from eventroute.plugins import backend_name
from eventroute.port import Archive

__all__ = ["replay"]


def replay(
    bus: Annotated[
        str, typer.Argument(metavar="MODULE:BUS", help="Where the bus is, such as shop.app:bus.")
    ],
    *,
    since: Annotated[
        str, typer.Option("--from", metavar="TIME", help="The first moment that counts.")
    ],
    until: Annotated[
        str, typer.Option("--to", metavar="TIME", help="The first moment that does not.")
    ] = "now",
    where: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="Events that match: JSON text or a file."),
    ] = None,
    to_subscription: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Who gets them; all that match when left out."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Deliver events again that the backend has archived.

    A time is RFC 3339, 'now', or how long ago: 90m, 1d12h. Each event carries the header
    eventroute-replayed, and reaches only subscriptions whose pattern it matches. An idempotent
    subscription takes it for a duplicate, unless it has Idempotency(accept_replayed=True).
    Ctrl-C cancels the replay; what it had delivered stays.

    For example:
      eventroute replay shop.app:bus --from 1h --to-subscription billing.invoice
      eventroute replay shop.app:bus --from 2026-01-31T08:00:00Z --to 2026-01-31T09:00:00Z

    Exit codes:
      0  done
      1  the bus cannot be opened, or its backend keeps no archive
      2  bad usage
    """
    now = datetime.now(UTC)
    begin, end = _moment("--from", since, now), _moment("--to", until, now)
    if begin >= end:
        raise typer.BadParameter(f"--from {since} is not before --to {until}")
    pattern = None if where is None else read_pattern(where)
    found = load_bus(bus)
    if not isinstance(found.adapter, Archive):
        raise CommandError(
            f"the backend {backend_name(found.adapter)!r} of {bus} keeps no archive; publish the "
            "events again from where they came, or choose a backend with an archive"
        )
    found = load_durable_bus(bus, kept="archive", instead="bus.replay(since, until)")
    names = [full_name(found, name) for name in to_subscription or ()] or None
    with ReplayMeter() as meter:
        replayed = partial(found.replay, begin, end, where=pattern, to=names, progress=meter.show)
        count = on_backend(found, replayed)
    if json:
        Output().show_json({"replayed": count})
    elif count is None:
        Output().show("replayed; how many events that were, the backend does not tell")
    else:
        Output().show(f"{count:,} event{'' if count == 1 else 's'} replayed")


def _moment(option: str, text: str, now: datetime) -> datetime:
    try:
        return moment(text, now)
    except ValueError as error:
        raise typer.BadParameter(f"{option}: {error}") from None
