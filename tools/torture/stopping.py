"""SIGTERM with fifty events in flight: what can finish does, and the rest goes back at once."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

from eventroute import Event
from eventroute.delivery.settling import LAST_CALL
from tools.torture.apps.gate import IN_FLIGHT, SOURCE, gated_bus
from tools.torture.check import Check, lost, repeated, strangers
from tools.torture.children import Herd, until
from tools.torture.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path


__all__ = ["Record", "judge", "run"]

_GRACE: Final = 10.0
_SHORT_GRACE: Final = 0.3
_OVERDUE: Final = 10
"""Each tenth stop finds handlers that do not come to an end."""


@dataclass(slots=True)
class Record:
    """What happened.

    :ivar in_flight: handlers under way at each signal.
    :ivar codes: exit statuses.
    :ivar drained: seconds from the signal to the exit, where handlers could finish.
    :ivar cut_off: the same, where they could not.
    :ivar ended: events whose handler came to its end, in order.
    :ivar attempts: attempt numbers that handlers were given.
    :ivar held: events that were neither handled nor back in the queue after a stop.
    :ivar left: events that are still in the queue.
    """

    events: int
    stops: int = 0
    in_flight: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    drained: list[float] = field(default_factory=list)
    cut_off: list[float] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter[int])
    held: int = 0
    left: int = 0


async def run(folder: Path, *, stops: int) -> Record:
    """Start a process, wait for its fifty handlers, stop it; again and again.

    :raises TortureError: a process does not do what it should.
    """
    overdue = [number % _OVERDUE == _OVERDUE // 2 for number in range(stops)]
    record = Record(IN_FLIGHT * overdue.count(False))
    bus = gated_bus(folder, folder / "gate", _GRACE)
    with closing(Journal(folder / "journal")) as journal:
        with Herd(folder, {"TORTURE_FOLDER": str(folder)}) as herd:
            async with bus:
                await bus.publish_many(
                    Event(SOURCE, "T", {"number": number}) for number in range(record.events)
                )
                for number, is_overdue in enumerate(overdue):
                    gate = folder / f"gate-{number}"
                    await _stop_once(herd, gate, journal, record, is_overdue=is_overdue)
                    record.held += (await bus.depth("wait")).in_flight
                record.left = (await bus.depth("wait")).outstanding
        for phase, word, *rest in journal.lines():
            if phase == "ended":
                record.ended.append(int(word))
            else:
                record.attempts[int(rest[0])] += 1
    return record


async def _stop_once(
    herd: Herd, gate: Path, journal: Journal, record: Record, *, is_overdue: bool
) -> None:
    grace = _SHORT_GRACE if is_overdue else _GRACE
    env = {"TORTURE_GATE": str(gate), "TORTURE_GRACE": str(grace)}
    before = journal.count()
    child = herd.start("eventroute", "run", "tools.torture.apps.gate:bus", env=env)
    await until(lambda: journal.count() >= before + IN_FLIGHT, "fifty handlers", child)
    record.in_flight.append(journal.count() - before)
    signalled = monotonic()
    child.terminate()
    record.stops += 1
    if not is_overdue:
        gate.touch()
    record.codes.append(await child.ended())
    (record.cut_off if is_overdue else record.drained).append(monotonic() - signalled)


def judge(record: Record) -> list[Check]:
    """Hold what happened against what is promised."""
    numbers = range(record.events)
    again = record.attempts.total() - record.attempts[1]
    checks = [
        Check("events", record.events),
        Check("SIGTERM", record.stops),
        Check.exactly("fewest in flight at a signal", min(record.in_flight), IN_FLIGHT),
        Check.exactly("most in flight at a signal", max(record.in_flight), IN_FLIGHT),
        Check.none_of("exit statuses other than 0", filter(None, record.codes)),
        Check.none_of("lost", lost(numbers, record.ended)),
        Check.none_of("out of nowhere", strangers(numbers, record.ended)),
        Check.none_of("handled again", repeated(record.ended)),
        Check("not given back", record.held, 0, 0),
        Check("left in the queue", record.left, 0, 0),
        Check("attempts counted for a stop", again, 0, 0),
        Check("longest drain, s", round(max(record.drained), 2), most=_GRACE),
    ]
    if record.cut_off:
        slowest = round(max(record.cut_off), 2)
        checks += [
            Check("stops that cut handlers off", len(record.cut_off)),
            Check("longest of these, s", slowest, most=_SHORT_GRACE + LAST_CALL),
        ]
    return checks
