"""A contract whose schema is copied into that of another contract, which refers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from eventroute.dialects.modern import LATEST
from eventroute.dialects.places import LocalPlaces, is_base
from eventroute.errors import ContractError
from eventroute.jsontext import pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.contract import Contract

__all__ = ["MovedContract"]

_DYNAMIC: Final = ("$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef")


class MovedContract:
    """One contract on its way into the schema of another, or that other one itself.

    :param home: the pointer, as a URI fragment, to which it is copied; ``""`` for the outermost.
    """

    def __init__(self, contract: Contract, home: str) -> None:
        self.contract: Final = contract
        self.schema: Final = contract.schema
        self.where: Final = f"the contract {contract}"
        self.dialect: Final = str(contract.schema.get("$schema", LATEST)).rstrip("#")
        self.id_keyword: Final = "id" if "draft-04" in self.dialect else "$id"
        self._home: Final = home
        self._places: Final = LocalPlaces(contract.schema)

    def new_base(self, schema: Mapping[str, object]) -> bool:
        """Whether references below mean other places than those above."""
        return is_base(schema.get(self.id_keyword))

    def movable(
        self, schema: dict[str, Any], way: tuple[str | int, ...], by: Contract
    ) -> dict[str, Any]:
        """A part without the names that would mean something else, or nothing, in another document.

        :param way: where the part is.
        :param by: the outermost contract.
        :raises ContractError: it means something only where it is.
        """
        for keyword in _DYNAMIC:
            if keyword in schema:
                raise ContractError(
                    f"{self.where} is referred to by {by}, but has a "
                    f"{keyword} at {pointer(*way) or 'its top'}, which depends on the document; "
                    "use $ref"
                )
        if way and self.new_base(schema):
            raise ContractError(
                f"{self.where} is referred to by {by}, but has an "
                f"{self.id_keyword} at {pointer(*way)}; remove it, and refer to the place by "
                "its pointer"
            )
        dropped = {"$anchor", *(() if way else ("$schema",))}
        if isinstance(schema.get(self.id_keyword), str):
            dropped.add(self.id_keyword)
        return {keyword: value for keyword, value in schema.items() if keyword not in dropped}

    def reference_to(self, fragment: str, place: str) -> str:
        """A reference to the place where it is copied to.

        :param fragment: a JSON pointer into the contract's schema, or an anchor there.
        :param place: what refers to it, for messages.
        :raises ContractError: there is no schema.
        """
        found = self._places.at(fragment)
        if found is None and fragment and not fragment.startswith("/"):
            raise ContractError(f"{place} leads to no {fragment!r} in it; correct it")
        if found is None:
            raise ContractError(f"{place} leads nowhere; correct it")
        return f"#{self._home}{quote(found[0], safe='/~!$&()*+,;=:@')}"
