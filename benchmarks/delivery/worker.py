"""One job in a process of its own; prints one line of JSON.

A job may name the checkout whose eventroute is to be measured, to compare two of them.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.delivery.flatness import among_stored, among_subscriptions
from benchmarks.delivery.floors import FLOORS
from benchmarks.delivery.in_memory import IN_MEMORY
from benchmarks.delivery.on_disk import ON_DISK
from benchmarks.delivery.orders import Seen, orders

__all__ = ["main"]

VALUES: Final = 3
_ROOT: Final = Path(__file__).resolve().parents[2]


def _in_memory(job: dict[str, Any]) -> dict[str, Any]:
    deliver = {**IN_MEMORY, **FLOORS}[job["engine"]]
    published = orders(job["events"])
    result: dict[str, Any] = {"cpu": [], "wall": [], "wrong": None}
    for number in range(VALUES + 1):
        first = number == 0  # warms up, and is checked before anything is timed
        some = published[: max(100, len(published) // 5)] if first else published
        seen = Seen(some)
        gc.collect()
        watch = asyncio.run(deliver(some, seen))
        wrong = seen.wrong()
        if wrong is not None:
            return {**result, "wrong": wrong}
        if not first:
            result["cpu"].append(watch.cpu / seen.expected)
            result["wall"].append(watch.wall / seen.expected)
    return result


def _on_disk(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    published = orders(job["events"])
    result: dict[str, Any] = {"wrong": None}
    for what in ("single", "together", "batches"):
        for number in range(VALUES + 1):
            place = folder / f"{what}{number}"
            place.mkdir()
            queue = ON_DISK[job["engine"]](place / "queue.db")
            publish = getattr(queue, what, None)
            if publish is None:
                break
            some = published[:100] if number == 0 else published
            put = publish(some)
            if number:
                result.setdefault(what, []).append(put.wall / len(some))
                result.setdefault(f"{what}, CPU", []).append(put.cpu / len(some))
            if what != ("batches" if job["engine"] == "eventroute" else "single"):
                continue
            handled, took = queue.drain()
            if handled != len(some):
                return {**result, "wrong": f"{handled:,} of {len(some):,} were handled"}
            if number:
                result.setdefault("handle", []).append(took.wall / handled)
                result.setdefault("handle, CPU", []).append(took.cpu / handled)
    return result


def _flatness(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    values: dict[str, list[float]] = {}
    for number in range(job.get("values", VALUES)):
        file = folder / f"{number}.db"
        if job["stored"]:
            measured = among_stored(file, job["stored"], job["events"])
        else:
            options = {"path": str(file)} if job["backend"] == "sqlite" else {"capacity": 10**6}
            measured = among_subscriptions(
                job["backend"], options, job["subscriptions"], job["events"]
            )
        for what, value in measured.items():
            values.setdefault(what, []).append(value)
    return {**values, "wrong": None}


def main(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job: ``memory``, ``disk`` or ``flatness``."""
    if job.get("checkout"):
        sys.path[:0] = [job["checkout"], f"{job['checkout']}/adapters"]
    package = job["engine"].partition(",")[0]
    about: dict[str, Any] = {"python": platform.python_version()}
    try:
        about["version"] = version(package)
    except PackageNotFoundError:
        about["version"] = ""
    # A disk of the checkout's own kind: a temporary folder may be in memory.
    place = _ROOT / ".envs"
    place.mkdir(exist_ok=True)
    try:
        if job["do"] == "memory":
            return {**about, **_in_memory(job)}
        with TemporaryDirectory(prefix="delivery-", dir=place) as name:
            do = _on_disk if job["do"] == "disk" else _flatness
            return {**about, **do(job, Path(name))}
    except ImportError as error:
        return {**about, "cannot": f"not installed ({error})"}
    except Exception as error:  # whatever a rival raises is a finding, not a crash
        return {**about, "cannot": f"{type(error).__name__}: {str(error).strip()[:200]}"}


if __name__ == "__main__":
    logging.disable()
    print(f"\n{json.dumps(main(json.loads(sys.argv[1])))}")
