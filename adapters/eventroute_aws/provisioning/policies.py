"""Queue policies: who may send to a queue. Statements of others stay as they are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from eventroute.errors import ConfigurationError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "Author",
    "Service",
    "Statement",
    "allowed_in",
    "check_size",
    "merged",
    "senders_in",
    "statements",
]

Statement: TypeAlias = dict[str, Any]

Service: TypeAlias = Literal["sns.amazonaws.com", "events.amazonaws.com"]

_VERSION: Final = "2012-10-17"
_MARKS: Final[dict[Service, str]] = {"sns.amazonaws.com": "", "events.amazonaws.com": "-events"}
_AHEAD: Final = "-ahead"
_OF_OTHERS: Final = "-of-others"
_MOST_BYTES: Final = 8_192
_MOST_STATEMENTS: Final = 20


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
        return self._sid(statement, f"({_AHEAD}|{_OF_OTHERS})?")

    def registered(self, statement: Statement) -> bool:
        """Whether a statement is ours, and about what we connected to the queue."""
        return self._sid(statement, "")

    def _sid(self, statement: Statement, end: str) -> bool:
        sid = f"eventroute-{re.escape(self.prefix)}-[0-9]{{12}}{_MARKS[self.service]}{end}"
        return re.fullmatch(sid, str(statement.get("Sid", ""))) is not None


def statements(
    queue: str,
    author: Author,
    senders: Iterable[str],
    *,
    ahead: Iterable[str] = (),
    of_others: Iterable[str] = (),
) -> list[Statement]:
    """Let topics or rules send to a queue: one statement for each account that owns some.

    Which of them we connected to the queue, the policy tells later; see :func:`senders_in`.

    :param queue: its ARN.
    :param senders: ARNs of those that we connect; ``*`` stands for any characters.
    :param ahead: of those that may be connected later.
    :param of_others: of those that others have connected.
    """
    return [
        *_statements(queue, author, senders, ""),
        *_statements(queue, author, ahead, _AHEAD),
        *_statements(queue, author, of_others, _OF_OTHERS),
    ]


def _statements(queue: str, author: Author, senders: Iterable[str], end: str) -> list[Statement]:
    owners: dict[str, list[str]] = {}
    for sender in sorted(senders):
        owners.setdefault(sender.split(":")[4], []).append(sender)
    return [
        {
            "Sid": author.sid(account) + end,
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
    """ARNs of what we connected to a queue; ``*`` stands for any characters."""
    return _arns(policy, author.registered)


def allowed_in(policy: str, author: Author) -> frozenset[str]:
    """ARNs of all that our statements let send; ``*`` stands for any characters."""
    return _arns(policy, author.wrote)


def check_size(what: str, policy: str) -> None:
    """Refuse a policy that SQS would refuse.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html

    :raises UnsupportedError: it is too large.
    """
    size = len(policy.encode())
    count = len(_listed(_read(policy).get("Statement")))
    if size > _MOST_BYTES or count > _MOST_STATEMENTS:
        raise UnsupportedError(
            f"the policy of {what} would have {size:,} bytes and {count} statements, and SQS takes "
            f"{_MOST_BYTES:,} and {_MOST_STATEMENTS}; let fewer topics of others send to it, or "
            "remove statements of others"
        )


def _arns(policy: str, counts: Callable[[Statement], bool]) -> frozenset[str]:
    return frozenset(
        str(arn)
        for one in _listed(_read(policy).get("Statement"))
        if counts(one)
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
