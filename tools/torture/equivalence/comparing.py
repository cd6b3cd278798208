"""The same application on every backend, held against what matching one by one says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from tools.emulators import ministack
from tools.torture.check import Check
from tools.torture.equivalence.alone import ASKED
from tools.torture.equivalence.application import Application
from tools.torture.equivalence.backends import BACKENDS, options_of
from tools.torture.equivalence.running import sights
from tools.torture.wire.station import credentials

if TYPE_CHECKING:
    from tools.emulators import Emulator
    from tools.torture.equivalence.application import Sight

__all__ = ["Comparison", "judge", "run"]


@dataclass(slots=True)
class Comparison:
    """One application.

    :ivar seen: on each backend.
    :ivar excused: sights that an emulator's own filter kept from a backend, against AWS.
    """

    application: Application
    seen: dict[str, Counter[Sight]] = field(default_factory=dict[str, "Counter[Sight]"])
    excused: dict[str, set[Sight]] = field(default_factory=dict[str, "set[Sight]"])

    def missing(self, backend: str) -> Counter[Sight]:
        """What nobody saw there, as often as it is missing."""
        absent = self.application.expected - self.seen[backend]
        excused = self.excused.get(backend, set())
        return Counter({one: count for one, count in absent.items() if one not in excused})

    def more(self, backend: str) -> Counter[Sight]:
        """What was seen there, and should not have been, or not so often."""
        return self.seen[backend] - self.application.expected

    def told(self, one: Sight) -> str:
        """A sight, with everything that it takes to look into it alone."""
        texts = {rule.name: rule.text for rule in self.application.rules}
        pattern = json.dumps(json.loads(texts[one.subscription]), ensure_ascii=False)
        parts = [f"seed {self.application.seed}, {one.subscription}", f"pattern {pattern}"]
        parts += [f"event {one.body!r}", f"headers {dict(one.headers)}"]
        return "\n        ".join([*parts, *([f"dead letter: {one.reason}"] if one.reason else [])])


async def run(
    folder: Path, *, seeds: Sequence[int], events: int, backends: Sequence[str] = tuple(BACKENDS)
) -> list[Comparison]:
    """Run one application for each seed, on all backends beside each other."""
    home = folder / "emulator"
    home.mkdir()
    found: list[Comparison] = []
    with credentials(), ministack(home) as emulator:
        for seed in seeds:
            made = Comparison(Application(seed, events))
            async with anyio.create_task_group() as beside:
                for backend in backends:
                    beside.start_soon(_run_on, backend, made, emulator, folder)
            found.append(made)
    return found


async def _run_on(backend: str, made: Comparison, emulator: Emulator, folder: Path) -> None:
    place = folder / f"{backend}-{made.application.seed}"
    place.mkdir()
    options = options_of(backend, emulator, place)
    made.seen[backend] = await sights(made.application, backend, options)
    await _excuse(made, backend, emulator)


async def _excuse(made: Comparison, backend: str, emulator: Emulator) -> None:
    missing = made.missing(backend)
    if missing and backend in ASKED:
        rules = {rule.name: rule for rule in made.application.rules}
        pairs = {(one.subscription, one.body) for one in missing}
        left_out = await ASKED[backend](emulator, rules, pairs)
        made.excused[backend] = {one for one in missing if (one.subscription, one.body) in left_out}


def judge(found: Sequence[Comparison]) -> list[Check]:
    """Hold what happened against what is promised."""
    pairs = sum(len(one.application.rules) * len(one.application.messages) for one in found)
    matching = sum(one.application.expected.total() for one in found)
    idle = [
        f"seed {one.application.seed}: {rule.name} {rule.text}"
        for one in found
        for rule in one.application.rules
        if not any(rule.name == sight.subscription for sight in one.application.expected)
    ]
    checks = [
        Check("pairs of a subscription and an event", pairs),
        Check("pairs that match, one by one", matching, least=pairs // 50),
        Check(
            "subscriptions that no event matches", len(idle), most=len(found), examples=tuple(idle)
        ),
    ]
    for backend in sorted(found[0].seen, key=list(BACKENDS).index):
        excused = sum(len(one.excused.get(backend, ())) for one in found)
        missing = [one.told(it) for one in found for it in one.missing(backend).elements()]
        more = [one.told(it) for one in found for it in one.more(backend).elements()]
        checks += [
            Check(f"{backend}: seen", sum(one.seen[backend].total() for one in found)),
            Check.none_of(f"{backend}: missing", missing),
            Check.none_of(f"{backend}: more than that", more),
        ]
        if excused:
            checks.append(Check(f"{backend}: left out by the emulator alone", excused))
    return checks
