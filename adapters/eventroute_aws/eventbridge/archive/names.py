"""Names of replays, which tell when they were asked for, and of rules that are for one replay."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from uuid import uuid4

from eventroute_aws.provisioning.names import LONGEST_RULE_NAME, Names

__all__ = ["moment_of", "new_replay", "rule_of_replay", "rules_of_replays", "subscription_rule"]

_MOMENT: Final = "%Y%m%dT%H%M%S.%fZ"
_REPLAY: Final = re.compile(r"(.*-)?([0-9]{8}T[0-9]{6}\.[0-9]{6}Z)-[0-9a-f]{8}")
_MARK: Final = "-replay-"
_HASH: Final = 8
_STEM: Final = LONGEST_RULE_NAME - len(_MARK) - _HASH
_RULE: Final = re.compile(rf"(.+){_MARK}[0-9a-f]{{{_HASH}}}")


def new_replay(prefix: str, asked: datetime) -> str:
    """A name that no other replay has, of up to 63 characters."""
    moment = asked.astimezone(UTC).strftime(_MOMENT)
    return f"{Names(prefix).begin}{moment}-{uuid4().hex[:8]}"


def moment_of(replay: str) -> datetime | None:
    """When a replay was asked for; ``None`` of one that somebody else named."""
    found = _REPLAY.fullmatch(replay)
    if found is None:
        return None
    try:
        return datetime.strptime(found[2], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def rule_of_replay(rule: str, replay: str) -> str:
    """The name of the rule that takes the place of a subscription's rule during a replay."""
    return f"{_stem(rule)}{_MARK}{sha256(replay.encode()).hexdigest()[:_HASH]}"


def rules_of_replays(rule: str) -> str:
    """Those of all replays, as a pattern for an ARN."""
    return f"{_stem(rule)}{_MARK}*"


def subscription_rule(name: str) -> str | None:
    """The stem of the name of a replay's rule; ``None`` where it does not look like one."""
    found = _RULE.fullmatch(name)
    return None if found is None else found[1]


def _stem(rule: str) -> str:
    if len(rule) <= _STEM:
        return rule
    return f"{rule[: _STEM - _HASH - 1]}-{sha256(rule.encode()).hexdigest()[:_HASH]}"
