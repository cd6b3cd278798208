"""One engine on one workload in a process of its own; prints one line of JSON.

Runs in the environment of the engine, so that it imports nothing of the others.
"""

from __future__ import annotations

import gc
import json
import random
import sys
from collections import Counter
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.engines import ENGINES, Engine
from benchmarks.measure import (
    OverBudgetError,
    add_all,
    bytes_a_rule,
    seconds_a_call,
    seconds_an_event,
)

__all__ = ["main"]

_CHANGES = 300


class Worker:
    """A job's data, read from the folder that the parent process has filled."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._folder = Path(job["folder"])
        self._budget: float = job["budget"]
        self._events = (self._folder / "events.jsonl").read_bytes().splitlines()
        self._expected: list[list[int]] = json.loads((self._folder / "expected.json").read_text())
        self._engine: Engine = ENGINES[job["engine"]]()
        self.result: dict[str, Any] = {"version": self._engine.version}

    def _rules(self) -> list[dict[str, Any]]:
        with (self._folder / "rules.jsonl").open() as lines:
            return [json.loads(line) for line in lines]

    def time(self, *, check: bool, grows: bool) -> None:
        """Add the rules, check the answers, time them; then change the rules, if asked for."""
        rules = self._rules()
        takes_parsed = self._engine.match_parsed is not None
        parsed = [json.loads(event) for event in self._events] if takes_parsed else []
        gc.collect()
        gc.freeze()  # the collector must not walk through our data while the engine works
        engine, result = self._engine, self.result
        result["add"] = [add_all(engine, rules, self._budget)]
        result["first"] = [seconds_a_call(engine.match_text, self._events[:1])]
        if check:
            result["wrong"] = self._first_wrong_answer(set(), in_order=True)
        result["text"] = seconds_an_event(engine.match_text, self._events, self._budget)
        if engine.match_parsed is not None:
            result["parsed"] = seconds_an_event(engine.match_parsed, parsed, self._budget)
        if grows:
            self._change(rules)

    def _change(self, rules: list[dict[str, Any]]) -> None:
        engine, result = self._engine, self.result
        chosen = random.Random(5).sample(range(len(rules)), k=min(_CHANGES, len(rules) // 2))
        result["remove"] = [seconds_a_call(engine.remove, chosen)]
        result["wrong"] = result.get("wrong") or self._first_wrong_answer(set(chosen))
        result["add at N"] = [seconds_a_call(lambda name: engine.add(name, rules[name]), chosen)]
        after: list[float] = []
        start = process_time()
        for name, event in zip(chosen, self._events, strict=False):
            engine.remove(name)
            after.append(seconds_a_call(engine.match_text, [event]))
            engine.add(name, rules[name])
            after.append(seconds_a_call(engine.match_text, [event]))
            if process_time() - start > self._budget:
                break
        result["after a change"] = after
        result["wrong"] = result["wrong"] or self._first_wrong_answer(set())

    def _first_wrong_answer(self, removed: set[int], *, in_order: bool = False) -> str | None:
        start = process_time()
        for number, expected in enumerate(self._expected):
            right = [name for name in expected if name not in removed]
            answers = [self._engine.match_text(self._events[number])]
            if self._engine.match_parsed is not None:
                answers.append(self._engine.match_parsed(json.loads(self._events[number])))
            for answer in answers:
                if (answer if in_order else sorted(answer)) != right:
                    return f"event {number}: {_difference(answer, right)}"
            if process_time() - start > self._budget:
                break
        return None

    def memory(self) -> None:
        """Take the memory of each rule; slow, so that nothing else is timed in this process."""
        self.result["bytes"] = [
            bytes_a_rule(self._engine, self._rules, self._events, self._budget * 4)
        ]

    def count(self) -> None:
        """Count how many events each rule matches."""
        add_all(self._engine, self._rules(), self._budget)
        counts: Counter[int] = Counter()
        for event in self._events:
            counts.update(self._engine.match_text(event))
        self.result["counts"] = [counts[name] for name in range(len(self._rules()))]


def _difference(answer: list[int], right: list[int]) -> str:
    missing = sorted(set(right) - set(answer))[:3]
    extra = sorted(set(answer) - set(right))[:3]
    parts = [f"misses rules {missing}" if missing else "", f"adds rules {extra}" if extra else ""]
    return ", ".join(part for part in parts if part) or "names rules twice or in another order"


def main(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job: ``time``, ``memory`` or ``count``."""
    worker: Worker | None = None
    try:
        worker = Worker(job)
        if job["do"] == "time":
            worker.time(check=job["check"], grows=job["grows"])
        elif job["do"] == "memory":
            worker.memory()
        else:
            worker.count()
    except ImportError as error:
        return {"cannot": f"not installed ({error})"}
    except OverBudgetError as error:
        return {**(worker.result if worker else {}), "over": str(error)}
    except Exception as error:  # whatever a rival raises is a finding, not a crash
        reason = str(error).strip().splitlines()
        kind = type(error).__name__
        return {
            **(worker.result if worker else {}),
            "cannot": f"{kind}: {reason[0] if reason else ''}",
        }
    return worker.result


if __name__ == "__main__":
    print(f"\n{json.dumps(main(json.loads(sys.argv[1])))}")
