"""Memory stays the same, however much is sent, and nothing that is sent ends the inference."""

from __future__ import annotations

import tracemalloc
from typing import Any

from eventroute import Event
from eventroute.registry.inference import Inference

from .kit import TOPIC, TYPE, at, inferred, refused, schema_of


def memory_of(inference: Inference, numbers: range) -> int:
    """Bytes that the inference holds after so many more events, each unlike all others."""
    tracemalloc.start()
    try:
        for number in numbers:
            inference.add_detail(
                TOPIC,
                TYPE,
                {
                    "id": f"o-{number}",
                    "note": "x" * 500 + str(number),
                    "lines": {f"line-{number}-{one}": {"sku": f"s{number}"} for one in range(3)},
                    f"only-{'abcdefghij'[number % 10]}{'q' * (number // 10)}"[:100]: number,
                },
            )
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_ever_new_ids_texts_and_names_take_no_more_memory() -> None:
    inference = inferred([])
    memory_of(inference, range(1000))
    assert memory_of(inference, range(1000, 3000)) < 50_000


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"end": 1}
    for _ in range(levels):
        value = {"in": value}
    return value


def test_what_lies_too_deep_is_left_open() -> None:
    schema = schema_of(nested(100), nested(120))
    for _ in range(32):
        schema = schema["properties"]["in"]
    assert schema == {"type": "object"}


def test_a_value_nested_without_end_ends_nothing() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    inference = inferred([{"deep": deep}])
    assert inference.samples(TOPIC, TYPE) == 1


def test_no_event_type_has_more_places_than_there_is_room_for() -> None:
    wide = {f"{first}{second}": {"a": 1} for first in "abcde" for second in "vwxyz"}
    schema: Any = inferred([wide], max_places=10).schema(TOPIC, TYPE)
    assert len(schema["properties"]) <= 10


def test_all_event_types_together_have_five_times_as_many() -> None:
    inference = Inference(max_places=10)
    for number in range(20):
        inference.add(Event("a", f"T{number}", {f"m{one}": 1 for one in range(10)}))
    schemas: list[Any] = [contract.schema for contract in inference.contracts()]
    assert sum(len(schema.get("properties", ())) for schema in schemas) == 50


def test_what_had_no_room_is_left_open_and_not_required() -> None:
    seen: list[dict[str, object]] = [{"a": 1, "b": {"c": 1}}, {"a": 1, "z": 1}]
    inference = inferred(seen, max_places=2)
    assert inference.schema(TOPIC, TYPE)["required"] == ["a"]
    assert refused(inference, [*seen, {"a": 2, "z": "anything"}]) == []


def test_events_of_too_many_types_are_counted_and_not_looked_at() -> None:
    inference = Inference()
    for number in range(1002):
        inference.add(Event("a", f"T{number}", {"n": 1}))
    assert (len(list(inference)), inference.left_out) == (1000, 2)


def test_a_type_with_a_name_that_no_registry_holds_is_counted_and_not_looked_at() -> None:
    inference = Inference()
    inference.add(Event("a", "T" * 256, {"n": 1}))
    assert (list(inference), inference.left_out) == ([], 1)


def test_very_long_texts_have_no_format() -> None:
    assert at("x", "https://example.org/" + "a" * 3000) == {"type": "string"}
