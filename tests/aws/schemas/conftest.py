"""Each test has an account of its own: a double, see ``double.py``."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeAlias

import pytest

from eventroute_aws.calls import Calls, Patience
from eventroute_aws.schemas import SchemaRegistry, SchemaRegistryOptions

from .double import Double, running

Opened: TypeAlias = Callable[..., SchemaRegistry]


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Generator[Double]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with running() as double:
        yield double


@pytest.fixture
def store_of(double: Double) -> Opened:
    """Make a store; its pauses are short."""

    def make(**options: Any) -> SchemaRegistry:  # noqa: ANN401
        chosen = {"registry": "shop", "endpoint_url": double.url, **options}
        patience = Patience(first=0.001, longest=0.002, whole=0.02)
        return SchemaRegistry(SchemaRegistryOptions.model_validate(chosen), Calls(patience))

    return make
