"""Whether what a model refuses can have been sent under an earlier contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.impact.models import Refusal, tried
from eventroute.registry.inference.formats import formats_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from eventroute.envelope import Event
    from eventroute.impact.side import Side

__all__ = ["may_be_sent"]


def may_be_sent(event: Event, refusal: Refusal, side: Side, writer: type[BaseModel] | None) -> bool:
    """Whether an event that fits a contract may be one that was sent.

    :param refusal: what a reader has against it.
    :param writer: the model of the contract, which sends nothing that it refuses itself. Without
        one, a text is taken to have the formats that the contract names, though it need not.
    """
    if writer is not None:
        return not isinstance(tried(lambda: writer.model_validate_json(event.detail_json)), Refusal)
    above = refusal.path.split(".") if refusal.path else []
    for path, text in _texts(event.detail, []):
        if path[: len(above)] == above:
            formats = side.tested(".".join(["detail", *path])).formats
            if formats_of(text, formats) != formats:
                return False
    return True


def _texts(value: object, path: list[str]) -> Iterator[tuple[list[str], str]]:
    """Each text with its place, without positions in arrays."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, [*path, name])
    elif isinstance(value, list):
        for element in value:
            yield from _texts(element, path)
