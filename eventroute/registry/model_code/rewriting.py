"""What is changed of the text that the code generator writes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.registry.model_code.decimals import is_decimal
from eventroute.registry.model_code.generator import ROOT
from eventroute.registry.model_code.imports import Import, imported

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = ["Models", "rewritten"]

_OURS: Final = {
    "event": ("eventroute", "event"),
    "Omittable": ("eventroute.omittable", "Omittable"),
    "DecimalText": ("eventroute.decimals", "DecimalText"),
}
_TYPES: Final = {"Decimal": "DecimalText"}
"""What the generator writes, and what stands for it."""
_ABSENT: Final = "MISSING"
_BY_NAME: Final = "validate_by_name"


@dataclass(frozen=True, slots=True)
class Models:
    """The models of one contract.

    :ivar classes: their names.
    :ivar imports: what the text needs, by the name that it has there.
    :ivar text: without imports.
    """

    classes: tuple[str, ...]
    imports: dict[str, Import]
    text: str


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def rewritten(text: str, name: str, decorator: str, taken: Collection[str]) -> Models:
    """Decorate the class of the whole detail, and say what may be left out as eventroute says it.

    The generator has a sentinel of pydantic's for members that may be left out, but not be null,
    which is experimental and no type for type checkers.

    :param name: what that class is to be called; the names of all others begin with it.
    :param taken: names that the others must not have.
    :raises LookupError: there is no such class.
    """
    tree = ast.parse(text)
    source = _Source(text)
    classes = {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}
    root = _root(classes)
    names = _names(classes, root, name, taken)
    edits = [_Edit(source.line(classes[root].lineno), source.line(classes[root].lineno), decorator)]
    for old, one in classes.items():
        if old in names:
            edits += _class_edits(one, source)
            edits += _renamed(one, {**names, **_TYPES}, source)
    body = [one for one in tree.body if not isinstance(one, ast.ImportFrom | ast.Import)]
    for statement in body:
        if not isinstance(statement, ast.ClassDef):
            edits += _references(statement, names, source)
    if root != ROOT:
        edits = [*edits, _Edit(*source.span(classes[ROOT]), "")]
    changed = source.edited(edits, source.line(body[0].lineno))
    used = {node.id for node in ast.walk(ast.parse(changed)) if isinstance(node, ast.Name)}
    imports = imported(tree) | _OURS
    return Models(
        tuple(names.values()),
        {local: found for local, found in imports.items() if local in used},
        changed.strip() + "\n",
    )


def _root(classes: Mapping[str, ast.ClassDef]) -> str:
    """The class of the whole detail: where that is nothing but another, the other one."""
    for statement in classes[ROOT].body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.annotation, ast.Name):
            target = statement.target
            if (
                isinstance(target, ast.Name)
                and target.id == "root"
                and len(classes[ROOT].body) == 1
            ):
                return statement.annotation.id if statement.annotation.id in classes else ROOT
    return ROOT


def _names(classes: Iterable[str], root: str, name: str, taken: Collection[str]) -> dict[str, str]:
    names = {root: name}
    gone = {*taken, name}
    # Those first that have the name already which they are to have, so that they keep it.
    for old in sorted(classes, key=lambda old: not old.startswith(name)):
        if old in (ROOT, root):
            continue
        new = old if old.startswith(name) and old != name else name + old.replace(ROOT, "Option")
        while new in gone:
            new += "_"
        gone.add(new)
        names[old] = new
    return names


def _renamed(model: ast.ClassDef, names: Mapping[str, str], source: _Source) -> Iterator[_Edit]:
    start = source.line(model.lineno) + len("class ")
    yield _Edit(start, start + len(model.name.encode()), names[model.name])
    for part in (*model.bases, *model.body):
        yield from _references(part, names, source)


def _references(part: ast.AST, names: Mapping[str, str], source: _Source) -> Iterator[_Edit]:
    for node in ast.walk(part):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            yield _Edit(*source.span(node), names[node.id])


class _Source:
    """Places of a text, as the parser counts them: lines from 1, columns in bytes."""

    def __init__(self, text: str) -> None:
        self._data = text.encode()
        self._starts = [0]
        for line in self._data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def line(self, number: int) -> int:
        return self._starts[number - 1]

    def span(self, node: ast.expr | ast.keyword | ast.stmt) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.line(node.lineno) + node.col_offset, self.line(end_line) + end_column

    def text(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self._data[start:end].decode()

    def edited(self, edits: list[_Edit], begin: int) -> str:
        parts: list[bytes] = []
        for edit in sorted(edits, key=lambda edit: edit.start):
            parts += [self._data[begin : edit.start], edit.text.encode()]
            begin = edit.end
        return b"".join([*parts, self._data[begin:]]).decode()


def _class_edits(model: ast.ClassDef, source: _Source) -> Iterator[_Edit]:
    renames = any(isinstance(node, ast.keyword) and node.arg == "alias" for node in ast.walk(model))
    for statement in model.body:
        if isinstance(statement, ast.Assign) and not renames:
            yield from _without_by_name(statement, source, alone=len(model.body) == 1)
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.value, ast.Name)
            and statement.value.id == _ABSENT
        ):
            yield from _omittable(statement.annotation, source)
            yield _Edit(*source.span(statement.value), "None")
        elif isinstance(statement, ast.AnnAssign) and _is_decimal_text(statement):
            yield from _made_decimal(statement.value, source)


def _without_by_name(statement: ast.Assign, source: _Source, *, alone: bool) -> Iterator[_Edit]:
    """Only models with an alias need to be made by the names of their fields."""
    call = statement.value
    if not isinstance(call, ast.Call):
        return
    for keyword in call.keywords:
        if keyword.arg != _BY_NAME:
            continue
        if len(call.keywords) > 1:
            yield _Edit(source.line(keyword.lineno), source.line(keyword.lineno + 1), "")
        else:
            end = statement.end_lineno or statement.lineno
            kept = "    pass\n" if alone else ""
            yield _Edit(source.line(statement.lineno), source.line(end + 1), kept)


def _omittable(annotation: ast.expr, source: _Source) -> Iterator[_Edit]:
    """``int | MISSING`` becomes ``Omittable[int]``; what may be null is sent as null."""
    annotation = _plain(annotation)
    members = list(_members(annotation))
    absent = next(one for one in members if source.text(one) == _ABSENT)
    others = [one for one in members if one is not absent]
    start, end = source.span(annotation)
    nullable = any(source.text(one) in ("None", "Any") for one in others)
    # Only what stands around the others is changed; in them, names may be.
    yield _Edit(start, start, "" if nullable else "Omittable[")
    yield _Edit(source.span(others[-1])[1], end, "" if nullable else "]")


def _is_decimal_text(statement: ast.AnnAssign) -> bool:
    """Whether the default of a Decimal is a text, as in the schema."""
    value = statement.value
    names = [one.id for one in _members(_plain(statement.annotation)) if isinstance(one, ast.Name)]
    return "Decimal" in names and isinstance(value, ast.Constant) and is_decimal(value.value)


def _made_decimal(default: ast.expr | None, source: _Source) -> Iterator[_Edit]:
    if default is not None:
        start, end = source.span(default)
        yield _Edit(start, start, "Decimal(")
        yield _Edit(end, end, ")")


def _plain(annotation: ast.expr) -> ast.expr:
    """The type in ``Annotated[int | MISSING, …]``."""
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        return annotation.slice.elts[0]
    return annotation


def _members(union: ast.expr) -> Iterator[ast.expr]:
    if isinstance(union, ast.BinOp):
        yield from _members(union.left)
        yield union.right
    else:
        yield union
