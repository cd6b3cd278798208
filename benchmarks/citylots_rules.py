"""Five rules an operator over land parcels, and all of them at once."""

from __future__ import annotations

from typing import Any, Final

from benchmarks.citylots import LOTS

__all__ = ["RULE_SETS"]

Rules = list[dict[str, Any]]


def _properties(name: str, *tests: object) -> Rules:
    return [{"properties": {name: [test]}} for test in tests]


def _anything_but(operator: str, operands: dict[str, str | list[str]]) -> Rules:
    def rule(path: str, operand: str | list[str]) -> dict[str, Any]:
        test = {"anything-but": {operator: operand} if operator else operand}
        parent, _, name = path.rpartition(".")
        return {parent: {name: [test]}}

    return [rule(path, operand) for path, operand in operands.items()]


def _located(at: str) -> Rules:
    def range_of(*bounds: str | float) -> dict[str, Any]:
        return {"geometry": {at: {"x": [{"numeric": list(bounds)}]}}}

    kinds: Rules = [
        {"geometry": {"type": ["Polygon"], at: {"x": [{"numeric": ["=", -122.5149]}]}}},
        {"geometry": {"type": ["MultiPolygon"], at: {"z": [{"numeric": ["=", 0]}]}}},
    ]
    ranges = [range_of("<", -122.416), range_of(">", -122.416)]
    return [*kinds, *ranges, range_of(">", -122.4647, "<", -122.4063)]


_EXACT = _properties("MAPBLKLOT", *LOTS)
_WILDCARDS = ("143*", "2*0*1*7", "*218", "3*5*2", "VA*OT")
_PREFIX = _properties("STREET", *({"prefix": text} for text in ("AC", "BL", "DR", "FU", "RH")))
_NUMERIC = _located("firstCoordinates")
_COMPLEX_ARRAYS = _located("coordinates")
_ANYTHING_BUT = _anything_but(
    "",
    {
        "properties.STREET": ["FULTON"],
        "properties.BLKLOT": ["3745012"],
        "properties.ST_TYPE": ["ST"],
        "geometry.type": ["Polygon"],
        "properties.FROM_ST": ["441"],
    },
)
_ANYTHING_BUT_IGNORE_CASE = _anything_but(
    "equals-ignore-case",
    {
        "properties.STREET": ["Fulton"],
        "properties.BLKLOT": ["2100A007"],
        "properties.ST_TYPE": ["st"],
        "geometry.type": ["polygon"],
        "properties.FROM_ST": ["441"],
    },
)
_ANYTHING_BUT_PREFIX = _anything_but(
    "prefix",
    {
        "properties.STREET": "FULTO",
        "properties.BLKLOT": "37",
        "properties.ST_TYPE": "S",
        "geometry.type": "Poly",
        "properties.FROM_ST": "44",
    },
)
_ANYTHING_BUT_SUFFIX = _anything_but(
    "suffix",
    {
        "properties.STREET": "ULTON",
        "properties.BLKLOT": "12",
        "properties.ST_TYPE": "T",
        "geometry.type": "olygon",
        "properties.FROM_ST": "41",
    },
)
_ANYTHING_BUT_WILDCARD = _properties(
    "MAPBLKLOT", *({"anything-but": {"wildcard": text}} for text in _WILDCARDS)
)
_PARTIAL_COMBO = [
    *(*_NUMERIC, *_EXACT, *_PREFIX, *_ANYTHING_BUT, *_ANYTHING_BUT_IGNORE_CASE),
    *(*_ANYTHING_BUT_PREFIX, *_ANYTHING_BUT_SUFFIX, *_ANYTHING_BUT_WILDCARD),
]

RULE_SETS: Final[dict[str, Rules]] = {
    "EXACT": _EXACT,
    "WILDCARD": _properties("MAPBLKLOT", *({"wildcard": text} for text in _WILDCARDS)),
    "PREFIX": _PREFIX,
    "PREFIX_EQUALS_IGNORE_CASE": _properties(
        "STREET",
        *({"prefix": {"equals-ignore-case": text}} for text in ("Ac", "bL", "dR", "Fu", "rH")),
    ),
    "SUFFIX": _properties("STREET", *({"suffix": text} for text in ("ON", "KE", "MM", "ER", "LE"))),
    "SUFFIX_EQUALS_IGNORE_CASE": _properties(
        "STREET",
        *({"suffix": {"equals-ignore-case": text}} for text in ("oN", "Ke", "mM", "eR", "lE")),
    ),
    "EQUALS_IGNORE_CASE": [
        *_properties(
            "STREET",
            *({"equals-ignore-case": text} for text in ("harrison", "bEaCh", "HyDe", "CHESTNUT")),
        ),
        *_properties("ST_TYPE", {"equals-ignore-case": "st"}),
    ],
    "COMPLEX_ARRAYS": _COMPLEX_ARRAYS,
    "NUMERIC": _NUMERIC,
    "ANYTHING_BUT": _ANYTHING_BUT,
    "ANYTHING_BUT_IGNORE_CASE": _ANYTHING_BUT_IGNORE_CASE,
    "ANYTHING_BUT_PREFIX": _ANYTHING_BUT_PREFIX,
    "ANYTHING_BUT_SUFFIX": _ANYTHING_BUT_SUFFIX,
    "ANYTHING_BUT_WILDCARD": _ANYTHING_BUT_WILDCARD,
    "PARTIAL_COMBO": _PARTIAL_COMBO,
    "COMBO": [*_PARTIAL_COMBO, *_COMPLEX_ARRAYS],
}
"""The names are those of event-ruler's own benchmark."""
