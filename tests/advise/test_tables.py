"""The data files: dated, and each value with its source."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from eventroute.advise import limits, prices
from eventroute.advise.tables import Limits, Prices

ROOT = Path(__file__).resolve().parents[2]
SOURCES = "\n".join(path.read_text() for path in (ROOT / "eventroute" / "advise").glob("*.py"))


def test_prices_are_dated_and_of_one_region() -> None:
    assert prices().date >= date(2026, 11, 21)
    assert prices().region == "us-east-1"


@pytest.mark.parametrize("name", sorted(prices().prices))
def test_a_price_names_its_source_and_a_page_of_aws_and_is_used(name: str) -> None:
    price = prices().prices[name]
    assert price.source
    assert re.fullmatch(r"https://aws\.amazon\.com/[a-z0-9]+/pricing/", price.page)
    assert f'"{name}"' in SOURCES


@pytest.mark.parametrize("name", sorted(limits().quotas))
def test_a_quota_names_its_source_and_a_remedy_and_is_used(name: str) -> None:
    quota = limits().quotas[name]
    assert quota.source
    assert quota.remedy
    assert f'"{name}"' in SOURCES


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sqs_standard", "$0.40/M"),
        ("eventbridge_event", "$1.00/M"),
        ("sns_fifo_publish_payload", "$0.017/GB"),
        ("s3_storage", "$0.023/GB-month"),
    ],
)
def test_a_price_is_shown_with_its_unit(name: str, shown: str) -> None:
    assert prices().prices[name].shown == shown


@pytest.mark.parametrize("model", [Prices, Limits])
def test_a_table_with_an_unknown_member_is_refused(model: type[Prices] | type[Limits]) -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        model.model_validate({"date": "2026-11-21", "colour": "red"})
