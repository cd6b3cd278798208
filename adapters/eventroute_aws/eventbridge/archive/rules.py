"""The rules that a replay goes by: those of subscriptions, or others in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventroute.errors import NameNotFoundError, UnsupportedError
from eventroute_aws.eventbridge.archive.leftovers import REPLAY_TAG
from eventroute_aws.eventbridge.archive.names import rule_of_replay
from eventroute_aws.eventbridge.resources import QUEUE_TARGET, DesiredRule, Target
from eventroute_aws.eventbridge.steps import WriteRule, WriteTargets
from eventroute_aws.provisioning.names import Names
from eventroute_aws.provisioning.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from eventroute_aws.eventbridge.found import Finder, FoundRule
    from eventroute_aws.eventbridge.steps import Phases
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.provisioning.names import Place

__all__ = ["check_room", "chosen_rules", "phases_of_rules", "rule_for_replay"]


async def chosen_rules(
    finder: Finder,
    every: Sequence[FoundRule],
    subscriptions: Collection[str] | None,
    options: EventBridgeOptions,
) -> list[FoundRule]:
    """The rules of some subscriptions, or of all that have one: also those of earlier versions.

    :param every: the rules of the bus.
    :raises NameNotFoundError: a subscription has none.
    """
    names = Names(options.prefix)
    wanted = None if subscriptions is None else {names.rule(one): one for one in subscriptions}
    ours = await finder.ours(
        rule
        for rule in every
        if (rule.name.startswith(names.begin) if wanted is None else rule.name in wanted)
    )
    found = [rule for rule in ours if QUEUE_TARGET in rule.targets and REPLAY_TAG not in rule.tags]
    lacking = (wanted or {}).keys() - {rule.name for rule in found}
    for rule in sorted(lacking):
        raise NameNotFoundError(
            f"there is no subscription {(wanted or {})[rule]!r} to replay into: the event bus "
            f"{options.bus} has no rule {rule} of ours"
        )
    return found


def check_room(rules: Collection[object], others: int, options: EventBridgeOptions) -> None:
    """Refuse what is too much for the bus.

    :param others: how many rules it has.
    :raises UnsupportedError: it has no room for the rules of a replay.
    """
    if others + len(rules) > options.max_rules:
        raise UnsupportedError(
            f"a replay with a pattern takes {len(rules):,} more rules, and the event bus "
            f"{options.bus} has {others:,} of {options.max_rules:,} ({options.table}.max_rules); "
            "choose fewer subscriptions, or have the quota raised and say so there"
        )


def phases_of_rules(rules: Iterable[DesiredRule]) -> Phases:
    """Make them, and then their targets."""
    wanted = list(rules)
    return (
        tuple(WriteRule(rule) for rule in wanted),
        tuple(WriteTargets(rule.bus, rule.name, rule.targets) for rule in wanted),
    )


def rule_for_replay(
    rule: FoundRule, pattern: str, replay: str, options: EventBridgeOptions, place: Place
) -> DesiredRule:
    """A rule that sends what one replay is about to where another sends everything."""
    name = rule_of_replay(rule.name, replay)
    sent: Any = rule.targets[QUEUE_TARGET]
    target = Target(
        QUEUE_TARGET,
        sent["Arn"],
        dead=sent.get("DeadLetterConfig", {}).get("Arn"),
        retries=options.target_retries,
        max_age=options.target_max_age,
    )
    return DesiredRule(
        name,
        place.rule(name, options.bus),
        options.bus,
        pattern,
        f"For the replay {replay}, in place of {rule.name}",
        tags_of(options, {REPLAY_TAG: replay}),
        (target,),
    )
