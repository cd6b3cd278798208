"""``eventroute check`` finds mistakes in rules before any event comes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Call

RULES = """\
[large]
source = ["shop.orders"]
detail.total = [{ numeric = [">=", 1000] }]

[korean]
detail.country = ["KR"]

[asian]
detail.country = ["JP", "KR"]
"""
DETAIL: dict[str, Any] = {
    "type": "object",
    "properties": {"total": {"type": "number"}, "country": {"type": "string"}},
    "required": ["total"],
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "detail.json").write_text(json.dumps(DETAIL))
    (tmp_path / "event.json").write_text(
        json.dumps(
            {
                "type": "object",
                "properties": {"detail": {"$ref": "#/$defs/d"}},
                "$defs": {"d": DETAIL},
            }
        )
    )


def write(folder: Path, **rules: object) -> str:
    (folder / "other.json").write_text(json.dumps(rules))
    return "other.json"


def test_rules_within_others_are_told_and_end_with_0(call: Call) -> None:
    done = call("check", "rules.toml")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "asian matches whatever korean matches",
        "3 rules; 0 findings",
    ]


def test_rules_that_match_the_same_events_are_told(call: Call, tmp_path: Path) -> None:
    place = write(tmp_path, a={"x": [1, 2]}, b={"x": [2, 1]})
    assert call("check", place).out.startswith("a and b match the same events\n")


def test_a_superfluous_test_is_told_and_ends_with_0(call: Call, tmp_path: Path) -> None:
    done = call("check", write(tmp_path, a={"x": ["ab", {"prefix": "a"}]}))
    assert done.code == 0
    assert done.out.startswith('a /x/0  redundant  whatever passes "ab" passes')


@pytest.mark.parametrize(
    ("option", "place"), [("--detail-schema", "detail.json"), ("--schema", "event.json")]
)
def test_a_clause_that_never_matches_ends_with_1(
    option: str, place: str, call: Call, tmp_path: Path
) -> None:
    rules = write(tmp_path, a={"detail": {"total": ["5"]}}, b={"detail": {"contry": ["KR"]}})
    done = call("check", rules, option, place)
    assert done.code == 1
    never, whole, suspicious, summary = done.out.splitlines()
    assert never.startswith(
        'a /detail/total  never  "detail.total" holds a number; "5" never passes'
    )
    assert never.endswith("/properties/total)")
    assert whole.startswith("a (whole pattern)  never  ")
    assert suspicious.startswith("b /detail/contry  suspicious  ")
    assert 'did you mean "country"?' in suspicious
    assert summary == "1 of 2 rules can never match; 3 findings: 2 never, 1 suspicious"


def test_rules_that_fit_the_schema_end_with_0(call: Call) -> None:
    assert call("check", "rules.toml", "--detail-schema", "detail.json").code == 0


def test_json_has_the_same(call: Call, tmp_path: Path) -> None:
    rules = write(tmp_path, a={"detail": {"total": ["5", 5]}}, b={"detail": {"total": [5]}})
    done = call("check", rules, "--detail-schema", "detail.json", "--json")
    assert done.code == 1
    assert json.loads(done.out) == {
        "rules": {
            "a": [
                {
                    "pointer": "/detail/total/0",
                    "verdict": "never",
                    "reason": '"detail.total" holds a number; "5" never passes',
                    "schema_pointer": "/properties/total",
                    "related": [],
                }
            ],
            "b": [],
        },
        "relations": [{"first": "a", "second": "b", "relation": "subsumes"}],
        "compared": True,
    }


def test_a_finding_about_the_envelope_has_no_place_in_the_detail_schema(
    call: Call, tmp_path: Path
) -> None:
    rules = write(tmp_path, a={"source": [5]})
    done = call("check", rules, "--detail-schema", "detail.json", "--json")
    (finding, _) = json.loads(done.out)["rules"]["a"]
    assert (finding["verdict"], finding["schema_pointer"]) == ("never", None)


def test_more_than_500_rules_are_not_compared_and_it_says_so(call: Call, tmp_path: Path) -> None:
    many: dict[str, object] = {f"r{number}": {"x": [1]} for number in range(501)}
    done = call("check", write(tmp_path, **many), "--json")
    assert done.code == 0
    assert done.err.startswith("501 rules are too many to compare each with each; at most 500 are")
    answer = json.loads(done.out)
    assert (answer["relations"], answer["compared"]) == ([], False)


def test_a_schema_or_the_rules_may_be_stdin(call: Call) -> None:
    stdin = json.dumps(DETAIL).encode()
    assert call("check", "rules.toml", "--detail-schema", "-", stdin=stdin).code == 0
    assert call("check", "-", stdin=RULES.encode()).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("nowhere.toml",), 1, "no file 'nowhere.toml'"),
        (("bad.toml",), 1, "/source"),
        (("rules.toml", "--schema", "nowhere.json"), 1, "no file 'nowhere.json'"),
        (("rules.toml", "--schema", "rules.toml"), 1, "rules.toml is not JSON"),
        (("rules.toml", "--schema", "list.json"), 1, "must hold a JSON Schema"),
        (("rules.toml", "--schema", "array.json"), 1, "array.json: the schema allows no object"),
        (
            ("rules.toml", "--detail-schema", "odd.json"),
            1,
            "odd.json: the schema names the dialect",
        ),
        (("rules.toml", "--schema", "a", "--detail-schema", "b"), 2, "give one"),
        (("-", "--schema", "-"), 2, "stdin can be read only once"),
        ((), 2, "RULES"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: tuple[str, ...], code: int, complaint: str, call: Call, tmp_path: Path
) -> None:
    (tmp_path / "bad.toml").write_text('[a]\nsource = "x"')
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "array.json").write_text('{"type": "array"}')
    (tmp_path / "odd.json").write_text('{"$schema": "mine"}')
    done = call("check", *arguments)
    assert (done.code, done.out) == (code, "")
    assert complaint in done.err
    assert done.err.count("\n") == 1


def test_what_strangers_wrote_does_not_steer_the_terminal(call: Call, tmp_path: Path) -> None:
    place = write(tmp_path, **{"a\x1b[2J": {"x": ["\x1b", {"prefix": "\x1b"}]}})
    assert "\x1b" not in call("check", place).out


def test_a_misspelt_member_of_the_event_is_told_and_fails_nothing(
    call: Call, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('{"orders": {"detail-typ": ["OrderPlaced"]}}')
    done = call("check", str(rules))
    assert done.code == 0
    assert "orders /detail-typ  suspicious  no EventBridge event has a member" in done.out
    assert 'did you mean "detail-type"?' in done.out
