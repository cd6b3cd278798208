"""Finding out why an event matches or not, with the engine that decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.errors import LimitExceededError
from eventroute.pattern.explained_clause import ClauseExplainer
from eventroute.pattern.explanation import ExplainedAlternative, Explanation
from eventroute.pattern.match import Matching, Node
from eventroute.pattern.one_element import no_one_element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.event_values import Object

__all__ = ["explain"]


def explain(trees: Sequence[Node], document: Object) -> Explanation:
    """Try every alternative and describe each.

    :raises LimitExceededError: where matching would raise it.
    """
    matched = Matching(document).satisfies_any(trees)
    explainer = ClauseExplainer(document)
    return Explanation(matched, tuple(_alternative(tree, document, explainer) for tree in trees))


def _alternative(tree: Node, document: Object, explainer: ClauseExplainer) -> ExplainedAlternative:
    matching = Matching(document)
    clauses = tuple(explainer.whole(clause) for clause in tree.clauses())
    failed = [clause.path for clause in clauses if not clause.matched]
    if failed:
        return ExplainedAlternative(False, clauses, f"failed: {', '.join(failed)}")
    try:
        if matching.satisfies_any((tree,)):
            return ExplainedAlternative(True, clauses, None)
        reason, elements = no_one_element(matching, tree, explainer)
        return ExplainedAlternative(False, clauses, reason, elements)
    except LimitExceededError as error:
        return ExplainedAlternative(False, clauses, str(error))
