"""What generated models read and write."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from pydantic import BaseModel, ValidationError

from eventroute.errors import ContractError
from eventroute.event_type import as_event, event_type_of
from eventroute.registry import Contract, MemoryRegistry, as_contract
from eventroute.registry.model_code import write_models

from .kit import contract, imported, model, properties

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_model_is_an_event_type() -> None:
    declared = event_type_of(model("OrderPlaced", contract({"type": "object"}, 1)))
    assert (declared.topic, declared.name, declared.version) == ("shop.orders", "OrderPlaced", 1)


def test_the_latest_version_has_the_plain_name() -> None:
    module = imported(write_models([contract({"type": "object"}, one) for one in (1, 2, 10)]))
    versions = {
        name: event_type_of(getattr(module, name)).version
        for name in ("OrderPlaced", "OrderPlaced1", "OrderPlaced2")
    }
    assert versions == {"OrderPlaced": 10, "OrderPlaced1": 1, "OrderPlaced2": 2}


NESTED: dict[str, Any] = {"line": {"type": "object", "properties": {"n": {"type": "integer"}}}}


def test_models_inside_have_names_of_their_own() -> None:
    text = write_models(
        [
            contract({"type": "object", "properties": NESTED}, 1),
            contract({"type": "object", "properties": NESTED}, 2),
            contract({"type": "object", "properties": NESTED}, type="Order"),
            contract(
                {"type": "object", "properties": {"placed_line": NESTED["line"]}},
                type="Order",
                version=2,
            ),
        ]
    )
    classes = [
        line.split()[1].partition("(")[0] for line in text.splitlines() if line[:5] == "class"
    ]
    assert sorted(classes) == sorted(set(classes))
    assert {"OrderPlaced", "OrderPlacedLine", "OrderPlaced1Line"} <= set(classes)


@pytest.mark.parametrize("section", ["$defs", "definitions"])
def test_a_value_of_an_enum_that_has_a_name_is_the_plain_value(section: str) -> None:
    state = {"enum": ["open", "lost"], "type": "string", "title": "State"}
    schema = {
        "type": "object",
        "properties": {"state": {"$ref": f"#/{section}/the%20state"}},
        section: {"the state": state},
    }
    order: Any = model("OrderPlaced", contract(schema)).model_validate({"state": "lost"})
    assert order.state == "lost"
    with pytest.raises(ValidationError):
        type(order).model_validate({"state": "found"})


def test_the_same_contracts_give_the_same_text_in_any_order() -> None:
    contracts = [contract({"type": "object", "properties": NESTED}, one) for one in (1, 2)]
    assert write_models(contracts) == write_models(contracts[::-1])


def test_what_is_left_out_is_not_sent_as_null() -> None:
    given = properties({"note": {"type": "string"}, "n": {"type": "integer"}}, "n")
    made = model("OrderPlaced", given)(n=1)

    assert as_event(made).detail == {"n": 1}
    MemoryRegistry([given]).validate(as_event(made))


def test_what_may_be_null_is_sent_as_null() -> None:
    made = model("OrderPlaced", properties({"note": {"type": ["string", "null"]}}, "note"))
    assert as_event(made(note=None)).detail == {"note": None}


def test_a_required_member_must_be_there() -> None:
    with pytest.raises(ValidationError):
        model("OrderPlaced", properties({"n": {"type": "integer"}}, "n"))()


@pytest.mark.parametrize(
    "name", ["class", "x-y", "schema", "model_config", "1st", "größe", "", "_x"]
)
def test_a_member_of_any_name_is_read_and_written(name: str) -> None:
    made = model("OrderPlaced", properties({name: {"type": "integer"}}, name))
    assert as_event(made.model_validate({name: 1})).detail == {name: 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uri", "https://example.org"),
        ("email", "Me@EXAMPLE.org"),
        ("password", "secret"),
        ("hostname", "a_b"),
        ("duration", "P1W"),
        ("date", "2026-01-31"),
        ("ipv6", "::1"),
    ],
)
def test_a_text_with_a_format_is_written_as_it_was_read(name: str, text: str) -> None:
    made = model("OrderPlaced", properties({"x": {"type": "string", "format": name}}, "x"))
    assert as_event(made.model_validate({"x": text})).detail == {"x": text}


def test_constraints_are_those_of_the_contract() -> None:
    made = model("OrderPlaced", properties({"n": {"type": "integer", "minimum": 1}}, "n"))
    with pytest.raises(ValidationError):
        made(n=0)


def test_members_that_are_forbidden_are_refused() -> None:
    made = model("OrderPlaced", contract({"type": "object", "additionalProperties": False}))
    with pytest.raises(ValidationError):
        made.model_validate({"x": 1})


def test_a_contract_that_refers_to_itself_is_a_model_that_does() -> None:
    node: dict[str, Any] = {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/Node"}},
    }
    made = model("OrderPlaced", contract({"$ref": "#/$defs/Node", "$defs": {"Node": node}}))
    chain: dict[str, Any] = {"next": {"next": {}}}
    assert as_event(made.model_validate(chain)).detail == chain


def test_alternatives_are_a_model_around_them() -> None:
    either: list[dict[str, Any]] = [
        {"type": "object", "properties": {name: {"type": "integer"}}, "required": [name]}
        for name in "ab"
    ]
    made = model("OrderPlaced", contract({"anyOf": either}))
    assert as_event(made.model_validate({"b": 1})).detail == {"b": 1}


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, {"additionalProperties": {}}])
def test_a_contract_that_says_nothing_gives_a_model_all_the_same(schema: dict[str, Any]) -> None:
    assert issubclass(model("OrderPlaced", contract(schema)), BaseModel)


def test_a_reference_out_of_the_contract_is_refused_and_nothing_fetched() -> None:
    with pytest.raises(ContractError, match=r"shop.orders/OrderPlaced/1.*leads out of the schema"):
        write_models([properties({"x": {"$ref": "http://127.0.0.1:9/x.json"}})])


GENERATOR_ONLY: list[dict[str, Any]] = [
    {"type": "string", "x-python-type": "antigravity.Foo"},
    {"type": "string", "customTypePath": "os.system"},
    {"type": "string", "default_factory": "print"},
    {"type": "object", "x-python-import": {"module": "os", "name": "system"}},
    {"type": "object", "customBasePath": "subprocess.Popen", "properties": {"a": {}}},
]


Around: TypeAlias = "Callable[[dict[str, Any]], dict[str, Any]]"

AROUND: dict[str, Around] = {
    "member": lambda one: {"properties": {"x": one}},
    "items": lambda one: {"properties": {"x": {"items": one}}},
    "branch": lambda one: {"properties": {"x": {"anyOf": [one, {"type": "null"}]}}},
    "definition": lambda one: {"properties": {"x": {"$ref": "#/$defs/X"}}, "$defs": {"X": one}},
    "others": lambda one: {"additionalProperties": one},
    "whole": lambda one: one | {"type": "object"},
}


@pytest.mark.parametrize("schema", GENERATOR_ONLY, ids=str)
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_a_contract_does_not_choose_what_its_models_are_made_of(
    schema: dict[str, Any], around: Around
) -> None:
    known = {key: one for key, one in schema.items() if key in ("type", "properties")}
    given, plain = (contract({"type": "object", **around(one)}) for one in (schema, known))
    assert write_models([given]) == write_models([plain])


@pytest.mark.parametrize("place", ["#/examples/0", "#/%65xamples/0", "#/x-python/a"])
def test_a_reference_to_what_is_no_schema_is_refused(place: str) -> None:
    evil = {"type": "string", "customTypePath": "os.system"}
    schema = {"properties": {"a": {"$ref": place}}, "examples": [evil], "x-python": {"a": evil}}
    with pytest.raises(ContractError, match="leads to what is no schema"):
        write_models([contract(schema)])


def test_members_may_be_named_like_keywords_of_the_generator() -> None:
    names = ["x-python-type", "customTypePath", "customBasePath", "default_factory"]
    made = model("OrderPlaced", properties({name: {"type": "string"} for name in names}, *names))
    detail = dict.fromkeys(names, "os.system")
    assert as_event(made.model_validate(detail)).detail == detail


def test_unions_are_told_apart_by_the_member_that_the_contract_names() -> None:
    kinds = {
        name: {"type": "object", "required": ["k"], "properties": {"k": {"const": name}}}
        for name in "AB"
    }
    member = {
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds],
        "discriminator": {"propertyName": "k", "mapping": {n: f"#/$defs/{n}" for n in kinds}},
    }
    text = write_models([contract({"properties": {"x": member}, "$defs": kinds})])
    assert 'discriminator="k"' in text


def test_an_invalid_schema_is_refused_by_name() -> None:
    with pytest.raises(
        ContractError, match=r"shop.orders/OrderPlaced/1 is not a valid JSON Schema"
    ):
        write_models([contract({"type": "objekt"})])


@pytest.mark.parametrize("text", ['"', "\\", "\n", '"""', "ß", "\\N{BULLET}"])
def test_names_and_descriptions_cannot_break_out_of_the_code(text: str) -> None:
    given = Contract(
        text,
        "T",
        1,
        {
            "description": text,
            "type": "object",
            "properties": {text: {"description": text, "enum": [text]}},
        },
    )
    made = model("T", given)
    assert event_type_of(made).topic == text
    assert as_event(made.model_validate({text: text})).detail == {text: text}


def test_what_formatters_are_told_in_the_working_folder_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = properties({"name": {"type": "string", "enum": ["a" * 50, "b" * 50]}})
    elsewhere = write_models([given])
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nline-length = 40\n[broken")
    monkeypatch.chdir(tmp_path)

    assert write_models([given]) == elsewhere


PATTERN = r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"
DECIMAL: list[dict[str, Any]] = [{"type": "number"}, {"type": "string", "pattern": PATTERN}]


def test_what_pydantic_writes_for_a_decimal_is_a_decimal() -> None:
    members = {
        "total": {"anyOf": DECIMAL},
        "discount": {"anyOf": [*DECIMAL, {"type": "null"}], "default": None},
        "rate": {"anyOf": DECIMAL, "default": "1.50"},
        "prices": {"type": "array", "items": {"anyOf": DECIMAL}},
    }
    declared = properties(members, "total", "prices")
    made = model("OrderPlaced", declared)
    read = made.model_validate({"total": "12.50", "prices": [1, "2"]})
    assert read == made(
        total=Decimal("12.5"), discount=None, rate=Decimal("1.5"), prices=[Decimal(1), Decimal(2)]
    )
    assert (
        as_event(read).detail_json == b'{"total":12.50,"discount":null,"rate":1.50,"prices":[1,2]}'
    )
    MemoryRegistry([declared]).validate(as_event(read))
    described = as_contract(made).schema["properties"]
    assert isinstance(described, dict)
    assert {name: described[name] | one for name, one in members.items()} == described


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "number", "minimum": 1}, DECIMAL[1]]},
        {"anyOf": [{"type": "number"}, {"type": "string"}]},
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9.]+$"}]},
        {"anyOf": DECIMAL, "default": "none"},
        {"anyOf": DECIMAL, "default": 1.5},
        DECIMAL[1],
        {"type": "number", "format": "decimal"},
    ],
)
def test_what_pydantic_does_not_write_for_a_decimal_is_none(schema: dict[str, Any]) -> None:
    assert "Decimal" not in write_models([properties({"total": schema})])


def test_a_text_beside_a_decimal_keeps_its_default() -> None:
    texts = {"anyOf": [{"type": "array", "items": {"anyOf": DECIMAL}}, {"type": "string"}]}
    made = model("OrderPlaced", properties({"prices": {**texts, "default": "1.5"}}))
    assert made().model_dump() == {"prices": "1.5"}
