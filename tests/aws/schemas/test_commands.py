"""``eventroute schema push``, ``pull`` and ``diff``; EventBridge is a double here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from eventroute.cli import main
from eventroute.registry import Contract, FileRegistry

from .double import Double

Call: TypeAlias = Callable[..., tuple[int, str, str]]
"""Run ``eventroute schema``: exit code, output and messages."""

MONEY = Contract("shop", "Money", 1, {"type": "number"})
ORDERS = [
    Contract(
        "shop.orders", "OrderPlaced", version, {"properties": {name: {"$ref": "/shop/Money/1"}}}
    )
    for version, name in ((1, "price"), (2, "total"))
]


@pytest.fixture
def call(
    double: Double,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    (tmp_path / "eventroute.toml").write_text(
        '[registry]\npath = "contracts"\nstore = "eventbridge"\n'
        f'[registry.eventbridge]\nregistry = "shop"\nendpoint_url = "{double.url}"\n'
    )
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["schema", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def registry(tmp_path: Path) -> FileRegistry:
    registry = FileRegistry(tmp_path / "contracts")
    registry.register_all([MONEY, *ORDERS])
    return registry


def test_what_is_pushed_from_one_registry_is_pulled_into_another(
    call: Call, registry: FileRegistry
) -> None:
    assert call("push") == (
        0,
        (
            "added      shop/Money/1\n"
            "added      shop.orders/OrderPlaced/1\n"
            "added      shop.orders/OrderPlaced/2\n"
        ),
        "",
    )
    code, out, _ = call("pull", "--registry", "copy")
    assert (code, len(out.splitlines())) == (0, 3)
    for one in registry:
        path = registry.path_of(one.topic, one.type, one.version)
        copy = Path("copy") / path.relative_to(registry.root)
        assert copy.read_bytes() == path.read_bytes()


def test_a_second_push_adds_nothing(call: Call, registry: FileRegistry) -> None:
    call("push")
    code, out, _ = call("push", "shop", "--json")
    assert (code, '"status": "unchanged"' in out) == (0, True)


def test_a_push_of_one_topic_leaves_the_others(
    call: Call, registry: FileRegistry, double: Double
) -> None:
    call("push", "shop.orders")
    assert list(double.registries["shop"].schemas) == ["shop.orders@OrderPlaced"]


def test_before_the_first_push_all_is_missing_there(call: Call, registry: FileRegistry) -> None:
    code, out, _ = call("diff", "shop.orders", "--check")
    assert code == 2
    assert out == (
        "missing there  shop.orders/OrderPlaced/1\nmissing there  shop.orders/OrderPlaced/2\n"
    )


def test_after_it_nothing_differs(call: Call, registry: FileRegistry) -> None:
    call("push")
    assert call("diff", "--check") == (0, "no differences\n", "")


def test_a_version_with_another_schema_there_is_told_and_left(
    call: Call, registry: FileRegistry
) -> None:
    call("push")
    other = FileRegistry("other")
    other.register(Contract("shop", "Money", 1, {"type": "string"}))
    other.register(Contract("shop", "Coins", 1, {}))

    code, out, err = call("push", "--registry", "other")
    assert (code, out) == (1, "added      shop/Coins/1\nrefused    shop/Money/1\n")
    assert "raise the version" in err
    code, out, err = call("pull", "shop", "--registry", "other")
    assert (code, out) == (1, "")
    assert "shop/Money/1 has another schema in the EventBridge registry 'shop'" in err
    assert "differs        shop/Money/1" in call("diff", "--registry", "other")[1]


def test_a_version_in_another_wording_is_the_same_contract_for_every_command(
    call: Call, registry: FileRegistry
) -> None:
    call("push")
    worded = FileRegistry("worded")
    worded.register_all(
        [MONEY, *(replace(one, schema={**one.schema, "title": "Order"}) for one in ORDERS)]
    )
    to = ("shop.orders", "--registry", "worded")

    assert call("push", *to) == (
        0,
        "unchanged  shop.orders/OrderPlaced/1\nunchanged  shop.orders/OrderPlaced/2\n",
        "",
    )
    assert call("pull", *to) == (0, "", "")
    code, out, err = call("diff", "--check", *to)
    assert (code, out.splitlines(), err) == (
        0,
        [
            "same events    shop.orders/OrderPlaced/1  only annotations differ: /title",
            "same events    shop.orders/OrderPlaced/2  only annotations differ: /title",
            "no differences",
        ],
        "",
    )
    assert '"difference": "same events", "how": "only ann' in call("diff", "--json", *to)[1]
    assert worded.get("shop.orders", "OrderPlaced", 1).schema["title"] == "Order"


def test_what_there_was_no_time_to_compare_is_told(call: Call, registry: FileRegistry) -> None:
    def many(choice: str) -> dict[str, object]:
        patterns = {f"m{n}": f"^{choice}*a{choice}{{{n % 9 + 3}}}$" for n in range(600)}
        return {"properties": {name: {"pattern": text} for name, text in patterns.items()}}

    registry.register(Contract("shop", "Many", 1, many("[ab]")))
    call("push")
    worded = FileRegistry("worded")
    worded.register_all([MONEY, *ORDERS, Contract("shop", "Many", 1, many("(a|b)"))])
    to = ("--registry", "worded")
    short = (*to, "--seconds", "0.01")
    code, out, err = call("diff", "--check", *short)
    assert (code, "differs        shop/Many/1  whether other events fit is not known" in out) == (
        2,
        True,
    )
    assert (
        err == "1 contract was not compared to the end, and is taken to differ; raise --seconds\n"
    )
    assert call("pull", *short)[0] == 1
    code, _, err = call("push", *short)
    assert (code, "shop/Many/1: not compared to the end" in err) == (1, True)
    assert [call(command, *to)[0] for command in ("diff", "pull", "push")] == [0, 0, 0]


def test_a_version_that_comes_too_late_is_refused_whatever_may_be_asked_of_the_store(
    call: Call, registry: FileRegistry, double: Double
) -> None:
    late = FileRegistry("late")
    late.register_all([MONEY, ORDERS[1]])
    assert call("push", "--registry", "late")[0] == 0

    double.refusals["ListSchemas"] = ["ForbiddenException"] * 9
    code, out, err = call("push", "shop.orders")
    assert (code, out.splitlines()[0]) == (1, "refused    shop.orders/OrderPlaced/1")
    assert "comes too late" in err


def test_a_pull_takes_what_it_can(call: Call, registry: FileRegistry, double: Double) -> None:
    call("push")
    double.add("shop", "stray", "{")
    text = double.registries["shop"].schemas["shop@Money"].versions[0].content
    broken = text.replace('"shop"', '"zoo"').replace('\\"number\\"', '\\"nummer\\"')
    double.add("shop", "zoo@Money", broken)
    code, out, err = call("pull", "--registry", "copy")
    assert (code, len(out.splitlines())) == (1, 3)
    assert "stray, version 1 is left out: not JSON" in err
    assert "zoo/Money/1 is not a valid JSON Schema" in err


def test_schemas_of_aws_services_are_pulled(
    call: Call, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENTROUTE_REGISTRY__EVENTBRIDGE__REGISTRY", "aws.events")
    double.add(
        "aws.events",
        "aws.s3@ObjectCreated",
        {
            "openapi": "3.0.0",
            "paths": {},
            "components": {
                "schemas": {
                    "AWSEvent": {
                        "x-amazon-events-detail-type": "Object Created",
                        "x-amazon-events-source": "aws.s3",
                        "properties": {"detail": {"$ref": "#/components/schemas/ObjectCreated"}},
                    },
                    "ObjectCreated": {"type": "object", "nullable": True},
                }
            },
        },
    )
    assert call("pull", "aws.s3")[:2] == (0, "added  aws.s3/Object Created/1\n")
    contract = FileRegistry(tmp_path / "contracts").get("aws.s3", "Object Created")
    assert contract.schema["type"] == ["object", "null"]


def test_a_pull_from_a_registry_that_is_not_there_says_so(call: Call) -> None:
    code, _, err = call("pull")
    assert (code, "'shop' is not there; correct registry or region" in err) == (1, True)


def test_a_topic_that_nobody_has_is_told(call: Call, registry: FileRegistry) -> None:
    call("push")
    code, _, err = call("pull", "shop.order")
    assert (code, "has no contracts of the topic shop.order" in err) == (0, True)


def test_a_right_that_is_missing_is_named(
    call: Call, registry: FileRegistry, double: Double
) -> None:
    double.refusals["CreateSchema"] = ["ForbiddenException"]
    code, out, err = call("push")
    assert (code, out) == (1, "")
    assert "it takes the right schemas:CreateSchema" in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("push", "--store", "nowhere"), 1, "no package for the contract store 'nowhere'"),
        (("push", "--store", ""), 1, "no package for the contract store ''"),
    ],
)
def test_a_store_that_is_not_there_is_an_error(
    call: Call, registry: FileRegistry, arguments: tuple[str, ...], code: int, says: str
) -> None:
    found, _, err = call(*arguments)
    assert (found, says in err) == (code, True)


def test_without_a_store_it_says_how_to_name_one(call: Call, registry: FileRegistry) -> None:
    Path("eventroute.toml").write_text('registry.path = "contracts"\n')
    code, _, err = call("push")
    assert (code, "--store NAME" in err) == (2, True)


def test_a_wrong_option_of_the_store_is_named(call: Call, registry: FileRegistry) -> None:
    Path("eventroute.toml").write_text(
        '[registry]\npath = "contracts"\nstore = "eventbridge"\n'
        '[registry.eventbridge]\nregistry = "a b"\nformat = "Avro"\nregon = "x"\n'
    )
    code, _, err = call("push")
    assert code == 1
    assert 'registry.eventbridge.registry is "a b": it should be 1 to 64 letters' in err
    assert "registry.eventbridge.regon is not known; did you mean region?" in err
