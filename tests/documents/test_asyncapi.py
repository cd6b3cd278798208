"""The AsyncAPI document, held against the official JSON Schema of AsyncAPI 3.0.0."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from eventroute import Event, EventBus, Router
from eventroute.documents import Described, asyncapi, describe
from eventroute.errors import ContractError
from eventroute.registry import Contract, FileRegistry
from examples.shop.app import bus as shop

from .conftest import make_bus
from .hostile import hostile_bus, large_bus

APPLICATIONS = {
    "small": make_bus(),
    "shop": shop,
    "hostile": hostile_bus(),
    "large": large_bus(),
    "empty": EventBus("memory"),
}


@cache
def official() -> Draft7Validator:
    text = (Path(__file__).parent / "official_asyncapi/schema.json").read_text("utf-8")
    return Draft7Validator(json.loads(text))


def written(described: Described) -> dict[str, Any]:
    """The document as a reader of the file gets it."""
    read: dict[str, Any] = json.loads(json.dumps(asyncapi(described), allow_nan=False))
    return read


def references(value: object) -> Iterator[str]:
    """Every reference, but those in examples."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name == "$ref" and isinstance(one, str):
                yield one
            elif name != "examples":
                yield from references(one)


def follow(document: dict[str, Any], reference: str) -> object:
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


@pytest.fixture(params=APPLICATIONS)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return written(describe(APPLICATIONS[request.param]))


def test_it_fits_the_official_schema(document: dict[str, Any]) -> None:
    assert [
        f"{error.json_path}: {error.message}" for error in official().iter_errors(document)
    ] == []


def test_the_official_schema_would_tell() -> None:
    broken = written(describe(make_bus()))
    broken["channels"]["shop.orders"]["adress"] = "misspelt"
    assert not official().is_valid(broken)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        assert follow(document, reference) is not None


def test_every_name_is_legal(document: dict[str, Any]) -> None:
    names = [
        *document["channels"],
        *document["operations"],
        *document["components"]["schemas"],
        *document["components"]["messages"],
    ]
    assert [name for name in names if not re.fullmatch(r"[\w.-]+", name, re.ASCII)] == []


def test_operations_name_messages_of_their_channel(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]
        for message in operation.get("messages", []):
            assert message["$ref"].startswith(f"{channel}/messages/")


def test_every_example_is_an_event_that_fits_its_payload(document: dict[str, Any]) -> None:
    for message in document["components"]["messages"].values():
        for example in message.get("examples", []):
            # The reference in the payload leads into the document.
            schema = {**message["payload"], "components": document["components"]}
            assert Draft7Validator(schema).is_valid(example["payload"])


def test_the_shop_is_written_with_the_contracts_of_its_registry(root: Path) -> None:
    document = written(describe(shop, FileRegistry(root / "schemas"), title="The shop"))
    assert list(official().iter_errors(document)) == []
    assert document["info"]["title"] == "The shop"
    assert {one["address"] for one in document["channels"].values()} == {
        "shop.orders",
        "shop.tracking",
    }
    approve = document["operations"]["receive.review.approve"]
    assert approve["x-eventroute-pattern"]["detail"] == {"total": [{"numeric": [">=", 1000]}]}


def test_a_topic_is_a_channel_and_a_version_a_message(described: Described) -> None:
    channel = written(described)["channels"]["shop.orders"]
    assert channel["address"] == "shop.orders"
    assert list(channel["messages"]) == ["OrderPlaced.v1", "OrderPlaced.v2"]


def test_a_payload_is_the_envelope_around_the_detail(described: Described) -> None:
    message = written(described)["components"]["messages"]["shop.orders.OrderPlaced.v2"]
    payload = message["payload"]["properties"]
    assert (message["name"], message["contentType"]) == ("OrderPlaced", "application/json")
    assert payload["detail-type"]["const"] == "OrderPlaced"
    assert payload["source"]["const"] == "shop.orders"
    assert payload["detail"] == {"$ref": "#/components/schemas/shop.orders.OrderPlaced.v2"}


def test_a_header_tells_the_versions_of_a_type_apart(described: Described) -> None:
    messages = written(described)["components"]["messages"]
    fits = {
        version: Draft7Validator(
            messages[f"shop.orders.OrderPlaced.v{version}"]["headers"]
        ).is_valid
        for version in (1, 2)
    }
    assert (fits[1]({}), fits[2]({})) == (True, False)
    second = {"eventroute-version": "2", "trace": "a"}
    assert (fits[1](second), fits[2](second)) == (False, True)


def test_who_publishes_sends_the_version_of_its_model(described: Described) -> None:
    send = written(described)["operations"]["send.billing.shop.orders"]
    assert send["action"] == "send"
    assert [one["$ref"] for one in send["messages"]] == [
        "#/channels/shop.orders/messages/OrderPlaced.v2"
    ]


def test_a_subscription_receives_every_version(described: Described) -> None:
    receive = written(described)["operations"]["receive.billing.review"]
    assert (receive["action"], len(receive["messages"])) == ("receive", 2)
    assert receive["x-eventroute-pattern"]["detail"] == {"total": [{"numeric": [">=", 1000]}]}
    assert receive["x-eventroute-ordered-by"] == "order_id"
    assert receive["x-eventroute-dead-letter-queue"] == "dead letters of billing.review"
    assert receive["x-eventroute-reads"] == {
        "topic": "shop.orders",
        "type": "OrderPlaced",
        "version": 2,
    }


def test_a_subscription_to_several_topics_is_an_operation_for_each(described: Described) -> None:
    operations = written(described)["operations"]
    assert [name for name in operations if name.startswith("receive.tracking.everything")] == [
        "receive.tracking.everything.shop.orders",
        "receive.tracking.everything.shop.payments",
        "receive.tracking.everything.shop.tracking",
    ]


def test_a_type_that_nobody_described_has_any_object_as_its_detail(described: Described) -> None:
    messages = written(described)["components"]["messages"]
    message = next(one for one in messages.values() if one["name"] == "Object Created")
    assert message["payload"]["properties"]["detail"] == {"type": "object"}
    assert "examples" not in message


def test_a_pattern_without_any_known_type_has_a_channel_of_its_own() -> None:
    bus = EventBus("memory")
    router = Router("audit")

    @router.subscribe({"source": [{"prefix": ""}]})
    def everything(event: Event) -> None: ...

    bus.include(router)
    document = written(describe(bus))
    (channel,) = document["channels"].values()
    assert channel["address"] is None
    assert list(official().iter_errors(document)) == []


def test_a_server_is_told_where_the_backend_is_one() -> None:
    options = {"region": "eu-west-1", "prefix": "secret-"}
    document = written(describe(EventBus("sns", options=options)))
    assert document["servers"]["sns"]["host"] == "sns.{region}.amazonaws.com"
    assert "secret" not in json.dumps(document)
    assert official().is_valid(document)
    both = written(describe(EventBus("aws", options={"region": "eu-west-1"})))
    assert list(both["servers"]) == ["sns", "eventbridge"]
    assert official().is_valid(both)
    assert "servers" not in written(describe(EventBus("memory")))


def test_routes_stand_in_an_extension(described: Described) -> None:
    (route,) = written(described)["x-eventroute-routes"]
    assert route["target"]["kind"] == "lambda-function"


def test_a_contract_that_leads_out_of_itself_is_refused(bus: EventBus) -> None:
    contract = Contract(
        "shop.orders", "OrderPlaced", 1, {"properties": {"a": {"$ref": "https://example.com/a"}}}
    )
    with pytest.raises(ContractError, match=r"example\.com"):
        asyncapi(describe(bus, [contract]))
