"""What a target is given in place of the event: EventBridge's input transformer.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eventroute.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["InputTransformer"]

_LONGEST: Final = 8_192
_MOST: Final = 100
_NAME: Final = re.compile(r"(?!(?i:aws)\.)[A-Za-z0-9_-]{1,256}", re.ASCII)
_PATH: Final = re.compile(r"\$(\.([\w/-]+|\*)(\[([0-9]+|\*)\])?)*", re.ASCII)
_USED: Final = re.compile(r"<([^<>\s]+)>")
_PREDEFINED: Final = frozenset(
    {
        "aws.events.event",
        "aws.events.event.ingestion-time",
        "aws.events.event.json",
        "aws.events.rule-arn",
        "aws.events.rule-name",
    }
)


@dataclass(frozen=True, slots=True)
class InputTransformer:
    """A template, and what is put into it. EventBridge evaluates it; here it is only checked.

    >>> InputTransformer('{"order": <id>}', {"id": "$.detail.order_id"})

    :ivar template: text with ``<name>`` for each value: JSON, or a line of text.
    :ivar paths: variable name to JSON path into the event, in dot notation.
    :raises DeclarationError: what AWS would refuse, or a variable that is not defined.
    """

    template: str
    paths: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if not isinstance(self.template, str) or not 1 <= len(self.template) <= _LONGEST:
            raise DeclarationError(
                f"InputTransformer: the template has 1 to {_LONGEST:,} characters, not "
                f"{len(self.template) if isinstance(self.template, str) else self.template!r}"
            )
        if len(self.paths) > _MOST:
            raise DeclarationError(
                f"InputTransformer: {len(self.paths)} variables; AWS takes {_MOST}"
            )
        for name, path in self.paths.items():
            if not _NAME.fullmatch(name):
                raise DeclarationError(
                    f"InputTransformer: {name!r} cannot name a variable; use letters, digits, "
                    "'-' and '_'"
                )
            if not isinstance(path, str) or not _PATH.fullmatch(path) or len(path) > 256:
                raise DeclarationError(
                    f"InputTransformer: {name} = {path!r} is no path in dot notation, such as "
                    "'$.detail.order_id'"
                )
        for used in _USED.findall(self.template):
            if used not in self.paths and used not in _PREDEFINED:
                known = ", ".join([*self.paths, *sorted(_PREDEFINED)])
                raise DeclarationError(
                    f"InputTransformer: the template uses <{used}>, which is not defined; "
                    f"there is {known}"
                )
        if self.template.lstrip().startswith("{"):
            self._check_object()

    def _check_object(self) -> None:
        """A JSON object, with variables for values or inside strings."""
        try:
            json.loads(_USED.sub("0", self.template))
        except (ValueError, RecursionError) as error:
            raise DeclarationError(
                f"InputTransformer: the template is no JSON object ({error}); variables stand for "
                "values or inside strings, not for names"
            ) from None
