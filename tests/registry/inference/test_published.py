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

TOPIC = "github.com"
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
def definitions(shared: Path) -> dict[str, Any]:
    text = (shared / "events/github_webhooks.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)["definitions"]
    return found


def published(shared: Path, type_: str) -> dict[str, Any]:
    kind, _, action = type_.partition(".")
    known = definitions(shared)
    name = f"{kind}${action or 'event'}"
    name = name if name in known else f"{kind}$event"
    needed: set[str] = set()
    pending = {name}
    while pending:
        needed |= pending
        text = json.dumps([known[one] for one in pending])
        pending = {one for one in known if f'"#/definitions/{one}"' in text} - needed
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$ref": f"#/definitions/{name}",
        "definitions": {one: known[one] for one in needed},
    }


def fits(schema: Any, witness: Any) -> bool:  # noqa: ANN401  any JSON
    return not Checker(schema, "a schema").violations(witness)


@pytest.mark.parametrize("mode", ["BACKWARD", "FORWARD"])
@pytest.mark.parametrize("part", range(SLICES))
def test_every_type_is_judged_within_the_budget_and_what_breaks_is_proven(
    shared: Path, part: int, mode: Mode
) -> None:
    for topic, type_ in list(inferred(shared))[part::SLICES]:
        old, new = inferred(shared).schema(topic, type_), published(shared, type_)
        begun = process_time()
        judged = compatibility(old, new, mode, seconds=BUDGET)
        assert process_time() - begun < BUDGET + READING, type_
        if judged.verdict is Verdict.INCOMPATIBLE:
            writer, reader = (old, new) if mode == "BACKWARD" else (new, old)
            assert fits(writer, judged.witness), type_
            assert not fits(reader, judged.witness), type_
