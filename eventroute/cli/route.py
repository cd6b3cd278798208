"""``eventroute route``: which rules match which events of a file."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from eventroute.cli.documents import Document, read_document
from eventroute.cli.failure import CommandError
from eventroute.cli.meter import Meter
from eventroute.cli.output import Output, printable, report
from eventroute.cli.reading import (
    STDIN,
    Line,
    check_readable,
    lines,
    name_of,
    opened,
    regular_size,
)
from eventroute.cli.rule_files import RuleFiles
from eventroute.cli.rules import read_rules
from eventroute.cli.tally import Tally
from eventroute.errors import EventRouteError
from eventroute.pattern import PatternIndex

__all__ = ["route"]


def route(
    rules: Annotated[
        str,
        typer.Argument(metavar="RULES", help="TOML or JSON file with a pattern under each name."),
    ],
    events: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EVENTS",
            help="Files with one event a line; stdin when none is named, or for '-'.",
            show_default=False,
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the lines that match RULE to DIR/RULE.jsonl."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the table.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first line that holds no event.")
    ] = False,
) -> None:
    """Show which rules match which events, and how many.

    A line holds an envelope with source, detail-type and detail, or a bare detail. A line that
    holds no event is reported on stderr and counted; the others are still routed.

    For example:
      eventroute route rules.toml events.jsonl
      tail -f events.jsonl | eventroute route rules.toml --json
      eventroute route rules.toml *.jsonl --out sorted --quiet

    Exit codes:
      0  every line was read; bad lines are only counted
      1  a file cannot be used, a pattern is not valid, or --strict met a bad line
      2  bad usage
    """
    places = events or [STDIN]
    if [rules, *places].count(STDIN) > 1:
        raise typer.BadParameter("stdin can be read only once; '-' stands there twice")
    index = PatternIndex[str]()
    for name, pattern in read_rules(rules).items():
        index.add(name, pattern)
    _check(places)
    output = Output()
    tally = Tally(index)
    printing = not quiet and out is None
    with ExitStack() as stack:
        meter = stack.enter_context(Meter(_total_size(places), hidden=printing and output.terminal))
        files = None
        if out is not None:
            files = stack.enter_context(RuleFiles(out, index, inputs=[rules, *places]))
        for place, line in _read(places, output, meter):
            try:
                document = read_document(line.content)
                matched = index.match(document.value)
            except EventRouteError as error:
                tally.bad_lines += 1
                message = f"{name_of(place)}:{line.number}: {error}"
                if strict:
                    raise CommandError(message) from None
                report(message)
                continue
            tally.count(matched)
            if files is not None and line.content is not None:
                for rule in matched:
                    files.write(rule, line.content)
            if printing:
                _show(output, name_of(place), line.number, document, matched, as_json=json)
    if json:
        output.show_json({"summary": tally.to_dict()})
        return
    if printing and tally.events:
        output.show("")
    tally.show(output)


def _check(places: Sequence[str]) -> None:
    for place in places:
        check_readable(place)
    if STDIN in places and sys.stdin.isatty():
        report("reading events from the terminal; Ctrl-D ends them")


def _read(places: Sequence[str], output: Output, meter: Meter) -> Iterator[tuple[str, Line]]:
    before = so_far = 0

    def note(total: int) -> None:
        nonlocal so_far
        so_far = before + total
        # Reading may block: whoever reads the output should not wait with us.
        output.flush()
        meter.read(name_of(place), so_far)

    for place in places:
        before = so_far
        with opened(place) as stream:
            for line in lines(stream, name=name_of(place), before_read=note):
                yield place, line


def _total_size(places: Sequence[str]) -> int | None:
    sizes = [regular_size(place) for place in places]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _show(
    output: Output, name: str, number: int, document: Document, rules: list[str], *, as_json: bool
) -> None:
    if as_json:
        output.show_json({"file": name, "line": number, "id": document.id, "rules": rules})
        return
    note = f"  ({printable(document.note or '')})" if document.meant_as_envelope else ""
    place, label = printable(f"{name}:{number}"), printable(document.label)
    matched = printable(", ".join(rules)) or "(none)"
    if output.terminal:
        style = "green" if rules else "dim"
        output.show_rich(
            Text.assemble((place, "dim"), "  ", (label, "bold"), "  → ", (matched, style), note)
        )
    else:
        output.show(f"{place}  {label}  → {matched}{note}")
