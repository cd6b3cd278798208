"""What has to be done, in which order, so that things become as they should be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute_aws.eventbridge.resources import MOST_TARGETS, is_our_target
from eventroute_aws.eventbridge.steps import (
    CreateBus,
    RemoveTargets,
    TagBus,
    WriteRule,
    WriteTargets,
)
from eventroute_aws.provisioning.differences import queue_phases
from eventroute_aws.provisioning.policies import Author, allowed_in
from eventroute_aws.provisioning.tags import check_owner, lacking, owns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventroute_aws.eventbridge.found import FoundBus, FoundRule, FoundTarget
    from eventroute_aws.eventbridge.resources import Desired, DesiredRule, Target
    from eventroute_aws.eventbridge.steps import Phases, Step
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.provisioning.desired import DesiredQueue
    from eventroute_aws.provisioning.found import FoundQueue

__all__ = ["Found", "differences"]


@dataclass(frozen=True, slots=True)
class Found:
    """What there is, of what matters to a topology.

    :ivar queues: by name.
    :ivar rules: those on the bus by name; with targets and tags where they matter.
    """

    bus: FoundBus | None = None
    queues: Mapping[str, FoundQueue] = field(default_factory=dict)
    rules: Mapping[str, FoundRule] = field(default_factory=dict)


def differences(desired: Desired, found: Found, options: EventBridgeOptions) -> Phases:
    """Compare.

    A queue lets its rule send before the rule has it as a target, so that nothing is refused.

    :raises ConfigurationError: something that is there belongs to others, or something that the
        options name is not there.
    :raises UnsupportedError: EventBridge's limits are in the way.
    """
    _check_rules(desired, found, options)
    for rule in desired.rules:
        _check_rule(rule, found.rules.get(rule.name), options)
    author = Author(options.prefix, "events.amazonaws.com")
    queues = [_with_earlier_buses(queue, found, author) for queue in desired.queues]
    pairs = [(rule, found.rules.get(rule.name)) for rule in desired.rules]
    return (
        tuple(_bus(desired, found, options)),
        *queue_phases(queues, found.queues, author, options),
        tuple(step for rule, there in pairs if (step := _rule(rule, there)) is not None),
        # A rule has room for five, so that what goes makes room for what comes.
        tuple(step for rule, there in pairs for step in _stale(rule, there)),
        tuple(step for rule, there in pairs for step in _missing(rule, there)),
        tuple(step for rule, there in pairs for step in _altered(rule, there)),
    )


def _with_earlier_buses(queue: DesiredQueue, found: Found, author: Author) -> DesiredQueue:
    """What is published to the bus that the options named before is not lost."""
    there = found.queues.get(queue.name)
    names = {_name(arn) for arn in queue.senders}
    allowed = allowed_in(there.policy, author) if there is not None else frozenset[str]()
    earlier = frozenset(arn for arn in allowed - queue.senders if _name(arn) in names)
    return replace(queue, senders_of_others=earlier) if earlier else queue


def _name(rule_arn: str) -> str:
    return rule_arn.rpartition("/")[2]


def _bus(desired: Desired, found: Found, options: EventBridgeOptions) -> Iterator[Step]:
    bus, there = desired.bus, found.bus
    if there is None:
        if not bus.ours:
            raise ConfigurationError(
                f"{options.table}.bus: there is no event bus {bus.name!r}, and eventroute cannot "
                "make it; associate the partner's event source, or correct the name and the region"
            )
        yield CreateBus(bus)
    elif bus.ours and owns(options.prefix, there.tags):
        tags = lacking(bus.tags, there.tags)
        if tags:
            yield TagBus(bus, tags)


def _check_rules(desired: Desired, found: Found, options: EventBridgeOptions) -> None:
    wanted = {rule.name for rule in desired.rules}
    others = len(found.rules.keys() - wanted)
    count = others + len(wanted)
    if count > options.max_rules and wanted - found.rules.keys():
        raise UnsupportedError(
            f"the event bus {desired.bus.name} would have {count:,} rules, {others:,} of them of "
            f"others or of earlier subscriptions, and its quota is {options.max_rules:,} "
            f"({options.table}.max_rules); have it raised and say so there, delete rules that "
            "nobody needs, or use another bus"
        )


def _check_rule(rule: DesiredRule, there: FoundRule | None, options: EventBridgeOptions) -> None:
    if there is not None:
        if there.manager:
            raise ConfigurationError(
                f"the rule {rule.name} belongs to {there.manager}; choose another prefix"
            )
        check_owner(f"the rule {rule.name}", there.tags, options.prefix, rule.tags)
    foreign = [id_ for id_ in _found(there) if not is_our_target(id_)]
    count = len(rule.targets) + len(foreign)
    if count > MOST_TARGETS:
        theirs = f", with {', '.join(foreign)} of others," if foreign else ""
        raise UnsupportedError(
            f"the rule {rule.name} would have {count} targets{theirs} and EventBridge allows "
            f"{MOST_TARGETS}; take some away, or subscribe twice"
        )


def _rule(rule: DesiredRule, there: FoundRule | None) -> Step | None:
    if there is None:
        return WriteRule(rule, details=(f"pattern {rule.pattern}",))
    details: list[str] = []
    if _json(rule.pattern) != _json(there.pattern):
        details.append(f"pattern {there.pattern or 'none'}, becomes {rule.pattern}")
    if not there.enabled:
        details.append(f"State: {there.state}, becomes ENABLED")
    if there.schedule:
        details.append(f"ScheduleExpression: {there.schedule}, becomes none")
    if rule.description != there.description:
        was = there.description or "none"
        details.append(f"Description: {was}, becomes {rule.description}")
    rewritten = bool(details)
    tags = lacking(rule.tags, there.tags)
    details += [f"tag {key}: {value!r}" for key, value in tags.items()]
    if not details:
        return None
    state = there.state if there.enabled else "ENABLED"
    return WriteRule(rule, "change", tuple(details), tags, rewritten, state)


def _stale(rule: DesiredRule, there: FoundRule | None) -> Iterator[Step]:
    wanted = {target.id for target in rule.targets}
    found = _found(there)
    ids = tuple(id_ for id_ in found if is_our_target(id_) and id_ not in wanted)
    if ids:
        details = tuple(f"sends to {found[id_]['Arn']}" for id_ in ids)
        yield RemoveTargets(rule.bus, rule.name, ids, details)


def _missing(rule: DesiredRule, there: FoundRule | None) -> Iterator[Step]:
    found = _found(there)
    new = tuple(target for target in rule.targets if target.id not in found)
    if new:
        details = tuple(f"sends to {target.arn}" for target in new)
        yield WriteTargets(rule.bus, rule.name, new, "create", details)


def _altered(rule: DesiredRule, there: FoundRule | None) -> Iterator[Step]:
    found = _found(there)
    told = {
        target.id: _changed(target, found[target.id])
        for target in rule.targets
        if target.id in found
    }
    altered = tuple(target for target in rule.targets if told.get(target.id))
    if altered:
        details = tuple(
            line if len(altered) == 1 else f"{target.id}: {line}"
            for target in altered
            for line in told[target.id]
        )
        yield WriteTargets(rule.bus, rule.name, altered, "change", details)


def _found(there: FoundRule | None) -> Mapping[str, FoundTarget]:
    return {} if there is None else there.targets


def _changed(target: Target, there: FoundTarget) -> tuple[str, ...]:
    wanted, was = _filled(target.to_aws()), _filled(there)
    return tuple(
        f"{name}: {_shown(was.get(name))}, becomes {_shown(wanted.get(name))}"
        for name in {**wanted, **was}
        if wanted.get(name) != was.get(name)
    )


def _filled(target: FoundTarget) -> dict[str, Any]:
    """Without what is empty, which AWS may tell or leave out."""
    return {
        name: _filled(value) if isinstance(value, dict) else value
        for name, value in target.items()
        if value not in (None, "", {}, [])
    }


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
