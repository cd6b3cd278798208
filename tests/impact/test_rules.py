"""What a changed contract does to rules."""

from __future__ import annotations

from eventroute.impact import Severity

from .kit import NUMBER, TEXT, change, fields, only, ruled


def test_a_removed_field_that_a_rule_reads_breaks_it() -> None:
    old, new = fields("country", country=TEXT, total=NUMBER), fields(total=NUMBER)
    effect = only(change(old, new, ruled({"country": ["KR"]})))
    assert (effect.kind, effect.severity) == ("field-gone", Severity.BREAKS)
    assert (effect.pointer, effect.schema_pointer) == ("/detail/country", "/properties/country")
    assert effect.reason == (
        'the contract declares no "detail.country" any more, and the rule passes no event '
        "without it"
    )


def test_a_removed_field_that_a_closed_contract_forbids_never_matches() -> None:
    old = fields("country", country=TEXT, total=NUMBER)
    new = {**fields(total=NUMBER), "additionalProperties": False}
    effect = only(change(old, new, ruled({"country": ["KR"]})))
    assert (effect.kind, effect.severity) == ("field-gone", Severity.BREAKS)
    assert effect.reason.endswith("so the rule matches no OrderPlaced any more")


def test_a_rule_that_also_passes_without_the_removed_field_is_warned_of() -> None:
    old, new = fields(country=TEXT, total=NUMBER), fields(total=NUMBER)
    effect = only(change(old, new, ruled({"country": ["KR", {"exists": False}]})))
    assert (effect.kind, effect.severity) == ("field-gone", Severity.WARNS)


def test_a_nested_field_that_is_gone_is_named_by_its_path() -> None:
    old = fields(customer=fields(country=TEXT))
    new = fields(customer=fields(name=TEXT))
    effect = only(change(old, new, ruled({"customer": {"country": ["KR"]}})))
    assert effect.kind == "field-gone"
    assert effect.schema_pointer == "/properties/customer/properties/country"


def test_a_changed_type_that_no_test_passes_breaks_the_rule() -> None:
    old, new = fields(total=NUMBER), fields(total=TEXT)
    effect = only(change(old, new, ruled({"total": [{"numeric": [">=", 1000]}]})))
    assert (effect.kind, effect.severity) == ("type-changed", Severity.BREAKS)
    assert effect.reason == (
        '"detail.total" holds a string; {"numeric":[">=",1000]} never passes, so the rule matches '
        "no OrderPlaced any more"
    )


def test_a_type_that_is_allowed_beside_the_old_one_is_warned_of() -> None:
    old, new = fields(total=NUMBER), fields(total={"type": ["number", "string"]})
    effect = only(change(old, new, ruled({"total": [{"numeric": [">=", 1000]}]})))
    assert (effect.kind, effect.severity) == ("type-changed", Severity.WARNS)
    assert effect.reason == '"detail.total" was number and is number or string now'


def test_a_field_that_may_be_null_now_has_no_other_type() -> None:
    old, new = fields(country=TEXT), fields(country={"type": ["string", "null"]})
    assert change(old, new, ruled({"country": ["KR"]})).unaffected == ("billing.one",)


def test_a_rule_about_presence_alone_does_not_mind_the_type() -> None:
    old, new = fields(total=NUMBER), fields(total=TEXT)
    assert change(old, new, ruled({"total": [{"exists": True}]})).effects == ()


def test_an_enum_value_that_is_gone_breaks_the_rule_that_asks_for_it_alone() -> None:
    old, new = fields(country={"enum": ["KR", "JP"]}), fields(country={"enum": ["JP"]})
    effect = only(change(old, new, ruled({"country": ["KR"]})))
    assert (effect.kind, effect.severity) == ("never-matches", Severity.BREAKS)
    assert effect.schema_pointer == "/properties/country"


def test_an_enum_value_that_is_gone_is_a_warning_beside_others() -> None:
    old = fields(country={"enum": ["KR", "JP", "US"]})
    new = fields(country={"enum": ["JP", "US"]})
    effect = only(change(old, new, ruled({"country": ["KR", "JP"]})))
    assert (effect.kind, effect.severity) == ("test-never-passes", Severity.WARNS)
    assert effect.pointer == "/detail/country/0"


def test_a_rule_that_matches_everything_now_is_warned_of() -> None:
    old = fields("country", country={"enum": ["KR", "JP", "US"]})
    new = fields("country", country={"enum": ["KR", "JP"]})
    effect = only(change(old, new, ruled({"country": ["KR", "JP"]})))
    assert (effect.kind, effect.severity) == ("always-matches", Severity.WARNS)
    assert effect.reason == (
        '"detail.country" holds one of "JP", "KR", which always passes; the rule matches every '
        "OrderPlaced now"
    )


def test_a_clause_that_passes_everything_beside_one_that_filters_says_so_of_itself() -> None:
    old, new = fields(paid=TEXT, total=NUMBER), fields("paid", paid=TEXT, total=NUMBER)
    rule = {"paid": [{"exists": True}], "total": [{"numeric": [">", 5]}]}
    effect = only(change(old, new, ruled(rule)))
    assert effect.reason == '"detail.paid" is always there'


def test_what_was_wrong_before_is_not_told_again() -> None:
    old = fields(country={"enum": ["KR"]}, total=NUMBER)
    new = fields(country={"enum": ["KR"]}, total=NUMBER, note=TEXT)
    assert change(old, new, ruled({"country": ["US"]})).effects == ()


def test_clauses_that_contradict_each_other_now_break_the_rule() -> None:
    card, account = fields("card", card=TEXT), fields("account", account=TEXT)
    closed = {"additionalProperties": False}
    old = {"oneOf": [{**card, **closed}, {**account, **closed}, fields("card", "account")]}
    new = {"oneOf": [{**card, **closed}, {**account, **closed}]}
    rule = {"card": [{"exists": True}], "account": [{"exists": True}]}
    effect = only(change(old, new, ruled(rule)))
    assert (effect.kind, effect.severity) == ("never-matches", Severity.BREAKS)


def test_a_contract_that_allows_no_event_leaves_a_rule_nothing_to_match() -> None:
    effect = only(change(fields(total=NUMBER), {"type": "string"}, ruled()))
    assert (effect.kind, effect.severity) == ("never-matches", Severity.BREAKS)


def test_an_alternative_for_another_type_is_left_alone() -> None:
    pattern = {
        "$or": [
            {"detail-type": ["OrderPlaced"], "detail": {"total": [{"numeric": [">", 5]}]}},
            {"detail-type": ["OrderShipped"], "detail": {"country": ["KR"]}},
        ]
    }
    old, new = fields(total=NUMBER, country=TEXT), fields(total=NUMBER)
    assert change(old, new, ruled(pattern=pattern)).unaffected == ("billing.one",)


def test_an_alternative_that_dies_beside_another_that_lives_breaks_its_own_events() -> None:
    pattern = {"$or": [{"detail": {"country": ["KR"]}}, {"detail": {"total": [5]}}]}
    old = fields(country={"enum": ["KR", "JP"]}, total=NUMBER)
    new = fields(country={"enum": ["JP"]}, total=NUMBER)
    effect = only(change(old, new, ruled(pattern=pattern)))
    assert effect.reason.endswith("so nothing passes here")
    assert (effect.pointer, effect.severity) == ("/$or/0/detail/country", Severity.BREAKS)


def test_a_subscription_of_another_type_is_unconcerned() -> None:
    other = ruled(pattern={"source": ["shop.tracking"]}, name="other")
    found = change(fields(total=NUMBER), fields(), other, ruled())
    assert (found.unconcerned, found.unaffected) == (("billing.other",), ("billing.one",))


def test_a_pattern_without_names_concerns_every_type() -> None:
    rule = ruled(pattern={"detail": {"country": [{"prefix": "K"}]}})
    assert only(change(fields(country=TEXT), fields(total=TEXT), rule)).kind == "field-gone"
