"""Random JSON Schemas, and values that come near to what they ask for."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

__all__ = ["DRAFTS", "schemas", "values"]

DRAFTS = (
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)
_NAMES = st.sampled_from(["a", "b", "", "é", "a\n", "1", "😀"])
_TEXTS = st.sampled_from(
    (
        *("", "a", "ab", "A", "1", "\u0661", "a\n", "\n", "é", "😀", "\x85", "\ufeff", "\x1c", "-"),
        *("2026-01-01T00:00:00Z", "2026-01-01", "2026-12-31T23:59:60Z", "2026-01-01 00:00:00+01"),
        *("https://a.example/x", "a:b", "a@b.c", "127.0.0.1", "::1", "{}", "aGk=", "not a uri"),
    )
)
_INTEGERS = st.sampled_from(
    [0, 1, -1, 2, 3, 2**53, 2**53 + 1, -(2**53), 2**63, 2**64, -(2**63) - 1, 10**30]
)
_NUMBERS = _INTEGERS | st.sampled_from(
    [0.0, -0.0, 1.0, 1.5, 0.1, 0.3, -2.0, 2.0**53, 1e30, 1e308, 5e-324, 9007199254740993.0]
)
_SCALARS = st.none() | st.booleans() | _NUMBERS | _TEXTS
_PATTERNS = st.sampled_from(
    (
        *(r"^\d+$", r"\w", r"^\s", "^a$", "^.$", "[^a]", "^(a|b)*$", "^$", "a|^b", r"^\S+$"),
        *(r"^\p{L}$", "^[a-é-]", r"^[\^\]\\&~-]$", "b+", "^(?!a)", "(?=a)"),
    )
)
_FORMATS = st.sampled_from(
    (
        *("date-time", "date", "uri", "email", "ipv4", "ipv6", "hostname", "uuid", "regex"),
        *("time", "json-pointer", "uri-reference", "int64", "byte"),
    )
)
_TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def values() -> st.SearchStrategy[Any]:
    """JSON values."""
    return st.recursive(
        _SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
        max_leaves=8,
    )


# Read alike by ECMA-262 and Python.
_PLAIN_PATTERNS = st.sampled_from(["^a", "^b", "a", "[^a]", "^(a|b)*"])


def _keywords(
    inner: st.SearchStrategy[Any], patterns: st.SearchStrategy[str], *, modern: bool
) -> dict[str, st.SearchStrategy[Any]]:
    sizes = st.integers(0, 3)
    some = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(_NAMES, inner, max_size=3)
    names = st.lists(_NAMES, min_size=1, max_size=3, unique=True)
    found: dict[str, st.SearchStrategy[Any]] = {
        "type": _TYPES | st.lists(_TYPES, min_size=1, max_size=3, unique=True),
        "enum": st.lists(values(), min_size=1, max_size=3, unique_by=repr),
        "required": names,
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), sizes),
        **dict.fromkeys(("minProperties", "maxProperties"), sizes),
        "minimum": _NUMBERS,
        "maximum": _NUMBERS,
        "uniqueItems": st.booleans(),
        "pattern": patterns,
        "format": _FORMATS,
        "properties": named,
        "patternProperties": st.dictionaries(patterns, inner, max_size=2),
        "additionalProperties": inner | st.booleans(),
        "items": inner,
        "additionalItems": inner,
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), some),
        "not": inner,
        "description": st.just("words"),
        "contentEncoding": st.just("base64"),
        "contentMediaType": st.just("application/json"),
        "default": values(),
        "x-unknown": inner,
    }
    if modern:
        found |= {
            "const": values(),
            "contains": inner,
            "propertyNames": inner,
            "exclusiveMinimum": _NUMBERS,
            "exclusiveMaximum": _NUMBERS,
            **dict.fromkeys(("if", "then", "else"), inner),
            **dict.fromkeys(("minContains", "maxContains"), sizes),
            "dependentRequired": st.dictionaries(_NAMES, names, max_size=2),
            "dependentSchemas": named,
            "prefixItems": some,
        }
    return found


def schemas(draft: str, *, plain: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of a draft, valid ones.

    :param plain: with expressions that Python reads as ECMA-262 has them, ``unevaluatedProperties``
        and ``unevaluatedItems`` where plain jsonschema reads them, and no ``format``.
    """
    modern = "draft-04" not in draft
    legacy = "json-schema.org/draft-0" in draft
    references = st.sampled_from(["x", "y"]).map(lambda name: {"$ref": f"#/definitions/{name}"})
    leaves: st.SearchStrategy[Any] = st.just({}) | references
    if modern:
        leaves |= st.booleans()

    def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        options = _keywords(inner, _PLAIN_PATTERNS if plain else _PATTERNS, modern=modern)
        if plain:
            del options["format"]
            if not legacy:
                options["unevaluatedProperties"] = inner | st.just(value=False)
        if legacy:
            options["dependencies"] = st.dictionaries(
                _NAMES, inner | st.lists(_NAMES, min_size=1, max_size=2, unique=True), max_size=2
            )
        if "2020-12" not in draft:
            options["items"] = inner | st.lists(inner, min_size=1, max_size=3)
        else:
            del options["additionalItems"]
            if plain:
                options["unevaluatedItems"] = inner | st.just(value=False)
        return st.sets(st.sampled_from(sorted(options)), min_size=1, max_size=4).flatmap(
            lambda chosen: st.fixed_dictionaries({name: options[name] for name in sorted(chosen)})
        )

    inner = st.recursive(leaves, grown, max_leaves=6)
    flat = grown(st.just({}) | grown(st.just({})))
    return st.tuples(grown(inner), flat, flat).map(
        lambda found: {
            "$schema": draft,
            **found[0],
            "definitions": {"x": found[1], "y": found[2]},
        }
    )
