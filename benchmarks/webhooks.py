"""Real GitHub webhooks, where they lie beside the checkout, and rules that a team would write."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

__all__ = ["FILE", "RULES", "events"]

FILE: Final = Path(__file__).resolve().parents[2] / "shared" / "events" / "github_webhooks.jsonl"


def events(count: int) -> list[bytes]:
    """That many webhooks, 10 KB each; the file has 329, which come again and again.

    :raises FileNotFoundError: the file is not there.
    """
    lines = FILE.read_bytes().splitlines()
    return (lines * (count // len(lines) + 1))[:count]


def _rule(kind: str | list[Any], **detail: object) -> dict[str, Any]:
    kinds = [kind] if isinstance(kind, str) else kind
    rule: dict[str, Any] = {"source": ["github.com"], "detail-type": kinds}
    return {**rule, "detail": detail} if detail else rule


RULES: Final[list[dict[str, Any]]] = [
    _rule("push", ref=["refs/heads/main", "refs/heads/master"], deleted=[False]),
    _rule("push", ref=[{"prefix": "refs/tags/"}], created=[True]),
    _rule("push", commits={"modified": [{"suffix": ".md"}]}),
    _rule(
        "pull_request.opened",
        pull_request={"draft": [False], "additions": [{"numeric": ["<", 500]}]},
    ),
    _rule(
        [{"prefix": "pull_request."}], pull_request={"user": {"type": [{"anything-but": "Bot"}]}}
    ),
    _rule("pull_request.closed", pull_request={"merged": [True]}),
    _rule("issues.opened", issue={"labels": {"name": [{"equals-ignore-case": "BUG"}]}}),
    _rule([{"prefix": "issues."}], issue={"state": ["open"], "comments": [{"numeric": [">=", 1]}]}),
    _rule("issue_comment.created", comment={"body": [{"wildcard": "*please*"}]}),
    _rule("workflow_run.completed", workflow_run={"conclusion": ["failure", "timed_out"]}),
    _rule(
        "check_run.completed", check_run={"conclusion": [{"anything-but": ["success", "neutral"]}]}
    ),
    _rule([{"suffix": ".completed"}], organization={"login": [{"exists": True}]}),
    _rule(
        "release.published", release={"prerelease": [False], "tag_name": [{"wildcard": "*.0.*"}]}
    ),
    _rule([{"prefix": "deployment_status"}], deployment_status={"state": ["success"]}),
    _rule([{"prefix": "code_scanning_alert"}], alert={"rule": {"severity": ["error", "warning"]}}),
    _rule([{"wildcard": "*.deleted"}], repository={"private": [False]}),
    _rule([{"anything-but": {"prefix": "check_"}}], sender={"login": ["Codertocat"]}),
    _rule("member.added", repository={"owner": {"type": ["Organization"]}}),
    _rule([{"exists": True}], installation={"id": [{"numeric": [">", 0]}]}),
    _rule("star.created", repository={"stargazers_count": [{"numeric": [">=", 1, "<", 100]}]}),
]
