"""``eventroute plan``, ``apply`` and ``destroy``: what a bus needs on its backend."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final, Literal

import typer

from eventroute.bus import EventBus
from eventroute.cli.asking import ask, must_be_asked
from eventroute.cli.backend import on_adapter
from eventroute.cli.dlq_options import Bus, Json
from eventroute.cli.failure import CommandError
from eventroute.cli.loading import load_bus
from eventroute.cli.output import Output, printable
from eventroute.plugins import backend_name
from eventroute.port import Change, Leftover, Provisioned, Tidied

__all__ = ["apply", "describe_leftover", "destroy", "plan"]

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_DIFFERENT: Final = 2
_DONE: Final[dict[Literal["create", "change", "delete"], str]] = {
    "create": "created",
    "change": "changed",
    "delete": "deleted",
}


def plan(
    bus: Bus,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 2 if anything would change.")
    ] = False,
    json: Json = False,
) -> None:
    """Show what opening a bus would create or change on its backend; changes nothing.

    It also tells of queues whose subscription this bus does not declare: an earlier version did, or
    another application with the same prefix. `eventroute drop` deletes them.

    For example:
      eventroute plan shop.app:bus
      eventroute plan shop.app:bus --check

    Exit codes:
      0  done
      1  the bus cannot be imported, or its backend cannot be asked
      2  bad usage; or with --check, something would change
    """
    loaded, adapter = _provisioned(bus)

    async def work() -> tuple[Sequence[Change], Sequence[Leftover]]:
        changes = await adapter.plan(loaded.topology)
        if isinstance(adapter, Tidied):
            return changes, await adapter.leftovers(loaded.topology)
        return changes, ()

    changes, left = on_adapter(loaded, work)
    _show(changes, left, as_json=json)
    if check and changes:
        raise typer.Exit(_DIFFERENT)


def apply(bus: Bus, *, yes: Yes = False, json: Json = False) -> None:
    """Create and change what a bus needs on its backend, after a question.

    Does so whatever the configuration lets the bus itself do when it opens.

    For example:
      eventroute apply shop.app:bus
      eventroute apply shop.app:bus --yes

    Exit codes:
      0  done
      1  the bus cannot be imported, or its backend refused
      2  bad usage
    """
    must_be_asked(yes=yes, look="`eventroute plan`")
    loaded, adapter = _provisioned(bus)

    async def work() -> Sequence[Change]:
        topology = loaded.topology
        if not yes:
            changes = await adapter.plan(topology)
            if not changes:
                return changes
            _show(changes, as_json=False, to_stderr=True)
            ask("do this?", otherwise="nothing was changed")
        return await adapter.apply(topology)

    _show(on_adapter(loaded, work), as_json=json, done=True)


def destroy(bus: Bus, *, yes: Yes = False, json: Json = False) -> None:
    """Delete everything that eventroute made for a bus on its backend, after a question.

    Queues are deleted with all that they hold, dead letters as well. What others made stays, also
    where the bus uses it.

    For example:
      eventroute destroy shop.app:bus

    Exit codes:
      0  done
      1  the bus cannot be imported, or its backend refused
      2  bad usage
    """
    must_be_asked(yes=yes, look="it at a terminal")
    loaded, adapter = _provisioned(bus)

    async def work() -> Sequence[Change]:
        changes = await adapter.destroy(dry_run=True)
        if not changes:
            return changes
        _show(changes, as_json=False, to_stderr=True)
        if not yes:
            ask("delete this for good?", otherwise="nothing was deleted")
        return await adapter.destroy(dry_run=False)

    _show(on_adapter(loaded, work), as_json=json, done=True)


def _provisioned(target: str) -> tuple[EventBus, Provisioned]:
    bus = load_bus(target)
    adapter = bus.adapter
    if not isinstance(adapter, Provisioned):
        raise CommandError(
            f"the backend {backend_name(adapter)!r} of {target} needs nothing to be set up: it "
            "makes its queues when the bus opens; this command is for backends such as 'sns'"
        )
    return bus, adapter


def _show(
    changes: Sequence[Change],
    left: Sequence[Leftover] = (),
    *,
    as_json: bool,
    done: bool = False,
    to_stderr: bool = False,
) -> None:
    output = Output()
    if as_json:
        told = {"changes": [asdict(change) for change in changes]}
        more = {"leftovers": [asdict(one) for one in left]} if left else {}
        output.show_json({**told, **more}, indent=2)
        return
    lines: list[str] = []
    for change in changes:
        action = _DONE[change.action] if done else change.action
        lines.append(f"{action:<7}  {printable(change.resource)}")
        lines += [f"{'':9}{printable(detail)}" for detail in change.details]
    lines += [f"unclaimed {printable(describe_leftover(one))}" for one in left]
    lines.append(_counted(changes, done=done))
    for line in lines:
        if to_stderr:
            typer.echo(line, err=True)
        else:
            output.show(line)


def describe_leftover(one: Leftover) -> str:
    """What it is, and what it holds, for people."""
    events = f"{one.events:,} event{'' if one.events == 1 else 's'}"
    dead = f"{one.dead:,} dead letter{'' if one.dead == 1 else 's'}"
    return f"{', '.join(one.resources)} of {one.subscription} ({events}, {dead})"


def _counted(changes: Sequence[Change], *, done: bool) -> str:
    if not changes:
        return "nothing to do"
    counts = Counter(change.action for change in changes)
    return ", ".join(
        f"{count} {_DONE[action]}" if done else f"{count} to {action}"
        for action in _DONE
        if (count := counts[action])
    )
