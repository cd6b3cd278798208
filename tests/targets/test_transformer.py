"""The input transformer: checked where it is declared."""

from __future__ import annotations

import pytest

from eventroute.errors import DeclarationError
from eventroute.targets import InputTransformer


def test_variables_of_ones_own_and_those_of_aws_may_be_used() -> None:
    template = '{"order": <id>, "rule": "<aws.events.rule-name>"}'
    assert InputTransformer(template, {"id": "$.detail.lines[0].id"}).template == template


@pytest.mark.parametrize(
    "template", ["<id>", '"order <id>"', '"one"\n"two <id>"', ' {"a": {"b": ["<id>/x", <id>]}}']
)
def test_a_template_is_text_or_an_object(template: str) -> None:
    assert InputTransformer(template, {"id": "$.id"}).template == template


@pytest.mark.parametrize(
    ("template", "paths", "told"),
    [
        ("", {}, "1 to 8,192 characters"),
        ("x" * 8_193, {}, "not 8193"),
        ("<id>", {}, "uses <id>, which is not defined"),
        ("<id>", {"id": "detail.id"}, "no path in dot notation"),
        ("<id>", {"id": "$['detail']"}, "no path in dot notation"),
        ("<a b>", {"a b": "$.id"}, "cannot name a variable"),
        ('{"order": <id>', {"id": "$.id"}, "is no JSON object"),
        ("{<id>: 1}", {"id": "$.id"}, "not for names"),
        ("x", {f"v{number}": "$.id" for number in range(101)}, "101 variables; AWS takes 100"),
    ],
)
def test_what_aws_would_refuse_is_refused_with_the_value(
    template: str, paths: dict[str, str], told: str
) -> None:
    with pytest.raises(DeclarationError, match=told):
        InputTransformer(template, paths)
