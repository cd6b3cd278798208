"""Contracts refer to each other by their addresses in the registry, and to nothing else."""

from __future__ import annotations

import builtins
import io
import json
import os
import socket
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from eventroute.envelope import Event
from eventroute.errors import ContractConflictError, ContractError, ContractViolationError
from eventroute.registry import Contract, FileRegistry, MemoryRegistry, bundled
from eventroute.registry.addresses import address_of, parse_address

MONEY = Contract(
    "shop.common",
    "Money",
    1,
    {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {"amount": {"type": "number"}, "currency": {"$ref": "#/$defs/currency"}},
        "$defs": {"currency": {"$anchor": "code", "type": "string", "maxLength": 3}},
    },
)


def order(reference: str, **more: object) -> Contract:
    schema = {"type": "object", "properties": {"total": {"$ref": reference}}, **more}
    return Contract("shop.orders", "OrderPlaced", 1, schema)


def placed(**detail: object) -> Event:
    return Event("shop.orders", "OrderPlaced", detail)


EUROS = {"amount": 1, "currency": "EUR"}


def test_a_reference_leads_to_another_contract() -> None:
    registry = MemoryRegistry([MONEY, order("/shop.common/Money/1")])
    registry.validate(placed(total=EUROS))
    with pytest.raises(ContractViolationError, match="at /total/currency"):
        registry.validate(placed(total=EUROS | {"currency": "EURO"}))


def test_it_leads_to_another_file(tmp_path: Path) -> None:
    FileRegistry(tmp_path).register_all([order("/shop.common/Money/1"), MONEY])
    with pytest.raises(ContractViolationError, match="at /total/currency"):
        FileRegistry(tmp_path).validate(placed(total=EUROS | {"currency": "EURO"}))


@pytest.mark.parametrize("fragment", ["/$defs/currency", "/%24defs/currency", "code"])
def test_a_fragment_leads_to_a_place_in_it(fragment: str) -> None:
    registry = MemoryRegistry([MONEY, order(f"/shop.common/Money/1#{fragment}")])
    registry.validate(placed(total="EUR"))
    with pytest.raises(ContractViolationError):
        registry.validate(placed(total="EURO"))


@pytest.mark.parametrize(
    ("topic", "type_"),
    [("a/b", "c d"), ("100%", "#1?"), ("..", "."), ("café", "Été"), ("t", "a:b"), ("CON", "~0~1")],
)
def test_any_name_has_an_address(topic: str, type_: str, tmp_path: Path) -> None:
    other = Contract(topic, type_, 7, {"type": "string"})
    FileRegistry(tmp_path).register_all([order(address_of(topic, type_, 7)), other])
    with pytest.raises(ContractViolationError, match="/total"):
        FileRegistry(tmp_path).validate(placed(total=1))


def test_an_address_is_read_as_it_is_written() -> None:
    assert parse_address(address_of("a/b", "ü#?%", 3)) == ("a/b", "ü#?%", 3, "")


def test_contracts_may_refer_to_each_other_in_a_circle(tmp_path: Path) -> None:
    member = {"properties": {"next": {"$ref": "/t/B/1"}}, "required": ["a"]}
    one = Contract("t", "A", 1, member)
    other = Contract("t", "B", 1, {"properties": {"next": {"$ref": "/t/A/1"}}, "required": ["b"]})
    FileRegistry(tmp_path).register_all([one, other])
    registry = FileRegistry(tmp_path)
    registry.validate(Event("t", "A", {"a": 1, "next": {"b": 1, "next": {"a": 1}}}))
    with pytest.raises(ContractViolationError, match="/next/next/a"):
        registry.validate(Event("t", "A", {"a": 1, "next": {"b": 1, "next": {}}}))


def test_a_contract_may_refer_to_itself_by_its_address() -> None:
    registry = MemoryRegistry(
        [Contract("t", "A", 1, {"properties": {"a": {"$ref": "/t/A/1"}}, "required": ["b"]})]
    )
    with pytest.raises(ContractViolationError, match="/a/b"):
        registry.validate(Event("t", "A", {"b": 1, "a": {}}))


@pytest.mark.parametrize(
    "dialect",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
    ],
)
def test_contracts_of_each_dialect_refer_to_each_other(dialect: str) -> None:
    text = Contract(
        "t",
        "Text",
        1,
        {"$schema": dialect, "definitions": {"x": {"type": "string"}}, "$ref": "#/definitions/x"},
    )
    registry = MemoryRegistry([text, order("/t/Text/1", **{"$schema": dialect})])
    registry.validate(placed(total="x"))
    with pytest.raises(ContractViolationError, match="/total"):
        registry.validate(placed(total=1))


def test_contracts_of_two_dialects_do_not() -> None:
    old = Contract("t", "Old", 1, {"$schema": "http://json-schema.org/draft-04/schema#"})
    with pytest.raises(ContractError, match="write both in one"):
        MemoryRegistry([old, order("/t/Old/1")])


def test_the_bundle_is_one_schema_that_refers_to_itself_alone() -> None:
    registry = MemoryRegistry([MONEY, order("/shop.common/Money/1")])
    schema = bundled(registry.get("shop.orders", "OrderPlaced"), registry)
    assert schema == {
        "type": "object",
        "properties": {"total": {"$ref": "#/$defs/Money.1"}},
        "$defs": {
            "Money.1": {
                "type": "object",
                "required": ["amount", "currency"],
                "properties": {
                    "amount": {"type": "number"},
                    "currency": {"$ref": "#/$defs/Money.1/$defs/currency"},
                },
                "$defs": {"currency": {"type": "string", "maxLength": 3}},
            }
        },
    }
    assert Draft202012Validator(dict(schema)).is_valid({"total": EUROS})


def test_a_name_that_is_taken_stays_with_its_owner() -> None:
    mine = order("/shop.common/Money/1", **{"$defs": {"Money.1": {"type": "null"}}})
    registry = MemoryRegistry([MONEY, mine])
    schema: Any = bundled(mine, registry)
    assert schema["$defs"]["Money.1"] == {"type": "null"}
    assert schema["properties"]["total"] == {"$ref": "#/$defs/Money.1_2"}


def test_a_schema_that_refers_to_no_other_is_its_own_bundle() -> None:
    assert bundled(MONEY, MemoryRegistry()) is MONEY.schema


def test_a_reference_in_a_value_is_no_reference() -> None:
    schema = {"properties": {"a": {"const": {"$ref": "/not/a/1"}}}}
    MemoryRegistry([Contract("t", "T", 1, schema)]).validate(
        Event("t", "T", {"a": {"$ref": "/not/a/1"}})
    )


def test_parts_with_an_id_of_their_own_are_referred_to_by_it() -> None:
    part = {"$id": "https://example.com/price", "type": "number"}
    mine = order("price", **{"$id": "https://example.com/order", "$defs": {"price": part}})
    with pytest.raises(ContractViolationError, match="/total"):
        MemoryRegistry([mine]).validate(placed(total="x"))


def test_the_id_of_a_contract_that_is_referred_to_is_left_behind() -> None:
    money = Contract("t", "Money", 1, {"$id": "https://example.com/money", "type": "number"})
    registry = MemoryRegistry([money, order("/t/Money/1")])
    assert "example.com" not in json.dumps(bundled(order("/t/Money/1"), registry))


def test_a_reference_to_an_element_that_no_array_has_leads_nowhere() -> None:
    registry = MemoryRegistry([Contract("t", "Money", 1, {"allOf": [{"type": "number"}]})])
    for index in ("00", "1", "1" * 5_000):
        with pytest.raises(ContractError, match="leads nowhere; correct it"):
            registry.register(order(f"/t/Money/1#/allOf/{index}"))


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("/shop.common/Mony/1", "leads to no contract.*the topic has 'Money'"),
        ("/shop.common/Money/2", "no version 2"),
        ("/shop.common/Money/1#/$defs/curency", "leads nowhere; correct it"),
        ("/shop.common/Money/1#cod", "leads to no 'cod' in it"),
        ("/shop.common/Money", "/TOPIC/TYPE/VERSION"),
        ("/shop.common/Money/latest", "/TOPIC/TYPE/VERSION"),
        ("Money/1", "/TOPIC/TYPE/VERSION"),
        ("/%FF/Money/1", "/TOPIC/TYPE/VERSION"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named_with_its_place(reference: str, says: str) -> None:
    registry = MemoryRegistry([MONEY])
    with pytest.raises(ContractError, match=says) as caught:
        registry.register(order(reference))
    assert "the contract shop.orders/OrderPlaced/1, at /properties/total" in str(caught.value)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"$dynamicAnchor": "x"}, "use \\$ref"),
        ({"$defs": {"x": {"$id": "https://example.com/x"}}}, "has an \\$id at /\\$defs/x"),
        ({"$id": "https://example.com/x", "items": {"$ref": "/t/U/1"}}, "remove the \\$id"),
    ],
)
def test_what_would_mean_something_else_elsewhere_is_refused(
    more: dict[str, object], says: str
) -> None:
    with pytest.raises(ContractError, match=says):
        MemoryRegistry([Contract("t", "T", 1, more), order("/t/T/1")])


def test_nothing_is_registered_where_one_of_several_is_refused(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    with pytest.raises(ContractError):
        registry.register_all([MONEY, order("/shop.common/Coins/1")])
    assert list(tmp_path.iterdir()) == []


def test_one_version_with_two_schemas_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(ContractConflictError, match="given with two schemas"):
        FileRegistry(tmp_path).register_all([MONEY, order("#"), order("#", minProperties=2)])
    assert list(tmp_path.iterdir()) == []


def test_the_same_schema_in_another_order_changes_no_file(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(MONEY)
    path = registry.path_of("shop.common", "Money", 1)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    turned = dict(reversed(list(MONEY.schema.items())))
    FileRegistry(tmp_path).register(Contract("shop.common", "Money", 1, turned))
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_no_contract_draws_in_a_thousand_others() -> None:
    chain = [
        Contract("t", f"T{index}", 1, {"properties": {"n": {"$ref": f"/t/T{index + 1}/1"}}})
        for index in range(1001)
    ]
    with pytest.raises(ContractError, match="draws in more than 1,000"):
        MemoryRegistry([*chain, Contract("t", "T1001", 1, {})])


def _deep(levels: int, innermost: dict[str, Any]) -> dict[str, Any]:
    schema = innermost
    for _ in range(levels):
        schema = {"properties": {"a": schema}}
    return schema


HOSTILE = [
    "http://127.0.0.1/schema.json",
    "https://example.com/schema.json#/x",
    "//example.com/schema.json",
    "file:///etc/passwd",
    "/etc/passwd",
    "../../../etc/passwd",
    "/../../1",
    "/%2e%2e/%2e%2e/1",
    "/..%2F../etc/1",
    "urn:uuid:00000000-0000-0000-0000-000000000000",
]


@pytest.mark.parametrize("reference", HOSTILE)
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_no_reference_opens_a_socket_or_a_file_outside_the_root(
    reference: str, keyword: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = FileRegistry(tmp_path / "root")
    path = registry.path_of("t", "T", 1)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"properties": {"a": {keyword: reference}}}))
    registry.get("t", "T")
    _forbid_outside(tmp_path / "root", monkeypatch)
    with pytest.raises(ContractError):
        registry.validate(Event("t", "T", {"a": 1}))


def _forbid_outside(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a schema reached for the network")

    def guarded(really: Any) -> Any:  # noqa: ANN401
        def opened(file: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
            place = "" if isinstance(file, int) else os.path.realpath(file)
            allowed = (str(root), str(Path(os.__file__).parent), *_packages())
            assert isinstance(file, int) or place.startswith(allowed), place
            return really(file, *arguments, **named)

        return opened

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(builtins, "open", guarded(builtins.open))
    monkeypatch.setattr(io, "open", guarded(io.open))
    monkeypatch.setattr(os, "open", guarded(os.open))


def _packages() -> tuple[str, str]:
    """Where code is that is imported, and where its data lies."""
    return (
        str(Path(jsonschema.__file__).parents[1]),
        str(Path(__file__).parents[2] / "eventroute"),
    )


@pytest.mark.parametrize("innermost", [{"type": "string"}, {"$ref": "/t/U/1"}])
def test_a_schema_of_ten_thousand_levels_is_refused(innermost: dict[str, Any]) -> None:
    other = Contract("t", "U", 1, {})
    with pytest.raises(ContractError, match="nested too deeply"):
        MemoryRegistry([other, Contract("t", "T", 1, _deep(10_000, innermost))])


def test_a_reference_without_end_is_a_violation_and_no_loop() -> None:
    one = Contract("t", "A", 1, {"$ref": "/t/B/1"})
    other = Contract("t", "B", 1, {"$ref": "/t/A/1"})
    with pytest.raises(ContractViolationError, match="without end"):
        MemoryRegistry([one, other]).validate(Event("t", "A", {}))
