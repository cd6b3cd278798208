"""``eventroute advise``: SNS or EventBridge, for the subscriptions that are declared."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Final, TypeVar

import typer

from eventroute.advise import Load, Sample, prices, read_rate, read_size
from eventroute.advise import advise as advice_on
from eventroute.advise.load import MONTH
from eventroute.bus import EventBus
from eventroute.cli.advise_table import show
from eventroute.cli.backend import full_name
from eventroute.cli.dlq_options import Bus, Json
from eventroute.cli.documents import read_document
from eventroute.cli.failure import CommandError, InputError
from eventroute.cli.loading import load_bus
from eventroute.cli.output import Output, report
from eventroute.cli.reading import check_readable, lines, name_of, opened
from eventroute.errors import DeclarationError, EventError, EventRouteError
from eventroute.topology import Topology

__all__ = ["advise"]

Result = TypeVar("Result")

_REGION: Final = "us-east-1"
_SHARE: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?%?", re.ASCII)


def advise(
    bus: Bus,
    *,
    rate: Annotated[
        str,
        typer.Option(metavar="RATE", help="Events published, such as 500/s, 20k/min or 1M/day."),
    ],
    peak: Annotated[
        str | None,
        typer.Option(metavar="RATE", help="The highest rate; the average when left out."),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="An event, such as 900 or 2KB; that of the sample."),
    ] = None,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, max=100_000, help="Processes that run the bus.")
    ] = 1,
    sample: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Typical events, one a line; '-' is stdin."),
    ] = None,
    match: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=SHARE", help="Share of all events that one gets."),
    ] = None,
    batch: Annotated[
        int, typer.Option(metavar="N", min=1, max=10, help="Events that share a request.")
    ] = 10,
    poll_wait: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, max=20, help="How long an empty poll waits.")
    ] = 5,
    free_tier: Annotated[
        bool, typer.Option("--free-tier", help="Take off what AWS gives away each month.")
    ] = False,
    region: Annotated[
        str, typer.Option(metavar="REGION", help="Whose prices; us-east-1 is the one known.")
    ] = _REGION,
    json: Json = False,
) -> None:
    """Compare what a bus would cost on each backend, and what each cannot do for it.

    Nothing is asked of AWS, whatever the backend of the bus: prices and quotas are lists inside
    eventroute, with a date and their sources. They age.

    For example:
      eventroute advise shop.app:bus --rate 500/s --size 2KB
      eventroute advise shop.app:bus --rate 1M/day --sample events.jsonl --workers 4
      eventroute advise shop.app:bus --rate 500/s --size 2KB --match review=0.05 --json

    Exit codes:
      0  done, also where no backend does everything
      1  the bus cannot be imported, or the sample cannot be used
      2  bad usage
    """
    if region != _REGION:
        raise typer.BadParameter(
            f"prices of {region!r} are not known; those of {prices().region} are"
        )
    if size is None and sample is None:
        raise typer.BadParameter("say how large an event is: --size 2KB, or --sample FILE")
    events = _read(read_rate, "--rate", rate)
    highest = None if peak is None else _read(read_rate, "--peak", peak) / MONTH
    given_size = None if size is None else _read(read_size, "--size", size)
    loaded = load_bus(bus)
    topology = loaded.topology
    if not topology.subscriptions and not topology.routes:
        raise CommandError(
            f"{bus} has no subscription or route; include the routers that declare them"
        )
    shares = dict(_share(loaded, one) for one in match or ())
    counted = None if sample is None else _count(sample, topology)
    mean = 0 if counted is None else counted.mean_size
    try:
        load = Load(
            events=events,
            peak=highest,
            size=mean if given_size is None else given_size,
            workers=workers,
            batch=batch,
            poll_wait=poll_wait,
            free_tier=free_tier,
        )
    except DeclarationError as error:
        raise CommandError(str(error), exit_code=2) from None
    advice = advice_on(topology, load, sample=counted, shares=shares)
    output = Output()
    if json:
        output.show_json(advice.to_dict(), indent=2)
    else:
        show(output, advice)


def _read(read: Callable[[str], Result], option: str, text: str) -> Result:
    try:
        return read(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option}: {error}") from None


def _share(bus: EventBus, text: str) -> tuple[str, Fraction]:
    name, equals, number = text.rpartition("=")
    scale = 100 if number.endswith("%") else 1
    if not equals or not _SHARE.fullmatch(number):
        raise typer.BadParameter(
            f"--match: {text!r} is no share; write NAME=SHARE, such as review=0.05 or review=5%"
        )
    share = Fraction(number.removesuffix("%")) / scale
    if not 0 <= share <= 1:
        raise typer.BadParameter(f"--match: {number} of {name} is not between 0 and 1")
    is_route = any(route.name == name for route in bus.routes)
    return name if is_route else full_name(bus, name), share


def _count(place: str, topology: Topology) -> Sample:
    """Count the events of a file; lines that hold none are reported.

    :raises InputError: no line holds one.
    """
    check_readable(place)
    sample = Sample(topology)
    bad = 0
    with opened(place) as stream:
        for line in lines(stream, name=name_of(place)):
            try:
                document = read_document(line.content)
                if document.note is not None:
                    raise EventError(f"is no event: {_lacking(document.note)}")
                sample.add(document.value, len(line.content or b""))
            except EventRouteError as error:
                bad += 1
                report(f"{name_of(place)}:{line.number}: {error}")
    if not sample.events:
        raise InputError(
            f"{name_of(place)} has no event; write one a line, with source, detail-type and detail"
        )
    if bad:
        report(f"{bad:,} {'line was' if bad == 1 else 'lines were'} left out of the sample")
    return sample


def _lacking(note: str) -> str:
    return note.partition("since ")[2]
