from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from eventroute.dialects import event_document
from eventroute.envelope import Event
from eventroute.errors import (
    ContractConflictError,
    ContractError,
    ContractNotFoundError,
    ContractViolationError,
    DeclarationError,
)
from eventroute.event_type import event, event_type_of
from eventroute.registry import Contract, FileRegistry

TEXT = {"type": "object", "properties": {"a": {"type": "string"}}}


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced(BaseModel):
    order_id: str


def contract(topic: str = "t", type_: str = "T", version: int = 1) -> Contract:
    return Contract(topic, type_, version, TEXT)


def test_a_model_is_registered_under_topic_type_and_version(tmp_path: Path) -> None:
    FileRegistry(tmp_path).register(OrderPlaced)

    schema = json.loads((tmp_path / "shop.orders" / "OrderPlaced" / "1.json").read_text())
    assert schema["required"] == ["order_id"]


def test_an_event_type_is_registered_as_its_model_is(tmp_path: Path) -> None:
    by_type = FileRegistry(tmp_path / "a").register(event_type_of(OrderPlaced))
    by_model = FileRegistry(tmp_path / "b").register(OrderPlaced)

    assert by_type == by_model


def test_a_model_that_is_no_event_type_is_refused(tmp_path: Path) -> None:
    class Plain(BaseModel):
        pass

    with pytest.raises(DeclarationError, match="@event"):
        FileRegistry(tmp_path).register(Plain)


def test_files_are_the_same_whatever_the_order_of_members(tmp_path: Path) -> None:
    FileRegistry(tmp_path / "a").register(Contract("t", "T", 1, {"title": "x", "type": "object"}))
    FileRegistry(tmp_path / "b").register(Contract("t", "T", 1, {"type": "object", "title": "x"}))

    assert (tmp_path / "a/t/T/1.json").read_bytes() == (tmp_path / "b/t/T/1.json").read_bytes()


def test_a_file_is_indented_and_ends_with_a_newline(tmp_path: Path) -> None:
    FileRegistry(tmp_path).register(Contract("t", "T", 1, {"type": "object", "title": "é"}))

    assert (tmp_path / "t/T/1.json").read_text("utf-8") == (
        '{\n  "title": "é",\n  "type": "object"\n}\n'
    )


def test_nothing_but_the_contract_is_left_in_the_folder(tmp_path: Path) -> None:
    FileRegistry(tmp_path).register(contract())

    assert [path.name for path in (tmp_path / "t/T").iterdir()] == ["1.json"]


def test_registering_the_same_again_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "t/T/1.json"
    FileRegistry(tmp_path).register(contract())
    path.write_text(json.dumps(TEXT))  # the same schema in another layout

    FileRegistry(tmp_path).register(contract())

    assert path.read_text() == json.dumps(TEXT)


def test_another_schema_under_the_same_version_is_refused(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(contract())
    path = tmp_path / "t" / "T" / "1.json"
    before = path.read_bytes()

    with pytest.raises(ContractConflictError, match=r"1\.json.*raise the version"):
        registry.register(Contract("t", "T", 1, {"type": "object"}))
    assert path.read_bytes() == before


def while_writing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Acts, as another process may, after the file was found missing and before it is there."""
    fsync = os.fsync

    def interrupted(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        fsync(descriptor)
        act()

    monkeypatch.setattr(os, "fsync", interrupted)


def refuse_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems, such as FAT, have no hard links."""

    def link(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)


@pytest.mark.parametrize("links", [True, False])
def test_of_two_processes_that_write_a_version_the_second_sees_the_conflict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    if not links:
        refuse_links(monkeypatch)
    first = Contract("t", "T", 1, {"type": "object"})
    while_writing(monkeypatch, lambda: FileRegistry(tmp_path).register(first))

    with pytest.raises(ContractConflictError, match="raise the version"):
        FileRegistry(tmp_path).register(contract())
    assert json.loads((tmp_path / "t/T/1.json").read_text()) == {"type": "object"}
    assert [path.name for path in (tmp_path / "t/T").iterdir()] == ["1.json"]


def test_two_processes_may_write_the_same_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_writing(monkeypatch, lambda: FileRegistry(tmp_path).register(contract()))

    assert FileRegistry(tmp_path).register(contract()) == contract()


def test_a_contract_is_written_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_links(monkeypatch)
    FileRegistry(tmp_path).register(contract())

    assert [path.name for path in (tmp_path / "t/T").iterdir()] == ["1.json"]
    assert FileRegistry(tmp_path).get("t", "T").schema == TEXT


def test_names_of_one_call_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    with pytest.raises(ContractConflictError, match="upper and lower case"):
        registry.register_all([contract(type_="OrderPlaced"), contract(type_="ORDERPLACED")])
    assert list(registry) == []


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(contract(type_="OrderPlaced"))

    with pytest.raises(ContractConflictError, match="upper and lower case"):
        registry.register(contract(type_="orderplaced"))


@pytest.mark.parametrize("name", ["..", "../../x", "/etc", "a/b", "EC2 State-change", "\0"])
def test_no_name_leads_out_of_the_root(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    registry = FileRegistry(root)

    registry.register(contract(topic=name, type_=name))

    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    assert [(c.topic, c.type) for c in FileRegistry(root)] == [(name, name)]


def test_the_latest_version_is_the_greatest_number(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    for version in (2, 10, 9):
        registry.register(contract(version=version))

    assert registry.versions("t", "T") == (2, 9, 10)
    assert registry.get("t", "T").version == 10


def test_a_version_can_be_asked_for(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(contract(version=1))
    registry.register(contract(version=2))

    assert registry.get("t", "T", 1).version == 1


def test_contracts_come_by_topic_type_and_version(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    for one in (contract("b"), contract("a", "T", 2), contract("a", "T", 1), contract("a", "S")):
        registry.register(one)

    assert [str(one) for one in registry] == ["a/S/1", "a/T/1", "a/T/2", "b/T/1"]


def test_a_missing_version_names_those_that_exist(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(contract(version=3))

    with pytest.raises(ContractNotFoundError, match=r"no version 2 .* it has 3"):
        registry.get("t", "T", 2)


def test_a_misspelt_type_names_the_nearest(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(OrderPlaced)
    registry.register(contract("shop.orders", "Unlike"))

    with pytest.raises(ContractNotFoundError, match="the topic has 'OrderPlaced';"):
        registry.get("shop.orders", "OrderPlacd")


def test_a_misspelt_topic_names_where_the_type_is_known(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(OrderPlaced)

    with pytest.raises(ContractNotFoundError, match=r"known in the topics 'shop\.orders'"):
        registry.get("shop.order", "OrderPlaced")


def test_a_huge_name_from_a_stranger_gives_a_short_error(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(OrderPlaced)

    with pytest.raises(ContractNotFoundError) as caught:
        registry.get("shop.orders", "x" * 100_000)
    assert len(str(caught.value)) < 1000


def test_a_root_that_does_not_exist_is_not_an_empty_registry(tmp_path: Path) -> None:
    with pytest.raises(ContractNotFoundError, match="does not exist"):
        FileRegistry(tmp_path / "schmeas").versions("t", "T")


def test_an_event_that_fits_is_accepted(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(contract())

    registry.validate(Event("t", "T", {"a": "x"}))


def test_an_event_that_does_not_fit_names_the_contract_and_the_place(tmp_path: Path) -> None:
    FileRegistry(tmp_path).register(contract())

    with pytest.raises(ContractViolationError) as caught:
        FileRegistry(tmp_path).validate(Event("t", "T", {"a": 1}))
    assert caught.value.contract == "t/T/1"
    assert [violation.pointer for violation in caught.value.violations] == ["/a"]


def test_an_event_is_checked_against_the_version_asked_for(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(contract(version=1))
    registry.register(Contract("t", "T", 2, {"required": ["b"]}))

    registry.validate(Event("t", "T", {}), version=1)
    with pytest.raises(ContractViolationError):
        registry.validate(Event("t", "T", {}))


def test_what_was_read_stays_until_reload(tmp_path: Path) -> None:
    FileRegistry(tmp_path).register(contract())
    registry = FileRegistry(tmp_path)
    assert registry.versions("t", "T") == (1,)
    FileRegistry(tmp_path).register(contract(version=2))

    before = registry.versions("t", "T")
    registry.reload()

    assert (before, registry.versions("t", "T")) == ((1,), (1, 2))


def write(root: Path, text: str, name: str = "1.json") -> None:
    folder = root / "t" / "T"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ('{"type": "strin"}', "not a valid JSON Schema, at /type"),
        ('{"pattern": "("}', "not a valid JSON Schema, at /pattern"),
        ('{"$schema": "https://example.com/mine"}', "dialect 'https://example.com/mine'"),
        ('{"$ref": "#/$defs/none"}', "leads nowhere"),
    ],
)
def test_a_file_that_is_no_schema_is_named(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, text)

    with pytest.raises(ContractError, match=reason) as caught:
        FileRegistry(tmp_path).validate(Event("t", "T", {}))
    assert str(tmp_path / "t" / "T" / "1.json") in str(caught.value)


@pytest.mark.parametrize("name", ["v1.json", "01.json", "0.json"])
def test_a_file_not_named_after_a_version_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, "{}", name)

    with pytest.raises(ContractError, match="not named after a version"):
        FileRegistry(tmp_path).versions("t", "T")


@pytest.mark.parametrize(
    ("name", "there", "remedy"),
    [
        ("01.json", "2.json", "name it 1.json, or move it out of the registry"),
        ("v3.json", "2.json", "name it 3.json, or move it out of the registry"),
        ("Placed.json", "README.md", "name it 1.json, or move it out of the registry"),
        ("01.json", "1.json", "1.json is there already: move it out of the registry"),
        ("v1.json", "1.json", "1.json is there already: move it out of the registry"),
        ("0.json", "1.json", "move it out of the registry"),
        ("9999999999.json", "1.json", "move it out of the registry"),
        ("2 (copy).json", "2.json", "move it out of the registry"),
        ("notes.json", "1.json", "move it out of the registry"),
    ],
)
def test_who_obeys_the_remedy_of_a_misnamed_file_overwrites_no_version(
    tmp_path: Path, name: str, there: str, remedy: str
) -> None:
    write(tmp_path, "{}", name)
    write(tmp_path, "{}", there)
    with pytest.raises(ContractError) as caught:
        FileRegistry(tmp_path).versions("t", "T")
    file = tmp_path / "t" / "T" / name
    assert str(caught.value) == f"{file} is not named after a version; {remedy}"


def test_a_stray_file_is_named_when_its_type_is_asked_for(tmp_path: Path) -> None:
    FileRegistry(tmp_path).register(contract())
    (tmp_path / "t" / "T" / "notes.json").write_text("{}")
    registry = FileRegistry(tmp_path)

    for ask in (
        lambda: registry.get("t", "T"),
        lambda: registry.versions("t", "T"),
        lambda: registry.validate(Event("t", "T", {})),
        lambda: list(registry),
    ):
        with pytest.raises(ContractError, match=r"notes\.json is not named after a version"):
            ask()


@pytest.mark.parametrize(
    "stray", ["t/T/notes.json", "t/%FF/1.json", "%FF/T/1.json", "t/a%2Eb/1.json", "x%2Ey/T/1.json"]
)
def test_a_stray_does_not_matter_to_other_types(tmp_path: Path, stray: str) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(contract("t", "Other"))
    path = tmp_path / stray
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    registry.reload()

    assert registry.versions("t", "Other") == (1,)
    registry.validate(Event("t", "Other", {"a": "x"}))


@pytest.mark.parametrize(
    ("stray", "topic", "type_"), [("t/a%2Eb", "t", "a.b"), ("x%2Ey/T", "x.y", "T")]
)
def test_a_folder_in_another_spelling_is_named_when_its_type_is_asked_for(
    tmp_path: Path, stray: str, topic: str, type_: str
) -> None:
    (tmp_path / stray).mkdir(parents=True)
    (tmp_path / stray / "1.json").write_text("{}")

    with pytest.raises(ContractError, match="not written as the registry writes it; rename it"):
        FileRegistry(tmp_path).get(topic, type_)


def test_a_folder_that_stands_for_no_name_is_named_when_all_is_listed(tmp_path: Path) -> None:
    (tmp_path / "t" / "%FF").mkdir(parents=True)
    (tmp_path / "t" / "%FF" / "1.json").write_text("{}")

    with pytest.raises(ContractError, match="'%FF'"):
        list(FileRegistry(tmp_path))


def test_a_registry_with_a_stray_is_listed_once(tmp_path: Path) -> None:
    write(tmp_path, "{}", "notes.json")
    registry = FileRegistry(tmp_path)
    with pytest.raises(ContractError):
        registry.get("t", "T")
    FileRegistry(tmp_path).register(contract("t", "Other"))

    assert registry.versions("t", "Other") == ()  # written by another, seen after reload()


@pytest.mark.parametrize("version", ["../../x", "1", 0, -1, True, 1.0, 10**9, None])
def test_a_path_is_made_for_a_version_number_only(tmp_path: Path, version: object) -> None:
    path_of: Callable[..., Path] = FileRegistry(tmp_path).path_of

    with pytest.raises(ContractError, match="version"):
        path_of("a", "b", version)


def test_files_and_hidden_folders_beside_the_contracts_are_left_alone(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(contract())
    (tmp_path / "README.md").write_text("about")
    (tmp_path / "t" / "notes.json").write_text("{}")
    (tmp_path / ".git" / "x").mkdir(parents=True)

    assert [str(one) for one in FileRegistry(tmp_path)] == ["t/T/1"]


def test_a_schema_that_is_not_valid_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        FileRegistry(tmp_path).register(Contract("t", "T", 1, {"type": "strin"}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("topic", "type_", "version"), [("", "T", 1), ("t", "", 1), ("t", "T", 0)])
def test_a_contract_needs_names_and_a_version(topic: str, type_: str, version: int) -> None:
    with pytest.raises(ContractError):
        Contract(topic, type_, version, {})


def test_a_root_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ContractError, match="cannot be written"):
        FileRegistry(tmp_path / "file").register(contract())


@pytest.mark.parametrize("form", ["OpenApi3", "JSONSchemaDraft4"])
def test_a_document_of_whole_events_is_a_contract_of_their_detail(
    tmp_path: Path, form: Literal["OpenApi3", "JSONSchemaDraft4"]
) -> None:
    registry = FileRegistry(tmp_path)
    path = registry.path_of("t", "T", 1)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(event_document(contract(), form)))

    registry.validate(Event("t", "T", {"a": "x"}))
    with pytest.raises(ContractViolationError, match="/a"):
        registry.validate(Event("t", "T", {"a": 1}))


def test_a_document_about_another_event_says_so_with_its_file(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    path = registry.path_of("t", "Other", 1)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(event_document(contract())))

    with pytest.raises(ContractError, match=r"Other/1\.json: x-amazon-events-detail-type is 'T'"):
        registry.get("t", "Other")


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """Where a version should be a file."""
    path = FileRegistry(tmp_path).path_of("t", "T", 1)
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_place_of_a_version_is_refused_and_not_waited_for(
    version: Path, tmp_path: Path
) -> None:
    os.mkfifo(version)
    with pytest.raises(ContractError, match=r"1\.json is a pipe.*move it out of the registry"):
        FileRegistry(tmp_path).get("t", "T")


def test_a_folder_in_the_place_of_a_version_is_refused(version: Path, tmp_path: Path) -> None:
    version.mkdir()
    with pytest.raises(ContractError, match=r"1\.json is a folder.*move it out of the registry"):
        FileRegistry(tmp_path).get("t", "T")


def test_a_link_that_leads_nowhere_names_where_it_leads(version: Path, tmp_path: Path) -> None:
    version.symlink_to("gone.json")
    with pytest.raises(ContractError, match=r"1\.json is a link to gone\.json.*mend the link"):
        FileRegistry(tmp_path).get("t", "T")


def test_a_file_that_is_too_large_is_not_read(version: Path, tmp_path: Path) -> None:
    with version.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ContractError, match="1,099,511,627,776 bytes; at most 8,388,608"):
        FileRegistry(tmp_path).get("t", "T")


def refers_to_a_broken_file(root: Path) -> FileRegistry:
    registry = FileRegistry(root)
    for name, text in (("Sold", '{"$ref": "/shop/Money/1"}'), ("Money", '{"type": "nummer"}')):
        path = registry.path_of("shop", name, 1)
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return registry


def test_a_broken_file_is_named_where_another_refers_to_it(tmp_path: Path) -> None:
    registry = refers_to_a_broken_file(tmp_path)
    broken = str(registry.path_of("shop", "Money", 1))
    with pytest.raises(ContractError, match=f"^{re.escape(broken)} is not a valid .*at /type"):
        registry.validate(Event("shop", "Sold", {}))


def test_what_refers_to_a_broken_file_is_not_registered(tmp_path: Path) -> None:
    registry = refers_to_a_broken_file(tmp_path)
    with pytest.raises(ContractError, match=r"^the contract shop/Money/1 is not a valid JSON"):
        registry.register(Contract("shop", "Paid", 1, {"$ref": "/shop/Money/1"}))
    assert not registry.path_of("shop", "Paid", 1).exists()


def test_a_file_that_was_mended_is_proven_again_after_a_reload(tmp_path: Path) -> None:
    registry = refers_to_a_broken_file(tmp_path)
    path = registry.path_of("shop", "Money", 1)
    path.write_text("{}")
    registry.validate(Event("shop", "Sold", {}))
    path.write_text('{"type": "nummer"}')
    registry.reload()
    with pytest.raises(ContractError, match="is not a valid JSON Schema"):
        registry.validate(Event("shop", "Sold", {}))
