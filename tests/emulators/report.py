"""Asks both emulators everything, and writes what differs: `python -m tests.emulators.report`."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import anyio

from tools.emulators import NotAvailableError, localstack, ministack

from .asking import asked_filters, asked_rules
from .cases import filters, rules
from .known import FILE, NEW, WHO, groups, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.emulators import Emulator

    from .cases import Answer, Case

__all__ = ["PAGE", "WAIT", "page_with"]

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "emulators.md"
WAIT: Final = {"ministack": 0, "localstack": 1}
"""Seconds until a message is there, at most; ministack hands it on before it answers."""


def page_with(page: str, kind: str) -> str:
    """The page with the table of ``"rules"`` or of ``"filters"`` as it should be."""
    begin, end = f"<!-- begin {kind} -->\n", f"<!-- end {kind} -->"
    head, _, rest = page.partition(begin)
    tail = rest.partition(end)[2]
    table = "\n".join(rows(kind))
    return f"{head}{begin}\n{table}\n\n{end}{tail}"


async def _asked(emulator: Emulator, cases: dict[str, Sequence[Case]]) -> dict[str, Answer]:
    wait = WAIT[emulator.name]
    found = await asked_rules(emulator, cases["rules"])
    return found | await asked_filters(emulator, cases["filters"], wait=wait)


def _everything(cases: dict[str, Sequence[Case]]) -> dict[str, dict[str, Answer]]:
    """All answers, by who gave them, and case."""
    found: dict[str, dict[str, Answer]] = {
        "aws": {one.name: one.aws for several in cases.values() for one in several},
        "eventroute": {one.name: one.ours for several in cases.values() for one in several},
    }
    makers: list[Callable[[Path], Emulator]] = [partial(ministack, auth=False), localstack]
    for make in makers:
        with TemporaryDirectory() as folder, make(Path(folder)) as emulator:
            os.environ |= emulator.variables()
            found[emulator.name] = anyio.run(_asked, emulator, cases)
    return found


def main() -> int:
    """Write what is known, and the page; 1 where it cannot be asked, or a reason is missing."""
    shared = ROOT.parent / "shared"
    if not shared.is_dir():
        print(
            f"no folder {shared.name!r} beside the checkout, where the cases are", file=sys.stderr
        )
        return 1
    cases: dict[str, Sequence[Case]] = {"rules": rules(shared), "filters": filters(shared)}
    try:
        answers = _everything(cases)
    except NotAvailableError as error:
        print(f"an emulator cannot be asked: {error}", file=sys.stderr)
        return 1
    written: dict[str, list[dict[str, Any]]] = {}
    for kind, several in cases.items():
        sorted_in = {name: group.what for group in groups(kind) for name in group.cases}
        found: dict[str, dict[str, list[Answer]]] = {group.what: {} for group in groups(kind)}
        for name in (one.name for one in several):
            given = [answers[who][name] for who in WHO]
            if any(answer != given[0] for answer in given):
                found.setdefault(sorted_in.get(name, NEW), {})[name] = given
        written[kind] = [{"what": what, "cases": it} for what, it in found.items() if it]
    FILE.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    for kind in cases:
        page = page_with(page, kind)
    PAGE.write_text(page, encoding="utf-8")
    new = sum(len(group.cases) for kind in cases for group in groups(kind) if group.what == NEW)
    if new:
        print(f"{new} cases are {NEW}: sort them in {FILE.name}", file=sys.stderr)
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
