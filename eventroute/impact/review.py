"""Every contract of an application against what was registered: what changed, and may it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from eventroute.event_type import EventType, event_type_of
from eventroute.impact.bridges import Bridges
from eventroute.impact.impact import impact
from eventroute.impact.reviewed import Review, Reviewed, Status
from eventroute.impact.side import of_details
from eventroute.registry import Contract, Verdict, as_contract, compatibility
from eventroute.registry.sameness import same_events, wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from eventroute.delivery.subscriber import Subscriber
    from eventroute.registry import Compatibility, Mode, Profile
    from eventroute.topology import Route

__all__ = ["review"]

_Versions: TypeAlias = dict[tuple[str, str], dict[int, Contract]]


def review(
    declared: Iterable[Contract | EventType | type[BaseModel]],
    registered: Iterable[Contract],
    *,
    earlier: Iterable[Contract] | None = None,
    subscribers: Iterable[Subscriber] = (),
    routes: Iterable[Route] = (),
    mode: Mode = "BACKWARD",
    profile: Profile = "registry",
    seconds: float = 2.0,
) -> Review:
    """Compare what an application declares with what is registered.

    :param declared: its event types, such as ``bus.event_types``, or their contracts.
    :param registered: those of the registry.
    :param earlier: what was registered before, such as on the branch that is merged into; then the
        registry itself is compared with it, too.
    :param subscribers: those of the application, for the impact of each change.
    :param routes: the same of its routes.
    :param mode: which events must stay readable.
    :param profile: how strictly that is meant.
    :param seconds: how long one comparison of two schemas may take, and the trial of one model.
    :raises ContractError: a contract cannot be used.
    :raises DeclarationError: a model is not an event type, or has no JSON Schema.
    """
    given, files = list(declared), list(registered)
    types = [_type_of(one) for one in given if not isinstance(one, Contract)]
    rules = tuple(subscribers), tuple(routes)
    reviewing = _Reviewing(*rules, Bridges(types), mode, profile, seconds)
    models = [as_contract(one) for one in given]
    entries: dict[tuple[str, str, int], Reviewed] = {}
    if earlier is not None:
        before = list(earlier)
        still = {(one.topic, one.type, one.version) for one in files}
        for one in before:
            if (one.topic, one.type, one.version) not in still:
                _keep(entries, Reviewed(one.topic, one.type, one.version, Status.REMOVED))
        for entry in reviewing.compare(files, before):
            _keep(entries, entry)
    for entry in reviewing.compare(models, files):
        _keep(entries, entry)
    names = {(one.topic, one.type) for one in models}
    latest: dict[tuple[str, str], int] = {}
    for one in files:
        latest[one.topic, one.type] = max(one.version, latest.get((one.topic, one.type), 0))
    for topic, type_ in latest.keys() - names:
        version = latest[topic, type_]
        _keep(entries, Reviewed(topic, type_, version, Status.UNDECLARED))
    there = {(one.topic, one.type, one.version) for one in files}
    told = (replace(entries[key], registered=key in there) for key in sorted(entries))
    return Review(tuple(told), mode, profile)


def _type_of(source: EventType | type[BaseModel]) -> EventType:
    return source if isinstance(source, EventType) else event_type_of(source)


def _keep(entries: dict[tuple[str, str, int], Reviewed], entry: Reviewed) -> None:
    """Of what is said of one version, keep what says most."""
    key = (entry.topic, entry.type, entry.version)
    known = entries.get(key)
    if known is None or _telling(entry) > _telling(known):
        entries[key] = entry


def _telling(entry: Reviewed) -> tuple[int, bool, bool]:
    return _TELLING[entry.status], entry.breaks, bool(entry.differs)


_TELLING = {
    Status.UNCHANGED: 0,
    Status.UNDECLARED: 1,
    Status.NEW: 2,
    Status.ADDED: 3,
    Status.CHANGED: 4,
    Status.CONFLICTING: 5,
    Status.REMOVED: 6,
}


@dataclass(frozen=True, slots=True)
class _Reviewing:
    subscribers: tuple[Subscriber, ...]
    routes: tuple[Route, ...]
    bridges: Bridges
    mode: Mode
    profile: Profile
    seconds: float

    def compare(self, proposed: Iterable[Contract], known: Iterable[Contract]) -> list[Reviewed]:
        """Each proposed contract against those that are known, and those proposed before it."""
        versions: _Versions = {}
        for one in known:
            versions.setdefault((one.topic, one.type), {})[one.version] = one
        entries: list[Reviewed] = []
        first: dict[tuple[str, str, int], Contract] = {}
        for one in sorted(proposed, key=lambda each: (each.topic, each.type, each.version)):
            of_type = versions.setdefault((one.topic, one.type), {})
            twin = first.setdefault((one.topic, one.type, one.version), one)
            if same_events(twin.schema, one.schema, seconds=self.seconds):
                entries.append(self._compared(one, of_type))
            else:
                entries.append(self._judged(one, [twin], Status.CONFLICTING))
            of_type.setdefault(one.version, one)
        return entries

    def _compared(self, new: Contract, versions: dict[int, Contract]) -> Reviewed:
        if not versions:
            return Reviewed(new.topic, new.type, new.version, Status.NEW)
        same = versions.get(new.version)
        if same is not None and same_events(same.schema, new.schema, seconds=self.seconds):
            return Reviewed(
                new.topic,
                new.type,
                new.version,
                Status.UNCHANGED,
                differs=wording(same.schema, new.schema),
            )
        if same is not None:
            return self._judged(new, [same], Status.CHANGED)
        before = [versions[number] for number in sorted(versions) if number < new.version]
        if not before:
            return Reviewed(new.topic, new.type, new.version, Status.ADDED)
        chosen = before if self.mode.endswith("_TRANSITIVE") else before[-1:]
        return self._judged(new, chosen, Status.ADDED)

    def _judged(self, new: Contract, before: list[Contract], status: Status) -> Reviewed:
        details = [of_details(one) for one in before]
        judged = compatibility(
            details, of_details(new), self.mode, profile=self.profile, seconds=self.seconds
        )
        bridged, failure = False, ""
        wanted: Literal["upcast", "downcast"] | None = None
        if judged.verdict is Verdict.INCOMPATIBLE and status is Status.ADDED:
            left = self._unbridged(judged, details, of_details(new))
            bridged = left is None
            judged = judged if left is None else left
            wanted = self._wanted(judged, details[judged.against], new)
            failure = "" if bridged else self._failure(judged, details[judged.against], new)
        return Reviewed(
            new.topic,
            new.type,
            new.version,
            status,
            tuple(one.version for one in before),
            judged,
            impact(
                self.bridges.writer(before[-1]) or before[-1],
                new,
                self.subscribers,
                self.routes,
                seconds=self.seconds,
            ),
            bridged=bridged,
            cast_wanted=None if bridged else wanted,
            cast_failure=failure,
        )

    def _unbridged(
        self, judged: Compatibility, before: list[Contract], new: Contract
    ) -> Compatibility | None:
        """What no cast makes good of an incompatible change; ``None`` where casts make all good."""
        doubt: Compatibility | None = None
        for index, old in reversed(list(enumerate(before))):
            for direction, writer, reader in _pairs(old, new):
                if not self.mode.startswith((direction, "FULL")):
                    continue
                one = compatibility(old, new, direction, profile=self.profile, seconds=self.seconds)
                one = replace(one, mode=judged.mode, against=index, changes=judged.changes)
                if one.verdict is Verdict.UNKNOWN:
                    if doubt is None and not self.bridges.between(writer, reader):
                        doubt = one
                elif one.verdict is Verdict.INCOMPATIBLE and not self.bridges.carry(
                    one.witness, writer, reader
                ):
                    return one
        return doubt

    def _failure(self, judged: Compatibility, old: Contract, new: Contract) -> str:
        if judged.verdict is not Verdict.INCOMPATIBLE:
            return ""
        upward = judged.direction == "BACKWARD"
        return self.bridges.failure(judged.witness, *((old, new) if upward else (new, old)))

    def _wanted(
        self, judged: Compatibility, old: Contract, new: Contract
    ) -> Literal["upcast", "downcast"] | None:
        if judged.verdict is not Verdict.INCOMPATIBLE or not self.bridges.declare(new):
            return None
        upward = judged.direction == "BACKWARD"
        writer, reader = (old, new) if upward else (new, old)
        if self.bridges.between(writer, reader):
            return None
        return "upcast" if upward else "downcast"


def _pairs(
    old: Contract, new: Contract
) -> tuple[tuple[Literal["BACKWARD", "FORWARD"], Contract, Contract], ...]:
    """Each direction, with who writes and who reads."""
    return ("BACKWARD", old, new), ("FORWARD", new, old)
