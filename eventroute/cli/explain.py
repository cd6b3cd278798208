"""``eventroute explain``: why an event matches a pattern, or does not."""

from contextlib import suppress
from typing import Annotated, Final

import typer
from rich.text import Text
from rich.tree import Tree

from eventroute.cli.documents import Document, read_document
from eventroute.cli.failure import InputError, errors_exit_with
from eventroute.cli.nearest import show_nearest
from eventroute.cli.output import Output, printable, report
from eventroute.cli.pattern_argument import check_place, is_json, read_pattern
from eventroute.cli.reading import STDIN, lines, name_of, opened, read_whole
from eventroute.cli.rules import choose_rule, read_rules
from eventroute.errors import EventRouteError
from eventroute.jsontext import MAX_BYTES
from eventroute.pattern import Explanation

__all__ = ["explain"]

_CHOOSE_RULE: Final = "choose a pattern with --rule NAME, or --nearest 3 for all"
_CHOOSE_LINE: Final = "choose one line with --line"


def explain(
    pattern: Annotated[
        str, typer.Argument(metavar="PATTERN", help="A pattern as JSON text, a file, or '-'.")
    ],
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="An event as JSON text, a file, or '-'.")
    ],
    *,
    rule: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="PATTERN is a rule file; take this rule of it."),
    ] = None,
    nearest: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            min=0,
            help="PATTERN is a rule file; tell which rules match, and explain so many near misses.",
        ),
    ] = None,
    line: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", min=1, help="EVENT has one event a line; take this line."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the explanation as JSON.")] = False,
) -> None:
    """Say why an event matches a pattern, or does not: clause by clause.

    A text that starts with '{' is JSON, '-' is stdin, everything else is a file. Of a rule file
    take one rule with --rule, or ask for all of them with --nearest.

    For example:
      eventroute explain '{"source": ["shop.orders"]}' event.json
      eventroute explain rules.toml --rule large events.jsonl --line 3
      eventroute explain rules.toml --nearest 3 event.json
      tail -n 1 events.jsonl | eventroute explain pattern.json - --json

    Exit codes:
      0  the event matches, with --nearest any rule
      1  it does not
      2  the pattern, the event or the usage is wrong, or reading or writing failed
    """
    if pattern == event == STDIN:
        raise typer.BadParameter("stdin can be read only once; name a file for one of the two")
    if rule is not None and is_json(pattern):
        raise typer.BadParameter("--rule needs a rule file as PATTERN, not JSON text")
    if line is not None and is_json(event):
        raise typer.BadParameter("--line needs a file as EVENT, not JSON text")
    if nearest is not None and (rule is not None or is_json(pattern)):
        raise typer.BadParameter("--nearest asks for all rules of a file: name one, without --rule")
    with errors_exit_with(2):
        if nearest is not None:
            rules = read_rules(pattern)
            document = _read(event, line)
            output = Output()
            matched = show_nearest(output, rules, document.value, nearest, as_json=json)
            output.flush()
            if matched:
                return
            raise typer.Exit(1)
        chosen = (
            read_pattern(pattern, toml_remedy=_CHOOSE_RULE)
            if rule is None
            else choose_rule(pattern, rule)
        )
        document = _read(event, line)
        explanation = chosen.explain(document.value)
        output = Output()
        _show(output, explanation, as_json=json)
        output.flush()
    if not explanation.matched:
        raise typer.Exit(1)


def _read(argument: str, line: int | None) -> Document:
    document = _read_event(argument) if line is None else _read_line(argument, line)
    if document.note is not None:
        report(f"note: the event was {document.note}")
    return document


def _read_event(argument: str) -> Document:
    if is_json(argument):
        try:
            return read_document(argument)
        except EventRouteError as error:
            raise InputError(f"the event: {error}") from None
    check_place(argument)
    text = read_whole(argument, max_bytes=MAX_BYTES, remedy=_CHOOSE_LINE)
    try:
        return read_document(text)
    except EventRouteError as error:
        remedy = f"; {_CHOOSE_LINE}" if _has_events(text) else ""
        raise InputError(f"{name_of(argument)}: {error}{remedy}") from None


def _has_events(text: bytes) -> bool:
    first, _, others = text.strip().partition(b"\n")
    with suppress(EventRouteError):
        read_document(first)
        return bool(others)
    return False


def _read_line(argument: str, number: int) -> Document:
    with opened(argument) as stream:
        for line in lines(stream, name=name_of(argument)):
            if line.number == number:
                try:
                    return read_document(line.content)
                except EventRouteError as error:
                    raise InputError(f"{name_of(argument)}:{number}: {error}") from None
    raise InputError(f"{name_of(argument)} has no line {number}, or it is blank")


def _show(output: Output, explanation: Explanation, *, as_json: bool) -> None:
    if as_json:
        output.show_json(explanation.to_dict(), indent=2)
    elif output.terminal:
        output.show_rich(_tree(str(explanation).splitlines()))
    else:
        for line in str(explanation).splitlines():
            output.show(printable(line))


def _tree(text: list[str]) -> Tree:
    """Draw the levels that the text shows by its indentation."""
    root = Tree(_coloured(text[0]))
    parents = [(0, root)]
    for line in text[1:]:
        depth = len(line) - len(line.lstrip(" "))
        while parents[-1][0] >= depth:
            parents.pop()
        parents.append((depth, parents[-1][1].add(_coloured(line.lstrip(" ")))))
    return root


def _coloured(line: str) -> Text:
    style = {"✓": "green", "✗": "red"}.get(line[:1], "dim")
    return Text(printable(line), style)
