"""``eventroute schema infer`` saves drafts; ``accept`` makes them versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from eventroute.registry import Contract, FileRegistry

from ..command import jsonl, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..command import Done
    from ..conftest import Call

DRAFT = Path("contracts/shop.orders/OrderPlaced/draft.json")
TO = ("--registry", "contracts")


@pytest.fixture
def events(tmp_path: Path) -> str:
    (tmp_path / "events.jsonl").write_bytes(jsonl(order(1), order(2, total=12.5)))
    return "events.jsonl"


def saved(tmp_path: Path) -> Any:  # noqa: ANN401  any JSON
    return json.loads((tmp_path / DRAFT).read_text())


def test_the_contract_of_each_type_becomes_a_draft(call: Call, events: str, tmp_path: Path) -> None:
    done = call("schema", "infer", events, *TO)

    assert done.out == f"shop.orders/OrderPlaced: 2 events, draft in {DRAFT}\n"
    assert saved(tmp_path)["properties"]["total"] == {"type": "number"}
    assert saved(tmp_path)["required"] == ["country", "total"]


def test_events_come_from_standard_input_as_well(call: Call, tmp_path: Path) -> None:
    assert call("schema", "infer", *TO, stdin=jsonl(order(1))).code == 0
    assert saved(tmp_path)["x-eventroute-samples"] == 1


def test_a_folder_that_is_made_is_told(call: Call, events: str) -> None:
    assert call("schema", "infer", events, *TO).err == "made the folder contracts\n"
    assert call("schema", "infer", events, *TO).err == ""


def test_printed_schemas_are_json_and_nothing_is_saved(
    call: Call, events: str, tmp_path: Path
) -> None:
    (found,) = call("schema", "infer", events, "--print").documents
    assert (found["topic"], found["type"]) == ("shop.orders", "OrderPlaced")
    assert found["schema"]["x-eventroute-samples"] == 2
    assert list(tmp_path.iterdir()) == [tmp_path / events]


def test_only_events_that_match_are_looked_at(call: Call, tmp_path: Path) -> None:
    events = jsonl(order(1), order(2, country="JP"), order(3, country="JP"))
    where = '{"detail": {"country": ["JP"]}}'
    call("schema", "infer", "--where", where, *TO, stdin=events)
    assert saved(tmp_path)["x-eventroute-samples"] == 2


def test_after_so_many_events_it_ends(call: Call, tmp_path: Path) -> None:
    call("schema", "infer", "--count", "2", *TO, stdin=jsonl(*map(order, range(5))))
    assert saved(tmp_path)["x-eventroute-samples"] == 2


def test_lines_that_hold_no_event_are_told_and_the_others_used(call: Call, tmp_path: Path) -> None:
    events = b'{"total": 1}\n[]\n{nope\n' + jsonl(order(1))
    done = call("schema", "infer", *TO, stdin=events)

    assert done.code == 0
    assert [line.partition(" ")[0] for line in done.err.splitlines()] == [
        "stdin:1:",
        "stdin:2:",
        "stdin:3:",
        "3",
        "made",
    ]
    assert saved(tmp_path)["x-eventroute-samples"] == 1


def test_bare_details_are_events_of_the_type_that_is_named(call: Call, tmp_path: Path) -> None:
    done = call("schema", "infer", "--as", "shop.orders/OrderPlaced", *TO, stdin=b'{"total": 1}')
    assert done.code == 0
    assert saved(tmp_path)["properties"] == {"total": {"type": "integer"}}


def test_a_strict_run_ends_at_the_first_of_them(call: Call, tmp_path: Path) -> None:
    done = call("schema", "infer", "--strict", *TO, stdin=b"[]\n" + jsonl(order(1)))
    assert (done.code, "stdin:1" in done.err) == (1, True)
    assert not (tmp_path / DRAFT).exists()


def test_without_an_event_there_is_nothing_to_infer(call: Call) -> None:
    done = call("schema", "infer", *TO, stdin=b"")
    assert done.code == 1
    assert "no event was seen" in done.err


def test_what_the_latest_version_says_already_needs_no_draft(
    call: Call, events: str, tmp_path: Path
) -> None:
    call("schema", "infer", events, *TO)
    call("schema", "accept", "--all", *TO)
    done = call("schema", "infer", events, *TO)

    assert done.out == "shop.orders/OrderPlaced: 2 events, as version 1 says; no draft\n"
    assert not (tmp_path / DRAFT).exists()


def test_without_a_registry_it_says_how_to_name_one(call: Call, events: str) -> None:
    done = call("schema", "infer", events)
    assert (done.code, "--registry FOLDER" in done.err) == (2, True)


def test_a_file_that_is_not_there_is_an_error(call: Call) -> None:
    done = call("schema", "infer", "nowhere.jsonl", *TO)
    assert (done.code, "there is no file 'nowhere.jsonl'" in done.err) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("events.jsonl", "--from", "app:bus"),
        ("events.jsonl", "--seconds", "1"),
        ("events.jsonl", "--as", "shop.orders"),
        ("--from", "app:bus", "--as", "shop.orders/OrderPlaced"),
    ],
)
def test_options_of_files_and_of_buses_do_not_mix(
    call: Call, events: str, arguments: tuple[str, ...]
) -> None:
    assert call("schema", "infer", *arguments, *TO).code == 2


def test_drafts_are_listed_apart_from_versions(call: Call, events: str) -> None:
    call("schema", "infer", events, *TO)
    assert call("schema", "list", *TO).out == ""
    assert call("schema", "list", "--drafts", *TO).out == "shop.orders/OrderPlaced/1\n"


def test_an_accepted_draft_is_a_version(call: Call, events: str, tmp_path: Path) -> None:
    call("schema", "infer", events, *TO)
    done = call("schema", "accept", "shop.orders/OrderPlaced", *TO)

    place = DRAFT.with_name("1.json")
    assert done.out == f"shop.orders/OrderPlaced/1  in {place}\n"
    assert FileRegistry(tmp_path / "contracts").versions("shop.orders", "OrderPlaced") == (1,)
    assert call("schema", "list", "--drafts", *TO).out == ""


def test_a_draft_that_says_what_is_known_is_told_to_be_gone(
    call: Call, events: str, tmp_path: Path
) -> None:
    call("schema", "infer", events, *TO)
    text = (tmp_path / DRAFT).read_text()
    call("schema", "accept", "--all", *TO)
    (tmp_path / DRAFT).write_text(text)

    done = call("schema", "accept", "--all", *TO)
    assert done.out == "shop.orders/OrderPlaced/1  says so already; the draft is gone\n"


@pytest.fixture
def changed(call: Call, events: str, tmp_path: Path) -> Callable[..., None]:
    """Accept a first version, and write a draft of the second."""

    def change(**members: object) -> None:
        call("schema", "infer", events, *TO)
        call("schema", "accept", "--all", *TO)
        known = json.loads((tmp_path / DRAFT).with_name("1.json").read_text())
        (tmp_path / DRAFT).write_text(json.dumps(known | members))

    return change


def accept(call: Call, *options: str) -> Done:
    return call("schema", "accept", "shop.orders/OrderPlaced", *TO, *options)


def test_a_compatible_draft_is_accepted_with_what_it_is_to_the_version_before(
    call: Call, changed: Callable[..., None]
) -> None:
    changed(required=["total"])
    place = DRAFT.with_name("2.json")
    told = f"shop.orders/OrderPlaced/2  in {place}; compatible with version 1\n"
    assert accept(call).out == told


def test_a_draft_that_is_not_compatible_is_refused_with_an_event_that_shows_it(
    call: Call, changed: Callable[..., None], tmp_path: Path
) -> None:
    changed(required=["country", "total", "id"])
    done = accept(call)
    assert done.code == 1
    assert "OrderPlaced/2  breaks  added; incompatible with version 1\n" in done.out
    assert "this detail fits version 1, and version 2 refuses it" in done.out
    assert "nothing was accepted: 1 version is not compatible (mode BACKWARD" in done.err
    assert (tmp_path / DRAFT).is_file()
    assert not (tmp_path / DRAFT).with_name("2.json").exists()


@pytest.mark.parametrize("mode", ["NONE", "FORWARD"])
def test_the_mode_decides_whether_a_draft_is_accepted(
    call: Call, changed: Callable[..., None], mode: str
) -> None:
    changed(required=["country", "total", "id"])
    assert accept(call, "--mode", mode).code == 0


def test_a_draft_that_nobody_can_judge_is_accepted_on_request_only(
    call: Call, changed: Callable[..., None], tmp_path: Path
) -> None:
    coded = [{"properties": {"code": {"pattern": text}}} for text in ("(.)\\1", "(.)(\\1)")]
    changed(**coded[0])
    assert accept(call, "--mode", "NONE").code == 0
    (tmp_path / DRAFT).write_text(json.dumps(coded[1]))
    done = accept(call)
    assert (done.code, "--unknown pass" in done.err) == (1, True)
    assert accept(call, "--unknown", "pass").code == 0


def test_of_several_drafts_none_is_accepted_where_one_is_not_compatible(
    call: Call, changed: Callable[..., None], tmp_path: Path
) -> None:
    changed(required=["country", "total", "id"])
    registry = FileRegistry(tmp_path / "contracts")
    registry.drafts.save(Contract("shop.aaa", "T", 1, {}))
    assert call("schema", "accept", "--all", *TO).code == 1
    assert registry.versions("shop.aaa", "T") == ()


def test_a_draft_in_other_words_is_gone_and_one_with_words_of_its_own_stays(
    call: Call, changed: Callable[..., None], tmp_path: Path
) -> None:
    changed(required=["total", "country"])
    assert accept(call).out == "shop.orders/OrderPlaced/1  says so already; the draft is gone\n"
    changed(title="Order")
    done = accept(call)
    assert (done.code, "as it alone has /title" in done.out) == (0, True)
    assert (tmp_path / DRAFT).is_file()
    assert not (tmp_path / DRAFT).with_name("2.json").exists()


def test_what_the_latest_version_says_in_other_words_needs_no_draft(
    call: Call, events: str, tmp_path: Path
) -> None:
    call("schema", "infer", events, *TO)
    call("schema", "accept", "--all", *TO)
    version = (tmp_path / DRAFT).with_name("1.json")
    version.write_text(json.dumps(json.loads(version.read_text()) | {"title": "Order"}))
    assert call("schema", "infer", events, *TO).out.endswith(" as version 1 says; no draft\n")


def test_a_misspelt_draft_is_an_error_that_names_the_nearest(call: Call, events: str) -> None:
    call("schema", "infer", events, *TO)
    done = call("schema", "accept", "shop.orders/OrderPlacd", *TO)
    assert done.code == 1
    assert "no draft of 'shop.orders/OrderPlacd'; did you mean " in done.err
    assert "shop.orders/OrderPlaced" in done.err


def test_a_draft_that_is_like_no_other_is_an_error_that_says_how_to_see_them(
    call: Call, events: str
) -> None:
    call("schema", "infer", events, *TO)
    done = call("schema", "accept", "x", *TO)
    assert (done.code, "`eventroute schema list --drafts` shows all" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [((), "name drafts, or write --all"), (("--all", "shop.orders/OrderPlaced"), "not both")],
)
def test_which_drafts_are_accepted_must_be_said_once(
    call: Call, events: str, arguments: tuple[str, ...], told: str
) -> None:
    call("schema", "infer", events, *TO)
    done = call("schema", "accept", *arguments, *TO)
    assert (done.code, told in done.err) == (2, True)


@pytest.mark.parametrize("earlier", [True, False])
def test_a_draft_that_is_no_schema_is_named_with_its_file(
    call: Call, events: str, tmp_path: Path, *, earlier: bool
) -> None:
    call("schema", "infer", events, *TO)
    if earlier:
        call("schema", "accept", "--all", *TO)
    (tmp_path / DRAFT).write_text('{"type": "strin"}')
    done = call("schema", "accept", "--all", *TO)
    assert done.code == 1
    assert f"{DRAFT} is not a valid JSON Schema, at /type" in done.err


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ('{"sorce": ["shop.orders"]}', "'sorce' is no member of an event; did you mean 'source'?"),
        ('{"country": ["KR"]}', "'country' is no member of an event: what is sent is in 'detail'"),
        ('{"$or": [{"sorce": ["x"]}, {"detail_type": ["y"]}]}', "did you mean 'detail-type'?"),
        ('{"source": ["shop.order"]}', "none of the 2 events fits --where"),
    ],
)
def test_where_no_event_fits_the_pattern_it_says_what_may_be_wrong_with_it(
    call: Call, events: str, where: str, told: str
) -> None:
    done = call("schema", "infer", events, "--where", where, "--print")
    assert (done.code, told in done.err) == (1, True)


def test_a_member_that_was_only_ever_null_may_be_anything(call: Call, tmp_path: Path) -> None:
    call("schema", "infer", *TO, stdin=jsonl({**order(1), "detail": {"coupon": None}}))
    assert saved(tmp_path)["properties"]["coupon"] == {}
    assert "coupon" in saved(tmp_path)["required"]
