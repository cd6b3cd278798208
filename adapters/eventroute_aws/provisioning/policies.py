"""Queue policies: who may send to a queue. Statements of others stay as they are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from eventroute.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Author", "Service", "Statement", "merged", "senders_in", "statements"]

Statement: TypeAlias = dict[str, Any]

Service: TypeAlias = Literal["sns.amazonaws.com", "events.amazonaws.com"]

_VERSION: Final = "2012-10-17"
_MARKS: Final[dict[Service, str]] = {"sns.amazonaws.com": "", "events.amazonaws.com": "-events"}


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes statements: tells ours from those of others, and of our other backends.

    :ivar service: what the statements let send.
    """

    prefix: str
    service: Service

    def sid(self, account: str) -> str:
        """Names the statement about an account's topics or rules."""
        return f"eventroute-{self.prefix}-{account}{_MARKS[self.service]}"

    def wrote(self, statement: Statement) -> bool:
        """Whether a statement is ours to replace."""
        sid = f"eventroute-{re.escape(self.prefix)}-[0-9]{{12}}{_MARKS[self.service]}"
        return re.fullmatch(sid, str(statement.get("Sid", ""))) is not None


def statements(queue: str, author: Author, senders: Iterable[str]) -> list[Statement]:
    """Let topics or rules send to a queue: one statement for each account that owns some.

    :param queue: its ARN.
    :param senders: ARNs; ``*`` stands for any characters.
    """
    owners: dict[str, list[str]] = {}
    for sender in sorted(senders):
        owners.setdefault(sender.split(":")[4], []).append(sender)
    return [
        {
            "Sid": author.sid(account),
            "Effect": "Allow",
            "Principal": {"Service": author.service},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {
                "ArnLike": {"aws:SourceArn": arns},
                "StringEquals": {"aws:SourceAccount": account},
            },
        }
        for account, arns in sorted(owners.items())
    ]


def merged(policy: str, author: Author, ours: list[Statement]) -> str | None:
    """The policy with our statements in place of those that it has of us.

    :param policy: JSON text; ``""`` for none.
    :returns: JSON text, ``""`` where no statement is left; ``None`` where nothing has to change.
    :raises ConfigurationError: the policy cannot be read.
    """
    document = _read(policy)
    found = _listed(document.get("Statement"))
    others = [one for one in found if not author.wrote(one)]
    old = [one for one in found if author.wrote(one)]
    if _comparable(old) == _comparable(ours):
        return None
    if not others and not ours:
        return ""
    whole = {"Version": _VERSION, **document, "Statement": [*others, *ours]}
    return json.dumps(whole, separators=(",", ":"))


def senders_in(policy: str, author: Author) -> frozenset[str]:
    """ARNs of what our statements let send; ``*`` stands for any characters."""
    return frozenset(
        str(arn)
        for one in _listed(_read(policy).get("Statement"))
        if author.wrote(one)
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
