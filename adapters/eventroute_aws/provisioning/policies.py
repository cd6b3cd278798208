"""Queue policies: who may send to a queue. Statements of others stay as they are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from eventroute.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Statement", "merged", "statements", "topics_in"]

Statement: TypeAlias = dict[str, Any]

_VERSION: Final = "2012-10-17"


def statements(queue: str, prefix: str, topics: Iterable[str]) -> list[Statement]:
    """Let topics send to a queue: one statement for each account that owns some.

    :param queue: its ARN.
    :param prefix: tells our statements from those of others.
    :param topics: ARNs; ``*`` stands for any characters.
    """
    owners: dict[str, list[str]] = {}
    for topic in sorted(topics):
        owners.setdefault(topic.split(":")[4], []).append(topic)
    return [
        {
            "Sid": f"eventroute-{prefix}-{account}",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {
                "ArnLike": {"aws:SourceArn": arns},
                "StringEquals": {"aws:SourceAccount": account},
            },
        }
        for account, arns in sorted(owners.items())
    ]


def merged(policy: str, prefix: str, ours: list[Statement]) -> str | None:
    """The policy with our statements in place of those that it has of us.

    :param policy: JSON text; ``""`` for none.
    :returns: JSON text, ``""`` where no statement is left; ``None`` where nothing has to change.
    :raises ConfigurationError: the policy cannot be read.
    """
    document = _read(policy)
    found = _listed(document.get("Statement"))
    others = [one for one in found if not _is_ours(one, prefix)]
    old = [one for one in found if _is_ours(one, prefix)]
    if _comparable(old) == _comparable(ours):
        return None
    if not others and not ours:
        return ""
    whole = {"Version": _VERSION, **document, "Statement": [*others, *ours]}
    return json.dumps(whole, separators=(",", ":"))


def topics_in(policy: str, prefix: str) -> frozenset[str]:
    """ARNs of the topics that our statements let send; ``*`` stands for any characters."""
    return frozenset(
        str(arn)
        for one in _listed(_read(policy).get("Statement"))
        if _is_ours(one, prefix)
        for arn in _listed(one.get("Condition", {}).get("ArnLike", {}).get("aws:SourceArn"))
    )


def _read(policy: str) -> dict[str, Any]:
    if not policy:
        return {}
    try:
        document = json.loads(policy)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ConfigurationError(f"a queue's policy is no JSON object ({policy[:100]!r}); mend it")
    return document


def _is_ours(statement: Statement, prefix: str) -> bool:
    sid = str(statement.get("Sid", ""))
    return re.fullmatch(f"eventroute-{re.escape(prefix)}-[0-9]{{12}}", sid) is not None


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  JSON
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _comparable(value: Any) -> Any:  # noqa: ANN401  JSON
    """AWS may write a list of one as its element, and sort lists anew."""
    if isinstance(value, dict):
        return {key: _comparable(member) for key, member in value.items()}
    if isinstance(value, list):
        members = sorted((_comparable(one) for one in value), key=repr)
        return members[0] if len(members) == 1 else members
    return value
