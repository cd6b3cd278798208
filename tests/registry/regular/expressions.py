"""Random expressions of a small alphabet, as ``pattern`` writes them."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["EXPRESSIONS", "TEXTS"]

_ATOMS = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\w", r"\S", "é", r"\n", r"\x61", "", "1"]
)
_COUNTS = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = inner.map(lambda text: f"(?:{text})")
    return st.one_of(
        st.lists(inner, min_size=2, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda texts: f"(?:{'|'.join(texts)})"),
        st.tuples(group, _COUNTS).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"^{text}"),
        inner.map(lambda text: f"{text}$"),
    )


EXPRESSIONS = st.recursive(_ATOMS, _grow, max_leaves=8)
TEXTS = st.text(alphabet="abc1é\n ", max_size=8)
