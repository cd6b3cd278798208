"""What is wrong in a backend's own table is told in the words of the file."""

from __future__ import annotations

import pytest

from eventroute.backend_options import read_table
from eventroute.errors import ConfigurationError
from eventroute_aws import SnsOptions
from eventroute_sqlite.options import SqliteOptions


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        (
            {"claim_check": {"buckt": "payloads"}},
            [
                "sns.claim_check.bucket is missing; set it",
                "sns.claim_check.buckt is not known; did you mean bucket?",
            ],
        ),
        (
            {"claim_check": {"bucket": "payloads", "xyz": 1}},
            ["sns.claim_check.xyz is not known; there are bucket, prefix"],
        ),
        ({"claim_check": "payloads"}, ['sns.claim_check is "payloads": it should be a table']),
        ({"sources": "shop.stock"}, ['sns.sources is "shop.stock": it should be a list']),
        ({"topics": ["shop"]}, ['sns.topics is ["shop"]: it should be a table']),
        ({"topics": {"a": 1}}, ["sns.topics.a is 1: it should be a valid string"]),
        (
            {"prefix": "a.b"},
            ["sns.prefix is \"a.b\": it should be up to 30 letters, digits, '_' and '-'"],
        ),
        ({"account": "7"}, ['sns.account is "7": it should be the twelve digits of an account']),
        (
            {"claim_check": {"bucket": "x"}},
            ['sns.claim_check.bucket is "x": it should have at least 3 characters'],
        ),
    ],
)
def test_a_problem_is_told_in_terms_of_the_file(
    options: dict[str, object], problems: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_table(SnsOptions, "sns", options)
    assert str(caught.value).splitlines() == problems


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (3, "sqlite.path is 3: it should be a path, written as a string"),
        (":memory:", 'sqlite.path is ":memory:": name a file, such as events.db'),
    ],
)
def test_a_path_that_is_none_is_told_in_terms_of_the_file(path: object, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_table(SqliteOptions, "sqlite", {"path": path})
    assert str(caught.value).startswith(problem)
