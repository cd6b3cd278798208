"""A schema registry of EventBridge keeps contracts word for word; AWS is a double here."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from eventroute.contract import Contract
from eventroute.errors import (
    AccessDeniedError,
    AdapterError,
    ConfigurationError,
    ContractConflictError,
    ContractError,
    ContractNotFoundError,
    EventRouteError,
    LimitExceededError,
)
from eventroute_aws.schemas import SchemaRegistry

from .double import Double

Made = Callable[..., SchemaRegistry]


@asynccontextmanager
async def opened(store: SchemaRegistry) -> AsyncGenerator[SchemaRegistry]:
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def contract(
    version: int = 1, topic: str = "shop.orders", type_: str = "OrderPlaced", **more: object
) -> Contract:
    schema = {"type": "object", "title": f"version {version}", "unevaluatedProperties": False}
    return Contract(topic, type_, version, schema | more)


async def put(store: SchemaRegistry, *contracts: Contract) -> list[bool]:
    return [await store.put(one, one.schema) for one in contracts]


@pytest.mark.parametrize("form", ["OpenApi3", "JSONSchemaDraft4"])
@pytest.mark.parametrize(
    ("topic", "type_"),
    [
        ("shop.orders", "OrderPlaced"),
        ("shop orders/ü", "Order Placed: 100%"),
        ("a@b", "c@d"),
        ("t" * 256, "y" * 128),
        ("漢" * 256, "字" * 128),
    ],
)
async def test_a_contract_comes_back_as_it_was_put(
    store_of: Made, form: str, topic: str, type_: str
) -> None:
    first = contract(
        3,
        topic,
        type_,
        properties={"n": {"const": None}, "ü": {"$ref": "/a/B/1"}},
        description='\u2028  \\"\n',
    )
    second = contract(7, topic, type_, **{"$schema": "http://json-schema.org/draft-07/schema#"})
    async with opened(store_of(format=form)) as store:
        assert await put(store, first, second) == [True, True]
        assert (await store.list()).contracts == (first, second)
        assert await store.get(topic, type_, 3) == first


async def test_a_schema_has_the_name_that_aws_would_give_it(store_of: Made, double: Double) -> None:
    async with opened(store_of()) as store:
        await put(store, contract(), contract(type_="Order Placed"))
    names = sorted(double.registries["shop"].schemas)
    assert names == ["shop.orders@OrderPlaced", "shop.orders@OrderPlaced-3d2940556c"]


async def test_the_document_is_for_those_who_read_it_without_eventroute(
    store_of: Made, double: Double
) -> None:
    money = {"type": "number", "exclusiveMinimum": 0}
    whole = {"properties": {"total": {"$ref": "#/$defs/Money.1"}}, "$defs": {"Money.1": money}}
    mine = Contract("t", "T", 1, {"properties": {"total": {"$ref": "/shop/Money/1"}}})
    async with opened(store_of()) as store:
        await store.put(mine, whole)
    document = double.documents("shop", "t@T")[0]
    assert document["components"]["schemas"]["Money.1"] == {
        "type": "number",
        "minimum": 0,
        "exclusiveMinimum": True,
    }


async def test_the_same_again_changes_nothing(store_of: Made, double: Double) -> None:
    async with opened(store_of()) as store:
        await put(store, contract(1), contract(2))
        assert await put(store, contract(1), contract(2)) == [False, False]
    assert len(double.documents("shop", "shop.orders@OrderPlaced")) == 2


async def test_the_order_of_members_is_no_difference(store_of: Made) -> None:
    turned = Contract(
        "shop.orders", "OrderPlaced", 1, dict(reversed(list(contract().schema.items())))
    )
    async with opened(store_of()) as store:
        assert await put(store, contract(), turned) == [True, False]


async def test_a_version_stays_what_it_is(store_of: Made) -> None:
    async with opened(store_of()) as store:
        await put(store, contract())
        with pytest.raises(ContractConflictError, match="raise the version"):
            await put(store, contract(title="another"))


async def test_the_newest_document_stays_that_of_the_latest_version(store_of: Made) -> None:
    async with opened(store_of()) as store:
        await put(store, contract(2))
        with pytest.raises(ContractConflictError, match="comes too late"):
            await put(store, contract(1))


async def test_the_place_of_another_event_is_left_to_it(store_of: Made, double: Double) -> None:
    async with opened(store_of()) as store:
        await put(store, contract())
        text = double.registries["shop"].schemas["shop.orders@OrderPlaced"].versions[0].content
        foreign = text.replace('"shop.orders"', '"shop.others"')
        double.add("shop", "shop.orders@OrderShipped", foreign)
        with pytest.raises(ContractConflictError, match=r"is that of shop\.others/OrderPlaced"):
            await put(store, contract(type_="OrderShipped"))


async def test_everything_is_found_on_however_many_pages(store_of: Made, double: Double) -> None:
    many = [contract(version, type_=f"T{n}") for n in range(5) for version in (1, 2, 3)]
    async with opened(store_of()) as store:
        await put(store, *many)
        double.requests.clear()
        assert (await store.list()).contracts == tuple(many)
    assert double.requests.count("ListSchemas") == 3
    assert double.requests.count("ListSchemaVersions") == 10


async def test_one_topic_is_asked_for_alone(store_of: Made, double: Double) -> None:
    async with opened(store_of()) as store:
        await put(store, contract(), contract(topic="shop.orders2"), contract(topic="a/b"))
        double.requests.clear()
        assert (await store.list("shop.orders")).contracts == (contract(),)
        assert double.requests.count("DescribeSchema") == 1
        assert (await store.list("a/b")).contracts == (contract(topic="a/b"),)


async def test_what_several_push_at_once_is_there_once(store_of: Made, double: Double) -> None:
    async with opened(store_of()) as one, opened(store_of()) as other:
        await put(one, contract(type_="Before"))
        added: list[bool] = []

        async def push(store: SchemaRegistry) -> None:
            added.extend(await put(store, contract()))

        async with anyio.create_task_group() as group:
            group.start_soon(push, one)
            group.start_soon(push, other)
    assert sorted(added) == [False, True]
    assert len(double.documents("shop", "shop.orders@OrderPlaced")) == 1


OBJECT_CREATED: dict[str, Any] = {
    "openapi": "3.0.0",
    "info": {"version": "1.0.0", "title": "ObjectCreated"},
    "paths": {},
    "components": {
        "schemas": {
            "AWSEvent": {
                "x-amazon-events-detail-type": "Object Created",
                "x-amazon-events-source": "aws.s3",
                "properties": {"detail": {"$ref": "#/components/schemas/ObjectCreated"}},
            },
            "ObjectCreated": {"properties": {"reason": {"type": "string", "nullable": True}}},
        }
    },
}


async def test_schemas_of_aws_become_contracts_of_the_detail(
    store_of: Made, double: Double
) -> None:
    double.add("aws.events", "aws.s3@ObjectCreated", OBJECT_CREATED, OBJECT_CREATED)
    async with opened(store_of(registry="aws.events")) as store:
        found = await store.list("aws.s3")
        assert [str(one) for one in found.contracts] == [
            "aws.s3/Object Created/1",
            "aws.s3/Object Created/2",
        ]
        assert found.contracts[0].schema["properties"] == {"reason": {"type": ["string", "null"]}}
        assert await store.get("aws.s3", "Object Created", 2) == found.contracts[1]


async def test_nothing_is_pushed_to_registries_of_aws(store_of: Made, double: Double) -> None:
    async with opened(store_of(registry="aws.events")) as store:
        with pytest.raises(ConfigurationError, match="belongs to AWS"):
            await put(store, contract())
    assert double.requests == []


async def test_a_document_that_names_no_event_is_that_of_its_name(
    store_of: Made, double: Double
) -> None:
    document = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"detail": {"type": "object"}},
    }
    double.add("shop", "their.app@Done", document, type_="JSONSchemaDraft4")
    async with opened(store_of()) as store:
        assert [str(one) for one in (await store.list()).contracts] == ["their.app/Done/1"]


@pytest.mark.parametrize(
    ("name", "document", "says"),
    [
        ("t@T", "{", "not JSON"),
        ("t@T", "[]", "no JSON object"),
        ("Money", {"openapi": "3.0.0", "paths": {}}, 'no schema "AWSEvent"'),
        ("t@T", {"type": "object"}, 'no property "detail"'),
        ("t@T", "[" * 1000, "nested"),
    ],
)
async def test_what_is_no_contract_is_told_and_left_alone(
    store_of: Made, double: Double, name: str, document: object, says: str
) -> None:
    async with opened(store_of()) as store:
        await put(store, contract())
        double.add("shop", name, document)
        found = await store.list()
    assert found.contracts == (contract(),)
    assert [one.name for one in found.skipped] == [f"{name}, version 1"]
    assert says in found.skipped[0].reason


async def test_a_push_makes_the_registry_with_its_tags(store_of: Made, double: Double) -> None:
    async with opened(store_of(tags={"team": "orders"})) as store:
        await put(store, contract())
    assert double.registries["shop"].tags == {"team": "orders"}
    assert double.registries["shop"].schemas["shop.orders@OrderPlaced"].tags == {"team": "orders"}


@pytest.mark.parametrize("mode", ["validate", "assume"])
async def test_a_push_makes_no_registry_where_it_may_not(
    store_of: Made, double: Double, mode: str
) -> None:
    async with opened(store_of(provision=mode)) as store:
        with pytest.raises(ConfigurationError, match="'shop' is not there"):
            await put(store, contract())
    assert double.registries == {}


async def test_looking_makes_no_registry(store_of: Made, double: Double) -> None:
    async with opened(store_of()) as store:
        with pytest.raises(ContractNotFoundError, match="'shop' is not there; correct registry"):
            await store.list()
    assert double.registries == {}


async def test_a_contract_that_is_not_there_names_what_is(store_of: Made) -> None:
    async with opened(store_of()) as store:
        await put(store, contract(1))
        with pytest.raises(ContractNotFoundError, match=r"has shop\.orders/OrderPlaced/1"):
            await store.get("shop.orders", "OrderPlaced", 2)


async def test_a_contract_over_the_limit_of_aws_is_refused_before_the_call(
    store_of: Made, double: Double
) -> None:
    async with opened(store_of()) as store:
        with pytest.raises(LimitExceededError, match="EventBridge takes 100,000"):
            await put(store, contract(description="x" * 100_000))
    assert double.requests == []


async def test_a_contract_that_would_not_come_back_is_refused_before_the_call(
    store_of: Made, double: Double
) -> None:
    schema: dict[str, object] = {}
    for _ in range(70):
        schema = {"properties": {"a": schema}}
    async with opened(store_of()) as store:
        with pytest.raises(ContractError, match=r"cannot be kept in .* nested more than 128"):
            await put(store, contract(items=schema))
    assert double.requests == []


async def test_a_region_that_nobody_names_is_told_with_the_table(
    store_of: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    async with opened(store_of()) as store:
        with pytest.raises(ConfigurationError, match=r"set region in \[registry\.eventbridge\]"):
            await store.list()


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ServiceUnavailableException"])
@pytest.mark.parametrize(
    "operation",
    [
        "CreateRegistry",
        "CreateSchema",
        "DescribeRegistry",
        "DescribeSchema",
        "ListSchemas",
        "ListSchemaVersions",
        "UpdateSchema",
    ],
)
async def test_what_aws_asks_to_repeat_is_repeated(
    store_of: Made, double: Double, operation: str, code: str
) -> None:
    double.refusals[operation] = [code, code]
    async with opened(store_of()) as store:
        await put(store, contract(1), contract(2))
        assert (await store.list()).contracts == (contract(1), contract(2))
    assert double.refusals[operation] == []


@pytest.mark.parametrize("operation", ["CreateRegistry", "CreateSchema", "UpdateSchema"])
async def test_what_aws_did_without_an_answer_is_done_once(
    store_of: Made, double: Double, operation: str
) -> None:
    double.unanswered = [operation]
    async with opened(store_of()) as store:
        await put(store, contract(1), contract(2))
        assert (await store.list()).contracts == (contract(1), contract(2))
    assert double.unanswered == []
    assert len(double.documents("shop", "shop.orders@OrderPlaced")) == 2


@pytest.mark.parametrize(
    ("code", "expected", "says"),
    [
        ("ForbiddenException", AccessDeniedError, "schemas:ListSchemas"),
        ("UnauthorizedException", AccessDeniedError, "schemas:ListSchemas"),
        ("TooManyRequestsException", AdapterError, "listing the schemas"),
        ("InternalServerErrorException", AdapterError, "listing the schemas"),
        ("BadRequestException", ConfigurationError, "listing the schemas"),
    ],
)
async def test_an_error_of_aws_says_what_it_means(
    store_of: Made, double: Double, code: str, expected: type[EventRouteError], says: str
) -> None:
    double.refusals["ListSchemas"] = [code] * 1000
    async with opened(store_of()) as store:
        with pytest.raises(expected, match=says):
            await store.list()


async def test_a_store_that_is_closed_is_not_used(store_of: Made) -> None:
    store = store_of()
    async with opened(store):
        pass
    await store.close()
    with pytest.raises(EventRouteError, match="before it was opened"):
        await store.list()
