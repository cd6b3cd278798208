"""Cases that others wrote, and what eventroute answers to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..pattern.narrow.test_sns_conformance import answer as answer_to_filter
from ..pattern.test_conformance import answer as answer_to_rule

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Answer", "Case", "filters", "rules"]

Answer: TypeAlias = bool | str
"""Whether it matches; ``"valid"``, ``"invalid"``, or ``"error"`` where an emulator breaks."""

_REQUIRED: Final[dict[str, object]] = {
    "id": "1",
    "account": "111122223333",
    "source": "source",
    "time": "2026-05-04T09:30:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail-type": "type",
}
"""Members without which TestEventPattern takes no event.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A pattern or filter policy, what it is tried on, and the answers.

    :ivar event: text of an event, or of a message's body.
    :ivar aws: what AWS answers, or its open engine.
    :ivar ours: what eventroute answers.
    """

    name: str
    pattern: str
    event: str
    aws: Answer
    ours: Answer
    attributes: dict[str, dict[str, Any]]
    scope: str


def rules(shared: Path) -> list[Case]:
    """Event patterns."""
    return [
        Case(
            row["name"],
            row["pattern"],
            _complete(row["event"] or "{}"),
            row["expect"],
            answer_to_rule(row),
            {},
            "",
        )
        for row in _rows(shared, "eventbridge")
    ]


def filters(shared: Path) -> list[Case]:
    """Filter policies of SNS."""
    return [
        Case(
            row["name"],
            row["pattern"],
            row["event"] or "{}",
            row["expect"],
            answer_to_filter(row),
            row.get("attributes") or {},
            row.get("scope", "MessageBody"),
        )
        for row in _rows(shared, "sns")
    ]


def _rows(shared: Path, name: str) -> list[dict[str, Any]]:
    text = (shared / "conformance" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _complete(event: str) -> str:
    """The event with all members that it must have, otherwise as it is spelled."""
    try:
        there = json.loads(event)
    except ValueError:
        return event
    if not isinstance(there, dict):
        return event
    more = {name: value for name, value in _REQUIRED.items() if name not in there}
    begin, rest = event.split("{", 1)
    comma = "," if more and there else ""
    return f"{begin}{{{json.dumps(more)[1:-1]}{comma}{rest}"
