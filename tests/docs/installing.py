"""Commands about the checkout itself: not run, but checked to be ones that exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

_REQUIREMENT = re.compile(r"^(?P<name>eventroute|\.)(?:\[(?P<extras>[\w,-]+)\])?(?:[=<>~!].*)?$")


def is_about_the_checkout(command: str) -> bool:
    """Whether a command installs, clones or builds: what a test must not do again."""
    return (
        re.match(r"(git clone|cd|make|pre-commit|(python3? -m )?pip install)\b", command)
        is not None
    )


def complaint_about(command: str) -> str | None:
    """Say what is wrong with such a command; ``None`` when it is as the project is."""
    words = [word for word in shlex.split(command) if word != "&&"]
    if words[0] == "make":
        return _make(words[1:])
    if "pip" in words:
        return _pip(words[words.index("install") + 1 :])
    if words[0] == "pre-commit" and words[1:2] not in (["install"], ["run"]):
        return f"{command!r} is not a way to use pre-commit here"
    return None


def _make(targets: list[str]) -> str | None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    unknown = [word for word in targets if "=" not in word and word not in known]
    return f"the Makefile has no target {', '.join(unknown)}" if unknown else None


def _pip(words: list[str]) -> str | None:
    document: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    rest = iter(words)
    for word in rest:
        if word == "--group":
            group = next(rest, "")
            if group not in document["dependency-groups"]:
                return f"pyproject.toml has no dependency group {group!r}"
        elif not word.startswith("-"):
            found = _REQUIREMENT.match(word)
            if found is None:
                return f"{word!r} is not eventroute; say in the text where it comes from"
            extras = set((found["extras"] or "").split(",")) - {""}
            if unknown := extras - document["project"]["optional-dependencies"].keys():
                return f"eventroute has no extra {', '.join(sorted(unknown))}"
    return None
