"""From the keywords of a schema to a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from referencing.exceptions import Unresolvable
from referencing.jsonschema import specification_with

from eventroute.dialects.keywords import REFERENCES
from eventroute.jsontext import objects_in
from eventroute.registry.equality import canonical
from eventroute.registry.inclusion.formula import Opaque
from eventroute.registry.inclusion.keywords import FAMILIES
from eventroute.registry.inclusion.unevaluated_keywords import UNEVALUATED, unevaluated
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.document import Document, Draft
    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.formulas import Formulas

__all__ = ["Compiler"]

_DEEPEST: Final = 40


class Compiler:
    """Compiles one document; each part of it once.

    :param formulas: shared by the documents that are compared.
    """

    def __init__(self, document: Document, formulas: Formulas, budget: Budget) -> None:
        self._document: Final = document
        self._budget: Final = budget
        self.formulas: Final = formulas
        self._specification: Final = specification_with(document.dialect.uri)
        self._known: Final[dict[int, Formula]] = {}
        self._links: Final[dict[int, Formula]] = {}
        self._under_way: Final[set[int]] = set()
        self._depth = 0
        checker = document.dialect.format_checker
        self.formats: Final = frozenset(checker.checkers if checker else ())
        self._keywords: Final = frozenset(document.dialect.validator.VALIDATORS)
        self.one_resource: Final = _ids(document.schema) <= 1
        self.dynamic = False
        """Whether a part was met that means something else, depending on what led to it."""

    @property
    def draft(self) -> Draft:
        """The draft that the document is read in."""
        return self._document.draft

    def root(self) -> Formula:
        """Compile the document."""
        return self.part(self._document.schema, self._document.resolver())

    def part(self, node: object, resolver: Any) -> Formula:  # noqa: ANN401  of referencing
        """Compile a part of it; a link where that part is under way already."""
        if not is_object(node):
            return self.formulas.false if node is False else self.formulas.true
        known = self._known.get(id(node))
        if known is not None:
            return known
        if id(node) in self._under_way or self._depth >= _DEEPEST:
            return self._link(node, resolver)
        self._budget.spend()
        self._under_way.add(id(node))
        self._depth += 1
        try:
            made = self._made(node, resolver)
        finally:
            self._depth -= 1
            self._under_way.discard(id(node))
        self._known[id(node)] = made
        return made

    def _link(self, node: dict[str, Any], resolver: Any) -> Formula:  # noqa: ANN401  as above
        link = self._links.get(id(node))
        if link is None:

            def target() -> Formula:
                depth, self._depth = self._depth, 0
                try:
                    return self.part(node, resolver)
                finally:
                    self._depth = depth

            link = self._links[id(node)] = self.formulas.link(target)
        return link

    def _made(self, node: dict[str, Any], resolver: Any) -> Formula:  # noqa: ANN401  as above
        if self._document.draft < 4:
            read = self._keywords.intersection(node)
            return self.opaque(node, "what draft-03 says") if read else self.formulas.true
        resolver = resolver.in_subresource(self._specification.create_resource(node))
        if self._document.draft <= 7 and node.get("$ref") is not None:
            node = {"$ref": node["$ref"]}
        understood = {*REFERENCES, *UNEVALUATED}
        parts = [
            self._referred(node, keyword, resolver)
            for keyword in REFERENCES
            if keyword in node and keyword in self._keywords
        ]

        def compiled(inner: object) -> Formula:
            return self.part(inner, resolver)

        # What only a later draft knows says nothing, and may be anything.
        active = {k: v for k, v in node.items() if k in self._keywords or k in _SIDES}
        for keywords, family in FAMILIES:
            understood |= keywords
            if not keywords.isdisjoint(active):
                parts.extend(family(active, self, compiled))
        parts.extend(unevaluated(node, self, compiled, self._lookup(resolver)))
        parts.extend(
            self.opaque(node, f"the keyword {keyword!r}")
            for keyword in node
            if keyword in self._keywords and keyword not in understood
        )
        return self.formulas.all(parts)

    def _lookup(self, resolver: Any) -> Callable[[str], Any]:  # noqa: ANN401  as above
        def lookup(reference: str) -> Any:  # noqa: ANN401  as above
            try:
                return resolver.lookup(reference).contents
            except (Unresolvable, ValueError):
                return None

        return lookup

    def _referred(self, node: dict[str, Any], keyword: str, resolver: Any) -> Formula:  # noqa: ANN401  as above
        # With one resource there is one anchor of each name: what is dynamic is not.
        if keyword != "$ref" and not self.one_resource:
            self.dynamic = True
            return self.opaque(node, f"a {keyword} between resources")
        try:
            found = resolver.lookup(node[keyword])
        except (Unresolvable, ValueError):
            return self.opaque(node, f"the {keyword} {str(node[keyword])[:60]!r}")
        return self.part(found.contents, found.resolver)

    def opaque(self, node: dict[str, Any], reason: str) -> Formula:
        """A part that is not understood: the same in both documents, where it says the same."""
        read = self._keywords | _SIDES
        says = {name: value for name, value in node.items() if name in read}
        text = canonical(says)
        refers = any(keyword in text for keyword in REFERENCES)
        # Between resources, the same reference may lead elsewhere.
        place: object = self._document if self.one_resource else object()
        key = (reason, text, self._document.draft, place if refers else None)
        return self.formulas.named(key, lambda: Opaque(reason))


_SIDES: Final = frozenset(
    {"then", "else", "minContains", "maxContains", "exclusiveMinimum", "exclusiveMaximum"}
)


def _ids(schema: object) -> int:
    return sum(isinstance(part.get("$id"), str) for part in objects_in(schema))
