"""Throws random patterns and events at the pattern engine and tells what breaks a promise.

    python -m tools.fuzz [--inputs 100000] [--seed N] [--round N]

The promises: only documented errors come out, the index answers as its patterns do one by one, an
explanation agrees with the match, nothing hangs. A seed determines a run, and a round within it.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import traceback
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Final

from eventroute.errors import LimitExceededError, PatternError
from eventroute.pattern import Pattern, PatternIndex
from tools.fuzz_answers import (
    REFUSED,
    Answer,
    Given,
    answer_of,
    answer_of_all,
    index_of,
    is_allowed,
    lenient,
)
from tools.fuzz_inputs import Inputs, read_corpus

if TYPE_CHECKING:
    from types import FrameType

_STEPS: Final = 25
_MOST_PATTERNS: Final = 16
_SECONDS_A_ROUND: Final = 60


class BrokenPromiseError(Exception):
    """A finding."""


class Round:
    """Some patterns that come and go, and events for them; counts what it saw."""

    def __init__(self, inputs: Inputs, random: Random, counts: Counter[str]) -> None:
        self._inputs = inputs
        self._random = random
        self._counts = counts
        self._index = PatternIndex[int]()
        self._live: dict[int, Pattern] = {}
        self.last: object = None

    def run(self) -> None:
        """Take all steps.

        :raises BrokenPromiseError: telling which promise, with the inputs.
        """
        for name in range(0, _STEPS, 2):
            self._pattern(name, self._inputs.pattern())
            self._pattern(name + 1, self._inputs.pattern())
            self._event(self._inputs.event())
            self._event(self._inputs.event())

    def _pattern(self, name: int, text: str | bytes) -> None:
        self.last = text
        self._counts["patterns"] += 1
        try:
            pattern = Pattern(text)
        except PatternError:
            self._counts["patterns refused"] += 1
            return
        if Pattern(pattern.to_json()) != pattern:
            raise BrokenPromiseError(f"Pattern(…).to_json() means something else\n{text!r}")
        if len(self._live) >= _MOST_PATTERNS or self._random.random() < 0.2:
            for gone in self._random.sample(list(self._live), k=len(self._live) // 3):
                self._index.remove(gone)
                del self._live[gone]
        self._index.add(name, pattern)
        self._live[name] = pattern

    def _event(self, text: str | bytes) -> None:
        self.last = text
        self._counts["events"] += 1
        self._compare(text)
        value = lenient(text)
        if value is not None:
            self._compare(value)

    def _compare(self, event: Given) -> None:
        answers = {name: answer_of(pattern, event) for name, pattern in self._live.items()}
        self._counts["matches"] += sum(answer is True for answer in answers.values())
        together = answer_of_all(self._index, event)
        if not is_allowed(together, self._live, answers, event):
            raise BrokenPromiseError(self._difference(event))
        if REFUSED.isdisjoint(answers.values()):
            for name in self._random.sample(list(answers), k=min(2, len(answers))):
                self._explain(self._live[name], event, answers[name])
        elif not isinstance(event, dict):
            self._counts["events refused"] += 1

    def _explain(self, pattern: Pattern, event: Given, answer: Answer) -> None:
        self._counts["explanations"] += 1
        try:
            explanation = pattern.explain(event)
        except LimitExceededError:
            agrees = answer is LimitExceededError
        else:
            told = json.loads(json.dumps(explanation.to_dict()))["matched"]
            agrees = explanation.matched == told == answer and bool(str(explanation))
        if not agrees:
            inputs = f"pattern {pattern.to_json()}\nevent {event!r}"
            raise BrokenPromiseError(f"explain disagrees with matches ({answer})\n{inputs}")

    def _difference(self, event: Given) -> str:
        needed = dict(self._live)
        for name in list(needed):
            fewer = {other: pattern for other, pattern in needed.items() if other != name}
            if _differs(fewer, event):
                needed = fewer
        history = "also in a new index of these patterns"
        if not _differs(needed, event):
            needed, history = self._live, "only after these adds and removes"
        lines = [f"  {answer_of(each, event)!s:>8} {each.to_json()}" for each in needed.values()]
        together = answer_of_all(self._index, event)
        told = f"the index gives {together!r}, the patterns one by one ({history}):"
        return "\n".join([told, *lines, f"event {event!r}"])


def _differs(patterns: dict[int, Pattern], event: Given) -> bool:
    answers = {name: answer_of(pattern, event) for name, pattern in patterns.items()}
    return not is_allowed(answer_of_all(index_of(patterns), event), patterns, answers, event)


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise BrokenPromiseError(f"a round took more than {_SECONDS_A_ROUND} seconds")


def _try(each: Round, again: str, findings: dict[str, str]) -> None:
    """Run a round; a finding of a new kind is printed and kept."""
    signal.alarm(_SECONDS_A_ROUND)
    try:
        each.run()
    except Exception as error:  # whatever comes out is the finding
        broken = isinstance(error, BrokenPromiseError)
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = (
            str(error).split("\n")[0][:20]
            if broken
            else f"{type(error)} {where.filename} {where.line}"
        )
        if kind not in findings:
            findings[kind] = again
            trace = "" if broken else f"{''.join(traceback.format_exception(error))}\n"
            print(
                f"\n{trace}{error!s:.4000}\nlast input {each.last!r:.2000}\nagain: {again}",
                flush=True,
            )
    finally:
        signal.alarm(0)


def main() -> int:
    """Run rounds until there were enough inputs; returns 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=Random().randrange(10**6))
    parser.add_argument("--round", type=int, help="repeat this round only")
    given = parser.parse_args()
    corpus = read_corpus()
    counts: Counter[str] = Counter()
    findings: dict[str, str] = {}
    signal.signal(signal.SIGALRM, _give_up)
    start, slowest = time.monotonic(), (0.0, 0)
    number = given.round or 0
    print(f"seed {given.seed}; {len(corpus[0])} patterns and {len(corpus[1])} events to damage")
    while counts["patterns"] + counts["events"] < given.inputs:
        random = Random(f"{given.seed}/{number}")
        before = time.process_time()
        again = f"python -m tools.fuzz --seed {given.seed} --round {number}"
        _try(Round(Inputs(random, corpus), random, counts), again, findings)
        slowest = max(slowest, (time.process_time() - before, number))
        number += 1
        if given.round is not None:
            break
    for name, count in sorted(counts.items()):
        print(f"{count:>10,} {name}")
    seconds = time.monotonic() - start
    print(f"{seconds:10,.0f} seconds; {slowest[0]:.1f} in round {slowest[1]}, the slowest")
    print(
        "\n".join(["broken promises:", *findings.values()] if findings else ["no broken promise"])
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
