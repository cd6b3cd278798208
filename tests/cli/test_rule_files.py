"""A rule's events go to a file whose name tells the rule."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute.cli.failure import InputError
from eventroute.cli.rule_files import RuleFiles, file_name, rule_name

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(NAMES)
def test_the_name_of_a_file_gives_back_the_rule(rule: str) -> None:
    assert rule_name(file_name(rule)) == rule


@given(NAMES)
def test_the_name_of_a_file_is_one_visible_name(rule: str) -> None:
    name = file_name(rule)
    assert Path(name).name == name
    assert not name.startswith(".")
    assert name.isprintable()


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("large orders", "large orders.jsonl"),
        ("큰-주문", "큰-주문.jsonl"),
        ("a/b", "a%2Fb.jsonl"),
        ("..", "%2E..jsonl"),
        ("100%", "100%25.jsonl"),
    ],
)
def test_a_name_stays_readable_where_it_can(rule: str, name: str) -> None:
    assert file_name(rule) == name


def test_every_rule_has_a_file_also_an_empty_one(tmp_path: Path) -> None:
    with RuleFiles(tmp_path / "new" / "folder", ["a", "b"], inputs=[]) as files:
        files.write("a", b"{}")
    assert (tmp_path / "new/folder/a.jsonl").read_bytes() == b"{}\n"
    assert (tmp_path / "new/folder/b.jsonl").read_bytes() == b""


def test_files_of_an_earlier_run_are_replaced(tmp_path: Path) -> None:
    for line in (b"1", b"2"):
        with RuleFiles(tmp_path, ["a"], inputs=[]) as files:
            files.write("a", line)
    assert (tmp_path / "a.jsonl").read_bytes() == b"2\n"


@pytest.mark.parametrize("pair", [("Large", "large"), ("é", "e\u0301")])
def test_rules_whose_files_some_systems_take_for_one_are_refused(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="would share a file"):
        RuleFiles(tmp_path, pair, inputs=[])


def test_a_name_that_is_too_long_for_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too long for a file"):
        RuleFiles(tmp_path, ["x" * 300], inputs=[])


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    events = tmp_path / "large.jsonl"
    events.write_bytes(b"{}\n")
    with pytest.raises(InputError, match="would overwrite the input"):
        RuleFiles(tmp_path, ["large"], inputs=[str(events)])
    assert events.read_bytes() == b"{}\n"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc")
def test_few_files_are_open_however_many_rules_there_are(tmp_path: Path) -> None:
    rules = [f"rule {number}" for number in range(300)]
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  counting, not visiting
    with RuleFiles(tmp_path, rules, inputs=[], most_open=8) as files:
        for rule in rules * 2:
            files.write(rule, b"{}")
        assert len(os.listdir("/proc/self/fd")) <= before + 8  # noqa: PTH208
    assert all((tmp_path / f"{rule}.jsonl").read_bytes() == b"{}\n{}\n" for rule in rules)
