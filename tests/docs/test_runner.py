"""The runner of documentation blocks, on pages made for it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from . import commands
from .blocks import PageError, blocks_of
from .page import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Page]:
    """Write a page and do what it says."""

    def run_page(text: str) -> Page:
        path = tmp_path / "page.md"
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        folder = tmp_path / "folder"
        folder.mkdir()
        page = Page(path, folder)
        page.run(monkeypatch)
        return page

    return run_page


def test_python_blocks_of_a_page_share_their_names(run: Callable[[str], Page]) -> None:
    page = run("""
        ```python
        price = 20
        ```

        ```python
        total = price * 2
        ```
        """)
    assert vars(page.module)["total"] == 40


def test_an_error_is_reported_with_its_file_and_line(run: Callable[[str], Page]) -> None:
    with pytest.raises(PageError, match=r"page\.md:5: ZeroDivisionError"):
        run("""
            # Title

            ```python
            price = 20
            price / 0
            ```
            """)


def test_a_syntax_error_is_reported_with_its_line(run: Callable[[str], Page]) -> None:
    with pytest.raises(PageError, match=r"page\.md:3: this is not Python"):
        run("""
            ```python
            price = 20
            price =
            ```
            """)


@pytest.mark.parametrize("definition", ["def", "async def"])
def test_a_test_in_a_block_is_run(run: Callable[[str], Page], definition: str) -> None:
    with pytest.raises(PageError, match=r"page\.md:3: AssertionError: ran"):
        run(f"""
            ```python
            {definition} test_prices_add_up() -> None:
                raise AssertionError("ran")
            ```
            """)


def test_a_test_is_run_once(run: Callable[[str], Page]) -> None:
    page = run("""
        ```python
        calls = []
        def test_it_counts() -> None:
            calls.append(1)
        ```

        ```python
        other = 1
        ```
        """)
    assert vars(page.module)["calls"] == [1]


def test_a_named_file_is_written_and_can_be_imported(run: Callable[[str], Page]) -> None:
    page = run("""
        ```python
        # file: shopfront/prices.py
        APPLE = 3
        ```

        ```python
        from shopfront.prices import APPLE
        ```
        """)
    assert vars(page.module)["APPLE"] == 3


def test_what_one_page_wrote_another_does_not_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals: list[object] = []
    for price in (1, 2):
        folder = tmp_path / str(price)
        folder.mkdir()
        path = folder / "page.md"
        path.write_text(
            f"```python\n# file: stall.py\nAPPLE = {price}\n```\n"
            "```python\nfrom stall import APPLE\n```\n"
        )
        page = Page(path, folder)
        page.run(monkeypatch)
        totals.append(vars(page.module)["APPLE"])
    assert totals == [1, 2]


def test_a_file_outside_the_folder_is_refused(run: Callable[[str], Page]) -> None:
    with pytest.raises(PageError, match=r"page\.md:2: \.\./out\.json is outside"):
        run("""
            ```json
            # file: ../out.json
            {}
            ```
            """)


def test_a_json_file_is_written_without_its_marker(run: Callable[[str], Page]) -> None:
    page = run("""
        ```json
        # file: event.json
        {"id": "1"}
        ```
        """)
    assert (page.folder / "event.json").read_text() == '{"id": "1"}\n'


@pytest.mark.parametrize(
    ("kind", "text", "trouble"),
    [
        ("json", "{", "this is not JSON"),
        ("jsonl", "{", "line 1 is not JSON"),
        ("toml", "=", "this is not TOML"),
        ("toml", 'colour = "red"', "eventroute does not read this"),
        ("ruby", "puts 1", "unknown kind of block 'ruby'"),
        ("", "puts 1", "unknown kind of block ''"),
        ("console", "ls", "starts with a command"),
        ("console", "", "without a command"),
        ("console", "$ false", "exited with 1, not 0"),
        ("console", "$ true\n# exit 3", "exited with 0, not 3"),
        ("console", "$ echo one\ntwo", "printed\none\nand not\ntwo"),
        ("console", "$ make coffee", "the Makefile has no target coffee"),
        ("console", "$ pip install 'eventroute[moon]'", "eventroute has no extra moon"),
        ("console", "$ pip install leftpad", "'leftpad' is not eventroute"),
        ("console", "$ pip install -e . --group tea", "no dependency group 'tea'"),
        ("console", "$ pre-commit dance", "not a way to use pre-commit"),
    ],
)
def test_a_block_that_does_not_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, text: str, trouble: str
) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"```{kind}\n{text}\n```\n")
    with pytest.raises(PageError) as caught:
        Page(path, tmp_path).run(monkeypatch)
    assert f"{path}:2: " in str(caught.value)
    assert trouble in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "anything"),
        ("mermaid", "graph TD"),
        ("toml", 'backend = "memory"'),
        ("sh", "$ echo one two three\none ... three"),
        ("console", "$ echo one \\\n>   two\none two"),
        ("console", "$ sh -c 'echo bad >&2; exit 4'\n# exit 4\nbad"),
        ("console", "$ make test\n$ make PYTHON=python3 check"),
        (
            "console",
            "$ pip install 'eventroute[trio]>=0.1'\n$ python -m pip install -e . --group dev",
        ),
        ("console", "$ pre-commit install"),
    ],
)
def test_a_block_that_holds_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, text: str
) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"```{kind}\n{text}\n```\n")
    Page(path, tmp_path).run(monkeypatch)


def test_a_command_that_hangs_is_ended(
    run: Callable[[str], Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "SECONDS", 0.2)
    with pytest.raises(PageError, match=r"page\.md:2: 'tail -f /dev/null' ran for over"):
        run("""
            ```console
            $ tail -f /dev/null
            ```
            """)


def test_a_fence_inside_a_list_is_found(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("1. First\n\n    ```python\n    if 1:\n        x = 1\n    ```\n")
    assert [block.text for block in blocks_of(path)] == ["if 1:\n    x = 1\n"]


def test_a_longer_fence_holds_shorter_ones(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("````text\n```python\n1 / 0\n```\n````\n")
    assert [block.kind for block in blocks_of(path)] == ["text"]


def test_a_fence_that_is_never_closed_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("text\n\n```python\n")
    with pytest.raises(PageError, match=r"page\.md:3: this fence is never closed"):
        blocks_of(path)
