"""``eventroute schema infer``: drafts of contracts, from events."""

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from eventroute.cli.backend import load_durable_bus, on_adapter
from eventroute.cli.documents import read_document
from eventroute.cli.failure import CommandError
from eventroute.cli.output import Output, printable, report
from eventroute.cli.pattern_argument import read_pattern
from eventroute.cli.reading import STDIN, check_readable, lines, name_of, opened
from eventroute.cli.schema.listening import listen
from eventroute.cli.schema.options import Registry, open_registry, telling_made
from eventroute.errors import EventError, EventRouteError
from eventroute.pattern import Pattern
from eventroute.pattern.analysis import names_of_no_event
from eventroute.registry import Contract, FileRegistry, Inference
from eventroute.registry.inference import SAMPLES

__all__ = ["infer"]


def infer(
    events: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EVENTS",
            help="Files with one event a line; stdin when none is named, or for '-'.",
            show_default=False,
        ),
    ] = None,
    *,
    bus: Annotated[
        str | None,
        typer.Option("--from", metavar="MODULE:BUS", help="Listen to the backend of a bus."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="Events that match: JSON text or a file."),
    ] = None,
    given: Annotated[
        str | None,
        typer.Option("--as", metavar="TOPIC/TYPE", help="What lines are that hold a bare detail."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(metavar="NUMBER", min=1, help="End after so many events.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(metavar="NUMBER", min=0, help="Listen for so long.")
    ] = None,
    registry: Registry = None,
    show: Annotated[
        bool, typer.Option("--print", help="Print the schemas as JSON, and save nothing.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first line that holds no event.")
    ] = False,
) -> None:
    """Infer the contract of each event type from events, and save it as a draft.

    A draft is no version, and nothing is checked against it: look at it, change it, and make it one
    with `eventroute schema accept`. A draft that is there is replaced.

    With --from, a subscription of its own listens to what is published from then on, until Ctrl-C,
    --count or --seconds, and is dropped then; the application and its queues are left alone.

    For example:
      eventroute schema infer events.jsonl
      eventroute schema infer --from shop.app:bus --seconds 60
      eventroute schema infer details.jsonl --as shop.orders/OrderPlaced
      eventroute schema infer events.jsonl --where '{"source": ["shop.orders"]}' --print

    Exit codes:
      0  drafts were saved, or printed; lines that hold no event are only counted
      1  a file or the backend cannot be used, no event was seen, or --strict met a bad line
      2  bad usage
    """
    if bus is not None and events:
        raise typer.BadParameter("--from listens to a bus; leave out the files")
    if given is not None and (bus is not None or not all(given.partition("/"))):
        raise typer.BadParameter("--as names the TOPIC/TYPE of what is in files")
    if bus is None and seconds is not None:
        raise typer.BadParameter("--seconds goes with --from")
    contracts = None if show else open_registry(registry, must_exist=False)
    pattern = None if where is None else read_pattern(where)
    inference = Inference()
    read: int | None = None
    if bus is None:
        read = _from_files(inference, events or [STDIN], pattern, given, count, strict=strict)
    else:
        # A bus that is made of the configuration asks for a registry that is there.
        there = registry if registry is not None and registry.is_dir() else None
        _from_bus(inference, bus, pattern, count, seconds, registry=there)
    if inference.left_out:
        report(f"{inference.left_out:,} events were left out: there are too many types")
    if not list(inference):
        raise CommandError(_nothing(pattern, read))
    for contract in inference.contracts():
        if contracts is None:
            Output().show_json(
                {"topic": contract.topic, "type": contract.type, "schema": contract.schema}
            )
        else:
            with telling_made(contracts.root):
                said = _save(contracts, contract)
            Output().show(printable(said))


def _from_files(
    inference: Inference,
    places: Sequence[str],
    pattern: Pattern | None,
    given: str | None,
    count: int | None,
    *,
    strict: bool,
) -> int:
    """Infer from the events of files, and tell how many were read."""
    for place in places:
        check_readable(place)
    if STDIN in places and sys.stdin.isatty():
        report("reading events from the terminal; Ctrl-D ends them")
    read = seen = bad = 0
    for where, content in _lines(places):
        try:
            document = read_document(content)
            if document.bare and given is None:
                raise EventError(f"{document.note}; name its type with --as TOPIC/TYPE")
        except EventRouteError as error:
            if strict:
                raise CommandError(f"{where}: {error}") from None
            report(f"{where}: {error}")
            bad += 1
            continue
        value = document.value
        if document.bare and given is not None:
            topic, _, name = given.partition("/")
            value |= {"source": topic, "detail-type": name}
        read += 1
        if pattern is None or pattern.matches(value):
            inference.add_detail(value["source"], value["detail-type"], value["detail"])
            seen += 1
            if seen == count:
                break
    if bad:
        report(f"{bad:,} {'line holds' if bad == 1 else 'lines hold'} no event")
    return read


def _nothing(pattern: Pattern | None, read: int | None) -> str:
    """Say why nothing was inferred.

    :param read: how many events there were before the pattern chose; ``None`` if not known.
    """
    if pattern is None or read == 0:
        return "no event was seen, so that nothing can be inferred"
    which = "the event does not fit" if read == 1 else f"none of the {read:,} events fits"
    lines = ["no event that fits --where was seen" if read is None else f"{which} --where"]
    for name, near in names_of_no_event(pattern).items():
        hint = f"; did you mean {near!r}?" if near else ": what is sent is in 'detail'"
        lines.append(f"{name[:64]!r} is no member of an event{hint}")
    return "; ".join(lines)


def _lines(places: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    for place in places:
        with opened(place) as stream:
            for line in lines(stream, name=name_of(place)):
                yield f"{name_of(place)}:{line.number}", line.content


def _from_bus(
    inference: Inference,
    target: str,
    pattern: Pattern | None,
    count: int | None,
    seconds: float | None,
    *,
    registry: Path | None,
) -> None:
    bus = load_durable_bus(
        target,
        kept="events",
        instead="bus.include(Discovery().router) of eventroute.discovery",
        registry=registry,
    )
    adapter = bus.adapter

    def ready() -> None:
        report(f"listening to what is published on the backend of {target}; Ctrl-C ends it")

    work = partial(listen, adapter, inference, pattern, count=count, seconds=seconds, ready=ready)
    on_adapter(bus, work)


def _save(registry: FileRegistry, contract: Contract) -> str:
    name = f"{contract.topic}/{contract.type}"
    count = contract.schema[SAMPLES]
    seen = f"{name}: {count:,} event{'' if count == 1 else 's'}"
    known = registry.drafts.known(contract)
    if known is not None:
        return f"{seen}, as version {known.version} says; no draft"
    registry.drafts.save(contract)
    place = registry.drafts.path_of(contract.topic, contract.type)
    return f"{seen}, draft in {place}"
