"""A rule file is a pattern under each name, in TOML or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from eventroute.cli.failure import InputError
from eventroute.cli.rules import choose_rule, read_rules
from eventroute.pattern import Pattern

if TYPE_CHECKING:
    from pathlib import Path

LARGE = Pattern({"detail": {"total": [{"numeric": [">", 5]}]}})
NONE = Pattern({"detail": {"coupon": [None]}})


def written(tmp_path: Path, name: str, text: str | bytes) -> str:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def test_a_toml_table_is_a_pattern(tmp_path: Path) -> None:
    place = written(tmp_path, "r.toml", '[large]\ndetail.total = [{ numeric = [">", 5] }]')
    assert read_rules(place) == {"large": LARGE}


def test_a_toml_string_holds_a_pattern_as_json(tmp_path: Path) -> None:
    place = written(tmp_path, "r.toml", """none = '{"detail": {"coupon": [null]}}'""")
    assert read_rules(place) == {"none": NONE}


def test_a_json_object_holds_patterns_in_its_order(tmp_path: Path) -> None:
    text = json.dumps({"none": NONE.source, "large": LARGE.source})
    rules = read_rules(written(tmp_path, "r.json", text))
    assert list(rules.items()) == [("none", NONE), ("large", LARGE)]


@pytest.mark.parametrize("text", ['{"a": {"source": ["x"]}}', '[a]\nsource = ["x"]'])
def test_without_a_known_suffix_the_first_character_tells(tmp_path: Path, text: str) -> None:
    rules = read_rules(written(tmp_path, "rules", "\n" + text))
    assert rules == {"a": Pattern({"source": ["x"]})}


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    place = written(tmp_path, "r.toml", b'\xef\xbb\xbf[a]\r\nsource = ["x"]\r\n')
    assert list(read_rules(place)) == ["a"]


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("r.toml", "", "names no rule"),
        ("r.json", "{}", "names no rule"),
        ("r.json", "[]", "must hold an object"),
        ("r.json", "{", "is not JSON"),
        ("r.json", '{"a": {"source": ["x"]}, "a": {"source": ["y"]}}', "'a' stands twice"),
        ("r.toml", '[a]\nsource = ["x"]\n[a]\nsource = ["y"]', "is not TOML"),
        ("r.toml", "this is no TOML", "is not TOML"),
        ("r.toml", b"\xff", "is not UTF-8"),
        ("r.toml", "a = " + "[" * 5000, "nests too deep"),
        ("r.json", '{"source": ["x"]}', "rule 'source' is no pattern"),
        ("r.toml", '["" ]\nsource = ["x"]', "without a name"),
        ("r.toml", '[a]\nsource = "x"', r"rule 'a': event pattern, at /source: "),
        ("r.toml", "[a]\ndetail.day = [2024-01-01]", r"at /detail/day/0: a date is not a JSON"),
        ("r.toml", "[a]\ndetail.x = [inf]", "at /detail/x/0: "),
        ("r.toml", "[a]\n" + "b." * 3000 + 'c = ["x"]', "rule 'a': .* deep"),
        ("r.toml", "a = '{'", "rule 'a': "),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str | bytes, complaint: str
) -> None:
    place = written(tmp_path, name, text)
    with pytest.raises(InputError, match=complaint) as caught:
        read_rules(place)
    assert place in str(caught.value)


def test_a_rule_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    place = written(tmp_path, "r.toml", '[a]\nsource = ["x"]')
    with pytest.raises(InputError, match="no rule 'b'; it has 'a'"):
        choose_rule(place, "b")
