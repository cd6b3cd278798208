"""Drafts lie beside the versions of their type, and bind nobody before they are accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eventroute import Event
from eventroute.errors import ContractConflictError, ContractError, ContractNotFoundError
from eventroute.registry import Contract, FileRegistry, event_document

from .kit import TOPIC, TYPE, inferred


@pytest.fixture
def registry(tmp_path: Path) -> FileRegistry:
    return FileRegistry(tmp_path / "schemas")


def draft(**schema: object) -> Contract:
    return Contract(TOPIC, TYPE, 1, {"type": "object", **schema})


def test_a_draft_is_a_file_beside_the_versions(registry: FileRegistry) -> None:
    registry.drafts.save(draft())
    assert (registry.root / TOPIC / TYPE / "draft.json").read_text() == '{\n  "type": "object"\n}\n'


def test_a_draft_is_no_version(registry: FileRegistry) -> None:
    registry.register(draft())
    registry.drafts.save(draft(required=["a"]))

    assert FileRegistry(registry.root).versions(TOPIC, TYPE) == (1,)
    assert [str(one) for one in FileRegistry(registry.root)] == [f"{TOPIC}/{TYPE}/1"]


def test_nothing_is_checked_against_a_draft(registry: FileRegistry) -> None:
    registry.register(draft())
    registry.drafts.save(draft(required=["a"]))
    FileRegistry(registry.root).validate(Event(TOPIC, TYPE, {}))


def test_a_type_with_a_draft_alone_has_no_contract(registry: FileRegistry) -> None:
    registry.drafts.save(draft())
    with pytest.raises(ContractNotFoundError):
        FileRegistry(registry.root).get(TOPIC, TYPE)


def test_a_draft_has_the_version_that_it_would_become(registry: FileRegistry) -> None:
    assert registry.drafts.save(draft()).version == 1
    registry.register(draft())
    assert registry.drafts.get(TOPIC, TYPE).version == 2


def test_a_later_draft_takes_the_place_of_an_earlier_one(registry: FileRegistry) -> None:
    registry.drafts.save(draft())
    registry.drafts.save(draft(required=["a"]))
    assert [one.schema["required"] for one in registry.drafts] == [["a"]]


def test_an_accepted_draft_is_the_next_version_and_no_draft_any_more(
    registry: FileRegistry,
) -> None:
    registry.register(draft())
    registry.drafts.save(draft(required=["a"]))

    accepted = registry.drafts.accept(TOPIC, TYPE)

    assert accepted == Contract(TOPIC, TYPE, 2, {"type": "object", "required": ["a"]})
    assert FileRegistry(registry.root).versions(TOPIC, TYPE) == (1, 2)
    assert list(registry.drafts) == []


def test_the_number_of_samples_is_no_part_of_what_is_accepted(registry: FileRegistry) -> None:
    (contract,) = inferred([{"a": 1}]).contracts()
    registry.drafts.save(contract)
    assert registry.drafts.get(TOPIC, TYPE).schema["x-eventroute-samples"] == 1
    assert "x-eventroute-samples" not in registry.drafts.accept(TOPIC, TYPE).schema


def test_a_draft_like_the_latest_version_makes_no_new_one(registry: FileRegistry) -> None:
    for seen in ([{"a": 1}], [{"a": 1}, {"a": 2}]):
        registry.drafts.save(*inferred(seen).contracts())
        assert registry.drafts.accept(TOPIC, TYPE).version == 1
    assert registry.versions(TOPIC, TYPE) == (1,)
    assert list(registry.drafts) == []


def test_a_draft_in_another_wording_than_the_latest_version_makes_no_new_one(
    registry: FileRegistry,
) -> None:
    first = registry.register(draft(title="Order", required=["a", "b"]))
    registry.drafts.save(draft(required=["b", "a"]))

    assert registry.drafts.propose(TOPIC, TYPE).contract == first
    assert registry.drafts.accept(TOPIC, TYPE) == first
    assert list(registry.drafts) == []


def test_a_draft_with_words_that_the_latest_version_lacks_stays(registry: FileRegistry) -> None:
    first = registry.register(draft(title="Order"))
    described = {"a": {"description": "the number of the order"}}
    registry.drafts.save(draft(properties=described))

    assert registry.drafts.accept(TOPIC, TYPE) == first
    (kept,) = registry.drafts
    assert kept.schema["properties"] == described


def test_a_draft_in_another_wording_may_refer_to_other_contracts(registry: FileRegistry) -> None:
    registry.register(Contract("shop.common", "Money", 1, {"type": "object", "required": ["n"]}))
    first = registry.register(draft(properties={"a": {"$ref": "/shop.common/Money/1"}}))
    registry.drafts.save(draft(properties={"a": {"type": "object", "required": ["n"]}}))
    assert registry.drafts.accept(TOPIC, TYPE) == first


def test_drafts_that_refer_to_each_other_are_accepted_together(registry: FileRegistry) -> None:
    names = [("shop", "A"), ("shop", "B")]
    for name, other in (("A", "B"), ("B", "A")):
        registry.drafts.save(Contract("shop", name, 1, {}))
        schema = {"properties": {"next": {"$ref": f"/shop/{other}/1"}}}
        registry.drafts.path_of("shop", name).write_text(json.dumps(schema))

    proposals = [registry.drafts.propose(*name) for name in names]
    assert [str(one) for one in registry.drafts.accept_all(proposals)] == ["shop/A/1", "shop/B/1"]
    assert [str(one) for one in FileRegistry(registry.root)] == ["shop/A/1", "shop/B/1"]


def test_a_draft_may_be_a_document_of_openapi(registry: FileRegistry) -> None:
    first = registry.register(draft(required=["a"]))
    titled = draft(required=["a"], title="Order")
    document = event_document(Contract(TOPIC, TYPE, 2, titled.schema))
    registry.drafts.save(draft())
    registry.drafts.path_of(TOPIC, TYPE).write_text(json.dumps(document))
    assert registry.drafts.accept(TOPIC, TYPE) == first


def test_no_draft_is_accepted_where_one_is_refused(registry: FileRegistry) -> None:
    registry.drafts.save(draft())
    registry.drafts.save(Contract("shop", "Z", 1, {}))
    registry.drafts.path_of("shop", "Z").write_text('{"$ref": "#/$defs/none"}')

    proposals = [registry.drafts.propose(*name) for name in ((TOPIC, TYPE), ("shop", "Z"))]
    with pytest.raises(ContractError, match="leads nowhere"):
        registry.drafts.accept_all(proposals)
    assert registry.versions(TOPIC, TYPE) == ()
    assert len(list(registry.drafts)) == 2


def test_a_draft_that_is_no_schema_proposes_nothing(registry: FileRegistry) -> None:
    registry.drafts.save(draft())
    registry.drafts.path_of(TOPIC, TYPE).write_text('{"required": "a"}')

    with pytest.raises(
        ContractError, match=r"draft\.json is not a valid JSON Schema, at /required"
    ):
        registry.drafts.propose(TOPIC, TYPE)


def test_a_draft_that_was_saved_after_it_was_judged_is_another_one(registry: FileRegistry) -> None:
    registry.drafts.save(draft(required=["a"]))
    judged = registry.drafts.propose(TOPIC, TYPE)
    registry.drafts.save(draft(required=["b"]))

    (accepted,) = registry.drafts.accept_all([judged])
    assert accepted.schema["required"] == ["a"]
    (kept,) = registry.drafts
    assert kept.schema["required"] == ["b"]


def test_what_has_no_draft_cannot_be_accepted(registry: FileRegistry) -> None:
    registry.register(draft())
    with pytest.raises(ContractNotFoundError, match=r"'shop.orders' has no draft of 'OrderPlaced'"):
        registry.drafts.accept(TOPIC, TYPE)


def test_a_draft_that_is_no_schema_is_refused(registry: FileRegistry) -> None:
    with pytest.raises(ContractError, match="not a valid JSON Schema"):
        registry.drafts.save(draft(required="a"))


def test_a_draft_that_somebody_broke_cannot_be_accepted(registry: FileRegistry) -> None:
    registry.drafts.save(draft())
    registry.drafts.path_of(TOPIC, TYPE).write_text("[]")
    with pytest.raises(ContractError, match=r"draft.json is not a JSON Schema of an event"):
        registry.drafts.accept(TOPIC, TYPE)


def test_a_type_that_differs_in_case_only_is_refused_as_a_version_would_be(
    registry: FileRegistry,
) -> None:
    registry.register(draft())
    with pytest.raises(ContractConflictError, match="upper and lower case"):
        registry.drafts.save(Contract(TOPIC, TYPE.upper(), 1, {}))


def test_drafts_of_any_name_are_listed(registry: FileRegistry) -> None:
    for type_ in ("Object Created", "a/b", ".."):
        registry.drafts.save(Contract("aws.s3", type_, 1, {}))
    assert [one.type for one in registry.drafts] == ["..", "Object Created", "a/b"]


def test_without_a_folder_there_are_no_drafts(tmp_path: Path) -> None:
    assert list(FileRegistry(tmp_path / "nowhere").drafts) == []
