"""What is said of each contract of an application, beside what was registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventroute.impact import Review, Reviewed, Status, review
from eventroute.registry import Verdict

from .kit import NUMBER, TEXT, contract, fields, ruled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.registry import Contract, Mode

ONE = contract(1, fields("country", country=TEXT))
WIDER = contract(2, fields(country=TEXT))
NARROWER = contract(2, fields("country", "total", country=TEXT, total=NUMBER))


def of(
    declared: Sequence[Contract],
    registered: Sequence[Contract],
    earlier: Sequence[Contract] | None = None,
    mode: Mode = "BACKWARD",
) -> Review:
    return review(declared, registered, earlier=earlier, mode=mode, subscribers=ruled().subscribers)


def only(found: Review) -> Reviewed:
    assert len(found.entries) == 1, found.entries
    return found.entries[0]


def statuses(found: Review) -> dict[int, Status]:
    return {entry.version: entry.status for entry in found.entries}


def test_a_model_that_is_registered_as_it_is_breaks_nothing() -> None:
    entry = only(of([ONE], [ONE]))
    assert (entry.status, entry.breaks, entry.judged) == (Status.UNCHANGED, False, None)


def test_a_model_that_only_annotations_tell_from_its_contract_is_unchanged() -> None:
    schema = {"title": "Placed", **fields("country", country={**TEXT, "title": "Country"})}
    entry = only(of([contract(1, schema)], [ONE]))
    assert (entry.status, entry.breaks) == (Status.UNCHANGED, False)
    assert entry.differs == "only annotations differ: /title, /properties/country/title"


def test_a_model_that_says_the_same_in_other_words_is_unchanged() -> None:
    was, now = (contract(1, fields(kind=kind)) for kind in ({"const": "x"}, {"enum": ["x"]}))
    entry = only(of([now], [was]))
    assert (entry.status, entry.breaks) == (Status.UNCHANGED, False)
    assert entry.differs == "written in other words, and the same events fit"


def test_a_model_of_a_type_that_is_not_registered_is_new() -> None:
    entry = only(of([ONE], []))
    assert (entry.status, entry.breaks, entry.registered) == (Status.NEW, False, False)


def test_a_model_that_changed_under_its_version_breaks_though_it_is_compatible() -> None:
    entry = only(of([contract(1, fields(country=TEXT))], [ONE]))
    assert (entry.status, entry.breaks, entry.against) == (Status.CHANGED, True, (1,))
    assert entry.judged is not None
    assert entry.judged.verdict is Verdict.COMPATIBLE


def test_true_and_one_are_different_schemas() -> None:
    was, now = (contract(1, fields(paid={"const": value})) for value in (1, True))
    assert only(of([now], [was])).status is Status.CHANGED


def test_a_new_version_is_judged_against_the_latest() -> None:
    found = of([WIDER], [ONE])
    entry = only(found)
    assert (entry.version, entry.status, entry.against) == (2, Status.ADDED, (1,))
    assert (found.breaks, entry.impact.unaffected) == (0, ("billing.one",))


def test_an_incompatible_version_breaks_and_shows_an_event() -> None:
    found = of([NARROWER], [ONE])
    entry = only(found)
    assert (found.breaks, entry.broken_version) == (1, 1)
    assert entry.judged is not None
    witness: Any = entry.judged.witness
    assert "total" not in witness


def test_a_transitive_mode_asks_every_version_before() -> None:
    closed = {"additionalProperties": False}
    first = contract(1, {**fields(note=TEXT), **closed})
    second = contract(2, {**fields(note={"type": "string", "const": "x"}), **closed})
    third = contract(3, {**fields(note={"enum": ["x", "y"]}), **closed})
    assert only(of([third], [first, second])).breaks is False
    entry = only(of([third], [first, second], mode="BACKWARD_TRANSITIVE"))
    assert (entry.against, entry.broken_version, entry.breaks) == ((1, 2), 1, True)


def test_the_mode_none_asks_for_nothing_but_that_versions_stay() -> None:
    assert of([NARROWER], [ONE], mode="NONE").breaks == 0
    assert of([contract(1, NARROWER.schema)], [ONE], mode="NONE").breaks == 1


def test_a_rule_that_breaks_is_a_break_of_a_compatible_version_too() -> None:
    wider = contract(2, fields(note=TEXT))
    rules = ruled({"country": ["KR"]}).subscribers
    found = review([wider], [ONE], subscribers=rules)
    assert found.breaks == 1


def test_two_models_of_one_type_are_judged_in_turn() -> None:
    found = of([NARROWER, ONE], [])
    assert statuses(found) == {1: Status.NEW, 2: Status.ADDED}
    assert found.entries[1].breaks is True


def test_two_models_of_one_version_with_different_schemas_break() -> None:
    other = contract(1, fields(country=NUMBER))
    for registered in ([], [ONE], [other]):
        entry = only(of([ONE, other], registered))
        assert (entry.status, entry.breaks) == (Status.CONFLICTING, True)


def test_a_version_below_all_that_are_registered_has_nothing_before_it() -> None:
    found = of([ONE], [WIDER])
    assert (only(found).status, only(found).judged, found.breaks) == (Status.ADDED, None, 0)


def test_a_type_that_no_model_declares_is_told_once() -> None:
    entry = only(of([], [ONE, WIDER]))
    assert (entry.status, entry.version, entry.breaks) == (Status.UNDECLARED, 2, False)


def test_a_file_that_is_gone_breaks() -> None:
    entry = only(of([], [], earlier=[ONE]))
    assert (entry.status, entry.breaks) == (Status.REMOVED, True)


def test_a_file_that_changed_breaks_though_the_model_agrees_with_it() -> None:
    changed = contract(1, fields(country=TEXT))
    entry = only(of([changed], [changed], earlier=[ONE]))
    assert (entry.status, entry.breaks, entry.registered) == (Status.CHANGED, True, True)


def test_a_version_that_was_registered_since_is_judged() -> None:
    found = of([NARROWER], [ONE, NARROWER], earlier=[ONE])
    assert statuses(found) == {1: Status.UNCHANGED, 2: Status.ADDED}
    assert (found.breaks, found.entries[1].registered) == (1, True)


def test_a_type_that_was_registered_since_is_new() -> None:
    entry = only(of([ONE], [ONE], earlier=[]))
    assert (entry.status, entry.registered) == (Status.NEW, True)


def test_a_review_is_written_as_json_values() -> None:
    written: Any = of([NARROWER], [ONE]).to_dict()
    (entry,) = written.pop("contracts")
    assert written == {"mode": "BACKWARD", "profile": "registry", "breaks": 1, "unknown": 0}
    judged = entry.pop("compatibility")
    assert entry == {
        "topic": "shop.orders",
        "type": "OrderPlaced",
        "version": 2,
        "status": "added",
        "registered": False,
        "bridged": False,
        "breaks": True,
        "cast_wanted": None,
        "cast_failure": "",
        "differs": "",
        "against": [1],
        "impact": {"effects": [], "unaffected": ["billing.one"], "unconcerned": []},
    }
    assert (judged["verdict"], judged["direction"], judged["broken_version"]) == (
        "incompatible",
        "BACKWARD",
        1,
    )
    assert set(judged) == {
        *("verdict", "mode", "reason", "direction", "pointer", "broken_version"),
        *("witness", "changes"),
    }
