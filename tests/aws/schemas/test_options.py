"""The page tells of the options that there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from eventroute.errors import ConfigurationError
from eventroute_aws.schemas import SchemaRegistryOptions, create

FIELDS = SchemaRegistryOptions.model_fields


@pytest.fixture
def rows(root: Path) -> dict[str, tuple[str, str]]:
    """Default and meaning of each option."""
    text = (root / "docs" / "schema-registry.md").read_text(encoding="utf-8")
    part = text.partition("<!-- begin options -->")[2].partition("<!-- end options -->")[0]
    cells = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("| `")
    ]
    return {name: (default, meaning) for name, default, meaning in cells}


def test_the_page_has_every_option_with_its_default(rows: dict[str, tuple[str, str]]) -> None:
    assert set(rows) == set(FIELDS)
    for name, field in FIELDS.items():
        default = field.get_default(call_default_factory=True)
        told = rows[name][0]
        if default is None or default == {}:
            assert told in {"none", "as botocore finds it"}, name
        else:
            assert json.loads(told) == default, name


@pytest.mark.parametrize("name", ["format", "provision"])
def test_the_page_names_every_choice(rows: dict[str, tuple[str, str]], name: str) -> None:
    for choice in get_args(FIELDS[name].annotation):
        assert choice in rows[name][1]


@pytest.mark.parametrize(
    "tags", [{"aws:mine": "x"}, {"": "x"}, {"team": "x" * 257}, {"team": "<x>"}]
)
def test_a_tag_that_aws_does_not_take_is_refused(tags: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"registry\.eventbridge\.tags"):
        create({"tags": tags})
