"""``eventroute archive``: what a backend keeps for replays."""

from datetime import timedelta
from typing import Annotated

import typer

from eventroute.cli.backend import load_durable_bus, on_backend
from eventroute.cli.output import Output, printable
from eventroute.port import ArchiveState

__all__ = ["archive"]


def archive(
    bus: Annotated[
        str, typer.Argument(metavar="MODULE:BUS", help="Where the bus is, such as shop.app:bus.")
    ],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what the backend of a bus has archived, which `eventroute replay` delivers again.

    For example:
      eventroute archive shop.app:bus

    Exit codes:
      0  done
      1  the bus cannot be opened, or its backend keeps no archive
      2  bad usage
    """
    found = load_durable_bus(bus, kept="archive", instead="bus.archive_state()")
    state = on_backend(found, found.archive_state)
    output = Output()
    if json:
        output.show_json(_json(state), indent=2)
        return
    output.show(printable(state.resource))
    for name, text in _lines(state):
        output.show(f"  {name:<10} {printable(text)}")
    for note in state.notes:
        output.show(printable(note))


def _json(state: ArchiveState) -> dict[str, object]:
    return {
        "resource": state.resource,
        "state": state.state,
        "events": state.events,
        "bytes": state.size,
        "since": None if state.since is None else state.since.isoformat(),
        "retention": state.retention,
        "capacity": state.capacity,
        "notes": list(state.notes),
    }


def _lines(state: ArchiveState) -> list[tuple[str, str]]:
    lines = [("state", state.state), ("events", _number(state.events))]
    lines.append(("bytes", _number(state.size)))
    if state.since is not None:
        lines.append(("since", state.since.isoformat(timespec="seconds")))
    lines.append(("kept for", _kept(state)))
    return lines


def _number(number: int | None) -> str:
    return "not told" if number is None else f"{number:,}"


def _kept(state: ArchiveState) -> str:
    if state.retention is not None:
        return str(timedelta(seconds=state.retention))
    return "ever" if state.capacity is None else f"the last {state.capacity:,} events"
