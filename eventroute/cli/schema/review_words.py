"""A review in sentences that the text and the Markdown form share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from eventroute.impact import Severity, Status
from eventroute.registry import Verdict

if TYPE_CHECKING:
    from eventroute.impact import Review, Reviewed
    from eventroute.registry import Mode

__all__ = [
    "casting",
    "headline",
    "reason",
    "remedy",
    "shown_json",
    "standing",
    "summary",
    "verdict",
    "witness_text",
]

_STATUS: Final = {
    Status.UNCHANGED: "unchanged",
    Status.NEW: "new",
    Status.CHANGED: "changed without raising the version",
    Status.REMOVED: "removed",
    Status.UNDECLARED: "registered, and no model declares it",
    Status.CONFLICTING: "is declared with two schemas",
}

_VERDICTS: Final = {
    Verdict.COMPATIBLE: "compatible",
    Verdict.INCOMPATIBLE: "incompatible",
    Verdict.UNKNOWN: "not known to be compatible",
}


def verdict(entry: Reviewed) -> str:
    """One word for what it means."""
    if entry.breaks:
        return "breaks"
    if entry.unknown:
        return "unknown"
    if entry.bridged:
        return "cast"
    return "ok" if entry.judged is None or entry.judged.mode == "NONE" else "compatible"


def headline(entry: Reviewed) -> str:
    """What became of it."""
    if entry.status is not Status.ADDED:
        differs = f"; {entry.differs}" if entry.differs else ""
        return _STATUS[entry.status] + differs
    if entry.judged is None:
        return "added below every version that is registered"
    if entry.judged and entry.impact.breaks:
        return f"added; {_reading(entry)}, but {_broken(entry)}"
    return f"added; {standing(entry)}"


def standing(entry: Reviewed) -> str:
    """What a version is to those before it; ``""`` where there is nothing to compare."""
    if entry.judged is None:
        return ""
    versions = ", ".join(map(str, entry.against))
    plural = "s" if len(entry.against) > 1 else ""
    said = "not compared" if entry.judged.mode == "NONE" else _VERDICTS[entry.judged.verdict]
    if entry.bridged:
        return f"{said} with version{plural} {versions}, bridged by casts"
    broken = entry.broken_version
    if broken is None:
        return f"{said} with version{plural} {versions}"
    # The latest is compared first, and the first that is not compatible decides.
    compared = [str(one) for one in entry.against if one >= broken]
    among = f" (compared with {', '.join(compared)})" if len(compared) > 1 else ""
    return f"{said} with version {broken}{among}"


def _reading(entry: Reviewed) -> str:
    """What it means for events that it is compatible, in the mode that was asked for."""
    versions = ", ".join(map(str, entry.against))
    earlier = f"version{'s' if len(entry.against) > 1 else ''} {versions}"
    mode = "" if entry.judged is None else entry.judged.mode.removesuffix("_TRANSITIVE")
    verb = "read" if len(entry.against) > 1 else "reads"
    match mode:
        case "BACKWARD":
            return f"by the schemas, version {entry.version} reads all events of {earlier}"
        case "FORWARD":
            return f"by the schemas, {earlier} {verb} all events of version {entry.version}"
        case "FULL":
            both = f"version {entry.version} and {earlier}"
            return f"by the schemas, {both} read all events of each other"
        case _:
            return f"not compared with {earlier}"


def _broken(entry: Reviewed) -> str:
    broken = {one.subscription for one in entry.impact.effects if one.severity is Severity.BREAKS}
    return "1 subscription breaks" if len(broken) == 1 else f"{len(broken):,} subscriptions break"


def reason(entry: Reviewed) -> str:
    """Why a change without a witness is judged as it is; ``""`` where the headline says it."""
    judged = entry.judged
    if judged is None or entry.bridged:
        return ""
    if judged and entry.status is Status.ADDED and entry.impact.breaks:
        return ""
    if judged and entry.status in (Status.CHANGED, Status.CONFLICTING):
        return "under a version of its own it would be compatible"
    if judged and judged.mode != "NONE":
        return f"by the schemas, {judged.reason}"
    return judged.reason


def witness_text(entry: Reviewed) -> str:
    """What the witness of an incompatible change shows; ``""`` without one, or where casts help."""
    judged, broken = entry.judged, entry.broken_version
    if judged is None or broken is None or entry.bridged:
        return ""
    new = "the changed schema" if entry.status is Status.CHANGED else f"version {entry.version}"
    old = f"version {broken}"
    if entry.status is Status.CONFLICTING:
        old, new = "one of them", "the other"
    writer, reader = (old, new) if judged.direction == "BACKWARD" else (new, old)
    place = judged.pointer or "its top"
    return f"this detail fits {writer}, and {reader} refuses it at {place}"


def casting(entry: Reviewed) -> str:
    """Which cast would make good what is not compatible, or how one fails; ``""`` without one."""
    if entry.cast_failure:
        return entry.cast_failure
    old, new = entry.broken_version, entry.version
    match entry.cast_wanted:
        case "upcast":
            return f"declare an @upcast from version {old} to version {new}, to read what was sent"
        case "downcast":
            return (
                f"declare a @downcast from version {new} to version {old}, for who still reads "
                f"by version {old}"
            )
        case _:
            return ""


def remedy(entry: Reviewed, register: str, mode: Mode | None) -> tuple[str, str]:
    """What to do, and the command for that; ``""`` where nothing is to be done, or no command does.

    :param register: the command that registers what the application declares.
    :param mode: what the command was told with ``--mode``, and the other one is to be told, too.
    """
    match entry.status:
        case Status.CHANGED:
            return "a version is for good: raise it, or take the change back", ""
        case Status.CONFLICTING:
            return "raise the version of one of them: @event(…, version=N)", ""
        case Status.REMOVED:
            return "events of this version still exist: put its file back", ""
        case Status.NEW | Status.ADDED if not entry.registered:
            return _registering(entry, register, mode)
        case _:
            return "", ""


def _registering(entry: Reviewed, register: str, mode: Mode | None) -> tuple[str, str]:
    given = "" if mode is None else f" --mode {mode}"
    if entry.broken_version is not None and not entry.bridged:
        return "to register it all the same", f"{register} --mode NONE"
    if entry.unknown:
        return "to register it all the same", f"{register}{given} --unknown pass"
    return "register it", f"{register}{given}"


def summary(review: Review) -> str:
    """The last line."""
    count = len(review.entries)
    changed = sum(
        entry.status not in (Status.UNCHANGED, Status.UNDECLARED) for entry in review.entries
    )
    contracts = f"{count:,} contract{'' if count == 1 else 's'}"
    counts = f"{changed:,} changed, {review.breaks:,} broken, {review.unknown:,} unknown"
    return f"{contracts}: {counts} (mode {review.mode}, profile {review.profile})"


def shown_json(value: object, most: int = 4000) -> str:
    """A witness on one line, or its beginning."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"
