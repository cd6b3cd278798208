"""What was inferred of real events, beside the contracts that were published for them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from eventroute import Event
from eventroute.registry import Inference, Mode, Verdict, compatibility
from eventroute.registry.validation import Checker
from tests.registry.github import contract_for

SLICES = 8
BUDGET = 0.1
READING = 5.0
"""Seconds of the processor that reading two schemas and proving a witness may take besides."""


@cache
def inferred(shared: Path) -> Inference:
    inference = Inference()
    for line in (shared / "events/github_webhooks.jsonl").read_bytes().splitlines():
        inference.add(Event.from_json(line))
    return inference


@cache
def whole(shared: Path) -> dict[str, Any]:
    text = (shared / "events/github_webhooks.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def fits(schema: Any, witness: Any) -> bool:  # noqa: ANN401  any JSON
    return not Checker(schema, "a schema").violations(witness)


@pytest.mark.parametrize("mode", ["BACKWARD", "FORWARD"])
@pytest.mark.parametrize("part", range(SLICES))
def test_every_type_is_judged_within_the_budget_and_what_breaks_is_proven(
    shared: Path, part: int, mode: Mode
) -> None:
    for topic, type_ in list(inferred(shared))[part::SLICES]:
        old, new = inferred(shared).schema(topic, type_), contract_for(whole(shared), type_).schema
        begun = process_time()
        judged = compatibility(old, new, mode, seconds=BUDGET)
        assert process_time() - begun < BUDGET + READING, type_
        if judged.verdict is Verdict.INCOMPATIBLE:
            writer, reader = (old, new) if mode == "BACKWARD" else (new, old)
            assert fits(writer, judged.witness), type_
            assert not fits(reader, judged.witness), type_
