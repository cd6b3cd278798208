"""The ``[aws]`` table."""

from __future__ import annotations

import pytest

from eventroute.errors import ConfigurationError
from eventroute_aws.mixed.options import read_options


def test_shared_options_hold_for_both_services_and_the_others_for_one() -> None:
    read = read_options(
        {"prefix": "shop", "sns": {"sources": ["a"]}, "eventbridge": {"bus": "shop"}}
    )
    assert (read.sns_options.prefix, read.eventbridge_options.prefix) == ("shop", "shop")
    assert (read.sns_options.sources, read.eventbridge_options.bus) == (("a",), "shop")


def test_messages_name_options_as_they_are_written() -> None:
    read = read_options({"sources": {"shop.orders": "sns"}})
    assert (read.sns_options.table, read.eventbridge_options.table) == (
        "aws.sns",
        "aws.eventbridge",
    )
    assert read.sns_options.shared_table == read.eventbridge_options.shared_table == "aws"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"sources": {"shop.orders": "kafka"}}, r"aws\.sources\.shop\.orders is \"kafka\""),
        ({"sns": {"topcs": {}}}, r"aws\.sns\.topcs is not known; did you mean topics"),
        ({"eventbridge": {"bus": ""}}, r"aws\.eventbridge\.bus is \"\""),
        (
            {"sns": {"prefix": "shop"}},
            r"both services have it; write aws\.prefix",
        ),
        ({"default": "sqs"}, r"aws\.default is \"sqs\""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(options: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read_options(options)
