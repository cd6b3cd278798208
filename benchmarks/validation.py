"""What checking an untyped event against its contract costs, beside the validators alone.

Each of the 329 webhooks of `../shared/events` is checked against the definition of its type in the
schema that GitHub publishes. The engines take turns, so that noise meets all alike.

    python -m benchmarks.validation [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

import jsonschema

from eventroute import Event
from eventroute.registry.validation import Checker

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = Path(__file__).parents[1] / "../shared/events"
PLAIN = "jsonschema, all errors"
Valid = Callable[[Mapping[str, Any]], bool]


def definitions_of(value: object) -> Iterator[str]:
    """Yield the names of the definitions that a schema refers to itself."""
    if isinstance(value, dict):
        members: dict[str, object] = value
        for name, member in members.items():
            if name == "$ref":
                yield str(member).rpartition("/")[2]
            else:
                yield from definitions_of(member)
    elif isinstance(value, list):
        elements: list[object] = value
        for element in elements:
            yield from definitions_of(element)


@cache
def published() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((EVENTS / "github_webhooks.schema.json").read_text("utf-8"))
    return schema


@cache
def contract(detail_type: str) -> dict[str, Any]:
    """The schema of one event type, with what it refers to."""
    definitions = published()["definitions"]
    kind, _, action = detail_type.partition(".")
    name = f"{kind}${action or 'event'}"
    if name not in definitions:
        name = f"{kind}$event"
    needed: dict[str, Any] = {}
    pending = [name]
    while pending:
        one = pending.pop()
        if one not in needed:
            needed[one] = definitions[one]
            pending.extend(definitions_of(needed[one]))
    schema = published()["$schema"]
    return {"$schema": schema, "$ref": f"#/definitions/{name}", "definitions": needed}


def ours(schema: dict[str, Any]) -> Valid:
    checker = Checker(schema, "github.com")
    return lambda detail: not checker.violations(detail)


def ours_alone(schema: dict[str, Any]) -> Valid:
    checker = Checker(schema, "github.com", fast=False)
    return lambda detail: not checker.violations(detail)


def plain(schema: dict[str, Any]) -> Valid:
    validator: Any = jsonschema.Draft7Validator(schema)
    return lambda detail: not list(validator.iter_errors(detail))


def plain_first(schema: dict[str, Any]) -> Valid:
    validator: Any = jsonschema.Draft7Validator(schema)
    return lambda detail: bool(validator.is_valid(detail))


def rust(schema: dict[str, Any]) -> Valid:
    module: Any = import_module("jsonschema_rs")
    valid: Valid = module.validator_for(schema, offline=True).is_valid
    return valid


def generated(schema: dict[str, Any]) -> Valid:
    module: Any = import_module("fastjsonschema")
    check: Any = module.compile(schema)

    def valid(detail: Mapping[str, Any]) -> bool:
        try:
            check(detail)
        except module.JsonSchemaException:
            return False
        return True

    return valid


ENGINES: dict[str, tuple[str, Callable[[dict[str, Any]], Valid]]] = {
    PLAIN: ("jsonschema", plain),
    "jsonschema, valid or not": ("jsonschema", plain_first),
    "eventroute": ("eventroute", ours_alone),
    "eventroute[fast]": ("jsonschema-rs", ours),
    "jsonschema-rs, valid or not": ("jsonschema-rs", rust),
    "fastjsonschema, valid or not": ("fastjsonschema", generated),
}


def seconds(checks: list[tuple[Valid, dict[str, Any]]]) -> float:
    start = process_time()
    for valid, detail in checks:
        valid(detail)
    return (process_time() - start) / len(checks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    lines = (EVENTS / "github_webhooks.jsonl").read_bytes().splitlines()
    events = [Event.from_json(line) for line in lines]
    details = [(event.detail_type, event.detail) for event in events]
    ours(contract(details[0][0]))  # imports everything before the clock runs
    sets: dict[str, dict[str, list[tuple[Valid, dict[str, Any]]]]] = {"all": {}, "valid": {}}
    compile_times: dict[str, float] = {}
    for name, (package, make) in ENGINES.items():
        try:
            version(package)
        except ImportError:
            print(f"{name}: {package} is not installed")
            continue
        start = process_time()
        compiled = {kind: make(contract(kind)) for kind in sorted({kind for kind, _ in details})}
        compile_times[name] = (process_time() - start) / len(compiled)
        sets["all"][name] = [(compiled[kind], detail) for kind, detail in details]
    fits = [valid(detail) for valid, detail in sets["all"]["eventroute"]]
    for name, checks in sets["all"].items():
        sets["valid"][name] = [check for check, fit in zip(checks, fits, strict=True) if fit]
        accepted = sum(valid(detail) for valid, detail in checks)
        print(f"{name} accepts {accepted} of {len(checks)}")
    values: dict[tuple[str, str], list[float]] = {
        (kind, name): [] for kind, checks in sets.items() for name in checks
    }
    for _ in range(options.rounds):
        for (kind, name), measured in values.items():
            measured.append(seconds(sets[kind][name]))
    table(values, compile_times)
    if options.json:
        keep(values, options.json)


def table(values: dict[tuple[str, str], list[float]], compile_times: dict[str, float]) -> None:
    print("\n| validations/s | valid ones | ratio | all 329 | ratio | compile a contract, ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, compiling in compile_times.items():
        cells: list[str] = []
        for kind in ("valid", "all"):
            middle = median(values[kind, name])
            ratio = median(values[kind, PLAIN]) / middle
            cells += [f"{1 / middle:,.0f}", f"{ratio:.2f}x"]
        print(f"| {name} | {' | '.join(cells)} | {compiling * 1e3:.1f} |")


def keep(values: dict[tuple[str, str], list[float]], file: Path) -> None:
    """Write every value in pyperf's format."""
    pyperf: Any = import_module("pyperf")
    about = {"python_version": platform.python_version(), "platform": platform.platform()}
    suite = [
        pyperf.Benchmark(
            [
                pyperf.Run(
                    measured,
                    metadata={"name": f"{kind} | {name}", "unit": "second", **about},
                    collect_metadata=False,
                )
            ]
        )
        for (kind, name), measured in values.items()
    ]
    pyperf.BenchmarkSuite(suite).dump(str(file), replace=True)


if __name__ == "__main__":
    main()
