"""Inference over real traffic: GitHub's webhooks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from eventroute import Event
from eventroute.registry import MemoryRegistry
from eventroute.registry.inference import Inference

from .kit import ASSERTING, refused


@cache
def webhooks(shared: Path) -> tuple[Event, ...]:
    lines = (shared / "events/github_webhooks.jsonl").read_bytes().splitlines()
    return tuple(Event.from_json(line) for line in lines)


@pytest.fixture(scope="module")
def inference(shared: Path) -> Inference:
    inference = Inference()
    for event in webhooks(shared):
        inference.add(event)
    return inference


def test_every_webhook_fits_the_schema_that_was_inferred_of_its_type(
    inference: Inference, shared: Path
) -> None:
    registry = MemoryRegistry(inference.contracts())
    for event in webhooks(shared):
        registry.validate(event)


def test_every_webhook_has_the_formats_that_were_inferred(
    inference: Inference, shared: Path
) -> None:
    registry = MemoryRegistry(
        type(contract)(contract.topic, contract.type, 1, {**contract.schema, "$schema": ASSERTING})
        for contract in inference.contracts()
    )
    for event in webhooks(shared):
        registry.validate(event)


def test_taken_for_one_type_they_still_fit_and_their_enums_are_found(shared: Path) -> None:
    inference = Inference()
    details = [event.detail for event in webhooks(shared)]
    for detail in details:
        inference.add_detail("shop.orders", "OrderPlaced", detail)
    schema: Any = inference.schema("shop.orders", "OrderPlaced")

    assert refused(inference, details) == []
    assert schema["properties"]["sender"]["properties"]["type"] == {
        "type": "string",
        "enum": ["Bot", "Organization", "User"],
    }
