"""``eventroute check``: what is wrong with rules, before any event comes."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Annotated, Final

import typer
from rich.text import Text

from eventroute.cli.failure import InputError
from eventroute.cli.output import Output, printable, report
from eventroute.cli.reading import STDIN, name_of, read_whole
from eventroute.cli.rules import read_rules
from eventroute.errors import ContractError, JSONTextError
from eventroute.jsontext import MAX_BYTES, parse
from eventroute.pattern import Pattern
from eventroute.pattern.analysis import (
    DETAIL_POINTER,
    ContainedPair,
    Finding,
    Relation,
    Verdict,
    check_against_schema,
    contained_pairs,
    find_misspelt_names,
    find_redundancies,
)
from eventroute.pattern.analysis import detail_schema as schema_around

__all__ = ["check"]

_MOST_COMPARED: Final = 500
_STYLES: Final = {Verdict.NEVER: "red", Verdict.SUSPICIOUS: "yellow"}


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found.

    :ivar findings: by the name of the rule.
    :ivar pairs: rules that match the same events, or a part of them.
    :ivar compared: whether each rule was compared with each other one.
    """

    findings: dict[str, list[Finding]]
    pairs: tuple[ContainedPair, ...]
    compared: bool

    def count(self) -> Counter[Verdict]:
        """How many findings there are of each verdict."""
        return Counter(each.verdict for found in self.findings.values() for each in found)


def check(
    rules: Annotated[
        str,
        typer.Argument(metavar="RULES", help="TOML or JSON file with a pattern under each name."),
    ],
    schema: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="JSON Schema of the whole events; '-' is stdin."),
    ] = None,
    detail_schema: Annotated[
        str | None,
        typer.Option(
            "--detail-schema", metavar="FILE", help="JSON Schema of their detail; '-' is stdin."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find mistakes in rules before any event comes.

    Without a schema: names that look misspelt, tests and alternatives that change nothing, and
    rules that match the same events as another rule, or a part of them. With a schema of the
    events that the rules are for: clauses that can never match, clauses that always do, and fields
    that it does not declare.

    For example:
      eventroute check rules.toml
      eventroute check rules.toml --detail-schema schemas/shop.orders/OrderPlaced/1.json
      eventroute check rules.json --schema event.json --json

    Exit codes:
      0  nothing is certain to be wrong
      1  a clause can never match, a pattern is not valid, or a file cannot be used
      2  bad usage
    """
    if schema is not None and detail_schema is not None:
        raise typer.BadParameter("--schema and --detail-schema say the same twice; give one")
    place = schema or detail_schema
    if rules == place == STDIN:
        raise typer.BadParameter("stdin can be read only once; name a file for one of the two")
    patterns = read_rules(rules)
    events = None if place is None else _read_schema(place, of_detail=schema is None)
    above = "" if schema is not None else DETAIL_POINTER
    checked = _check(patterns, events, place or "", above)
    if json:
        Output().show_json(_to_json(checked), indent=2)
    else:
        _show(Output(), checked)
    if len(patterns) > _MOST_COMPARED:
        report(
            f"{len(patterns):,} rules are too many to compare each with each; at most "
            f"{_MOST_COMPARED:,} are. Split {name_of(rules)} to compare them"
        )
    elif not checked.compared:
        report("some rules are too intricate to compare with every other one; they may overlap")
    if checked.count()[Verdict.NEVER]:
        raise typer.Exit(1)


def _read_schema(place: str, *, of_detail: bool) -> dict[str, object]:
    text = read_whole(place, max_bytes=MAX_BYTES, remedy="a schema is far smaller")
    try:
        value = parse(text)
    except JSONTextError as error:
        raise InputError(f"{name_of(place)} is not JSON that can be read: {error}") from None
    if not isinstance(value, dict):
        raise InputError(f'{name_of(place)} must hold a JSON Schema, such as {{"type": "object"}}')
    return schema_around(value) if of_detail else value


def _check(
    patterns: dict[str, Pattern], schema: dict[str, object] | None, place: str, above: str
) -> _Checked:
    findings: dict[str, list[Finding]] = {}
    for name, pattern in patterns.items():
        found = [] if schema is None else _against_schema(pattern, schema, place, above)
        findings[name] = [*found, *find_misspelt_names(pattern), *find_redundancies(pattern)]
    if len(patterns) > _MOST_COMPARED:
        return _Checked(findings, (), compared=False)
    containment = contained_pairs(patterns)
    return _Checked(findings, containment.pairs, containment.complete)


def _against_schema(
    pattern: Pattern, schema: dict[str, object], place: str, above: str
) -> list[Finding]:
    """Check a pattern; pointers into the schema are made to begin where the file does."""
    try:
        found = check_against_schema(pattern, schema)
    except ContractError as error:
        raise InputError(f"{name_of(place)}: {error}") from None
    return [replace(each, schema_pointer=_below(above, each.schema_pointer)) for each in found]


def _below(above: str, pointer: str | None) -> str | None:
    if pointer is None or not pointer.startswith(above):
        return None  # it is the envelope that decides, which is not in the file
    return pointer.removeprefix(above)


def _to_json(checked: _Checked) -> dict[str, object]:
    return {
        "rules": {
            name: [finding.to_dict() for finding in found]
            for name, found in checked.findings.items()
        },
        "relations": [
            {"first": pair.first, "second": pair.second, "relation": pair.relation.value}
            for pair in checked.pairs
        ],
        "compared": checked.compared,
    }


def _show(output: Output, checked: _Checked) -> None:
    for name, found in checked.findings.items():
        for finding in found:
            place = printable(f"{name} {finding.pointer or '(whole pattern)'}")
            verdict, reason = finding.verdict.value, printable(_reason(finding))
            if output.terminal:
                style = _STYLES.get(finding.verdict, "cyan")
                output.show_rich(
                    Text.assemble((place, "bold"), "  ", (verdict, style), f"  {reason}")
                )
            else:
                output.show(f"{place}  {verdict}  {reason}")
    for pair in checked.pairs:
        output.show(printable(_sentence(pair)))
    output.show(_summary(checked))


def _reason(finding: Finding) -> str:
    where = finding.schema_pointer
    return f"{finding.reason} (schema {where})" if where else finding.reason


def _sentence(pair: ContainedPair) -> str:
    if pair.relation is Relation.EQUAL:
        return f"{pair.first} and {pair.second} match the same events"
    return f"{pair.first} matches whatever {pair.second} matches"


def _summary(checked: _Checked) -> str:
    summary = _counted(len(checked.findings), "rule")
    # A finding about the whole pattern has no place in it.
    never = sum(
        any(each.verdict is Verdict.NEVER and not each.pointer for each in found)
        for found in checked.findings.values()
    )
    if never:
        summary = f"{never:,} of {summary} can never match"
    counts = checked.count()
    told = ", ".join(
        f"{counts[verdict]:,} {verdict.value}" for verdict in Verdict if counts[verdict]
    )
    return f"{summary}; {_counted(counts.total(), 'finding')}{f': {told}' if told else ''}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
