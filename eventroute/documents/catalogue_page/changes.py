"""The compatibility history of an event type, as HTML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from eventroute.documents.catalogue_page.history import history_of
from eventroute.documents.catalogue_page.html import Html, element

if TYPE_CHECKING:
    from eventroute.documents.catalogue_page.history import Step
    from eventroute.documents.described import DescribedType
    from eventroute.registry.judgement import Change, Compatibility

__all__ = ["history"]


def history(type_: DescribedType) -> Html | None:
    """What changed from version to version; ``None`` where there is only one."""
    steps = history_of(type_)
    if not steps:
        return None
    return element("section", element("h4", "Compatibility"), *map(_step, steps))


def _step(step: Step) -> Html:
    changes = next(
        (one.changes for one in (step.backward, step.forward) if not isinstance(one, str)), ()
    )
    old, new = f"version {step.older}", f"version {step.newer}"
    return element(
        "div",
        element("p", element("strong", f"From {old} to {new}")),
        _judgement(step.backward, f"readers of {new}, events of {old}"),
        _judgement(step.forward, f"readers of {old}, events of {new}"),
        element("ul", *(element("li", _change(one)) for one in changes)) if changes else None,
    )


def _judgement(found: Compatibility | str, question: str) -> Html:
    if isinstance(found, str):
        return element("p", _badge("unknown"), f" {question}: {found}")
    verdict = found.verdict.value
    shown: Html | None = None
    if verdict == "incompatible":
        text = json.dumps(found.witness, ensure_ascii=False, indent=2)
        where = f" Refused at {found.pointer}." if found.pointer else ""
        shown = element(
            "details", element("summary", "An event that breaks"), element("pre", text), where
        )
    return element("div", element("p", _badge(verdict), f" {question}: {found.reason}"), shown)


def _badge(verdict: str) -> Html:
    return element("span", verdict, class_=f"badge {verdict}")


def _change(change: Change) -> Html:
    place = element("code", change.pointer or "the whole event")
    return element("span", place, f" {change.text}")
