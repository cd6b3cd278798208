"""What is not regular, not valid or too large is refused, with the place."""

from __future__ import annotations

import pytest

from eventroute.registry.regular import Language, UnsupportedExpressionError


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", r"'\\1'"),
        (r"\k<name>", r"'\\k'"),
        (r"\bfoo", r"'\\b'"),
        (r"a\Z", r"'\\Z'.*near character 3"),
        ("(?<=a)b", "lookbehind"),
        ("(?<!a)b", "lookbehind"),
        ("(?i)a", "flags"),
        ("(?:a(?=b))*", "lookahead in a group that is repeated"),
        ("^*", "anchor or a lookahead that is repeated"),
        ("a**", "quantifier of a quantifier"),
        ("a++", "quantifier of a quantifier"),
        ("*", "quantifier of nothing"),
        ("(?:+)", "quantifier of nothing"),
        ("a{3,2}", "count from 3 to 2"),
        ("a{,2}", "write '{0,'"),
        ("(a", "nothing closes"),
        ("a)", "closes nothing"),
        ("[a", "nothing closes"),
        ("[b-a]", "no two ends in order"),
        (r"[a-\d]", "no two ends in order"),
        ("a\\", "backslash at the end"),
        (r"\p{Script=Greek}", r"'\\p'"),
        (r"\p{Klingon}", "'Klingon'"),
        (r"\u{110000}", "beyond Unicode"),
        ("(" * 30 + "a" + ")" * 30, "groups inside one another"),
        ("((a{1000}){1000}){1000}", "more than 100000 characters"),
        ("a" * 20_001, "20001 characters"),
        ("(?:(?:^a){0,50}){0,50}", "repeated often"),
    ],
)
def test_an_expression_is_refused_with_its_reason(pattern: str, reason: str) -> None:
    with pytest.raises(UnsupportedExpressionError, match=reason) as caught:
        Language.of(pattern)
    assert caught.value.pattern == pattern


def test_a_hundred_thousand_parentheses_are_refused() -> None:
    with pytest.raises(UnsupportedExpressionError):
        Language.of("(" * 100_000)


def test_a_language_that_is_combined_without_end_is_refused() -> None:
    def combined(times: int) -> Language:
        language = Language.of("^a")
        for at in range(times):
            language = ~(language & Language.length(at, None))
        return language

    assert combined(20).matches("b")
    with pytest.raises(UnsupportedExpressionError, match="inside one another"):
        combined(1000)
