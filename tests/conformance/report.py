"""Writes the tables of docs/conformance.md: `python -m tests.conformance.report`."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from eventroute.testing.conformance import (
    AdapterConformance,
    Verdict,
    promises_of,
    verdicts,
)
from tools.emulators import Emulator, NotAvailableError, localstack, ministack

from ..aws.eventbridge.archive.replaying import as_on_aws, proxied
from ..aws.kit import (
    ArchivedEventBridgeKit,
    Emulated,
    EmulatedEventBridgeKit,
    EmulatedSnsKit,
    MinistackKit,
    RestKit,
)
from .mutants import MUTANTS, kit_of
from .test_memory import TestMemory
from .test_sqlite import TestSqlite

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"

Verdicts = dict[str, Verdict]


def on_sns() -> Verdicts:
    """SNS and SQS, emulated: LocalStack shows what ministack cannot."""
    found = emulated(ministack, MinistackKit) | emulated(localstack, RestKit)
    return {name: found[name] for group in promises_of(EmulatedSnsKit).values() for name in group}


def emulated(emulator: Callable[[Path], Emulator], kit: type[Emulated]) -> Verdicts:
    """What a backend keeps on an emulator, which runs for it alone."""
    with TemporaryDirectory() as folder, emulator(Path(folder)) as running:
        os.environ |= running.variables()
        kit.use(running)
        return verdicts_of(kit)


def verdicts_of(kit: type[AdapterConformance]) -> Verdicts:
    """What a backend keeps."""
    return {one.name: one for one in verdicts(kit())}


def on_eventbridge() -> Verdicts:
    """An event bus, emulated; its archive behind a proxy that replays as AWS does."""
    found = emulated(ministack, EmulatedEventBridgeKit)
    with TemporaryDirectory() as folder, ministack(Path(folder), auth=False) as running:
        os.environ |= running.variables()
        with proxied(running, as_on_aws, action="StartReplay") as url:
            ArchivedEventBridgeKit.use(running)
            ArchivedEventBridgeKit.options |= {"endpoint_url": url}
            archived = verdicts_of(ArchivedEventBridgeKit)
    return {
        **found,
        **{name: archived[name] for name in promises_of(AdapterConformance)["archive"]},
    }


BACKENDS: dict[str, Callable[[], Verdicts]] = {
    "memory": lambda: verdicts_of(TestMemory),
    "sqlite": lambda: verdicts_of(TestSqlite),
    "sns": on_sns,
    "eventbridge": on_eventbridge,
}


def sentence(name: str) -> str:
    """The name of a property as people read it."""
    return name.removeprefix("test_").replace("_", " ")


def said(verdict: Verdict) -> str:
    """A verdict as the table has it."""
    return {True: "kept", False: "**broken**", None: "does not apply"}[verdict.kept]


def property_rows(found: Sequence[Verdicts]) -> Iterator[str]:
    """A table for each group, with a column for each backend."""
    for group, names in promises_of(AdapterConformance).items():
        yield f"\n### {group.replace('_', ' ').capitalize()}\n"
        yield f"| property | {' | '.join(BACKENDS)} |"
        yield f"| --- |{' --- |' * len(BACKENDS)}"
        for name in names:
            cells = " | ".join(said(verdict[name]) for verdict in found)
            yield f"| {sentence(name)} | {cells} |"


def mutant_rows(caught: Sequence[str]) -> Iterator[str]:
    """A table of the mutants, with the property that found each."""
    yield f"{len(caught)} broken adapters, each of them found:\n"
    yield "| what is broken | found by |"
    yield "| --- | --- |"
    for mutant, name in zip(MUTANTS, caught, strict=True):
        yield f"| {told(mutant.__doc__)} | {sentence(name)} |"


def told(text: str | None) -> str:
    """A mutant's sentence."""
    return (text or "").strip().removesuffix(".")


def between(page: str, name: str, rows: Iterator[str]) -> str:
    """Replace what stands between two marks of a page."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    pattern = f"{re.escape(begin)}.*{re.escape(end)}"
    if not re.search(pattern, page, re.DOTALL):
        raise LookupError(f"{PAGE.name} has no marks {begin} and {end}")
    text = "\n".join(rows)
    return re.sub(pattern, lambda _: f"{begin}\n{text}\n\n{end}", page, flags=re.DOTALL)


def main() -> int:
    """Run everything once, on asyncio; write the page; 1 where something is broken."""
    logging.disable(logging.CRITICAL)  # things go wrong on purpose
    try:
        found = [ask() for ask in BACKENDS.values()]
    except NotAvailableError as error:
        print(f"a backend cannot be asked: {error}", file=sys.stderr)
        return 1
    broken = [one for table in found for one in table.values() if one.kept is False]
    survivors: list[str] = []
    for mutant in MUTANTS:
        (verdict,) = verdicts(kit_of(mutant), [mutant.caught_by])
        if verdict.kept is not False:
            survivors.append(mutant.__name__)
    for one in broken:
        print(f"{one.name}: {one.reason}", file=sys.stderr)
    for name in survivors:
        print(f"the mutant {name} was not found", file=sys.stderr)
    if broken or survivors:
        return 1
    page = between(PAGE.read_text(encoding="utf-8"), "properties", property_rows(found))
    page = between(page, "mutants", mutant_rows([mutant.caught_by for mutant in MUTANTS]))
    PAGE.write_text(page, encoding="utf-8")
    count = sum(len(table) for table in found)
    print(f"{count} verdicts and {len(MUTANTS)} mutants in {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
