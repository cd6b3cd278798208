"""Sets of texts that regular expressions name: read in linear time, compared and combined."""

from eventroute.errors import EffortSpentError, UnsupportedExpressionError
from eventroute.registry.regular.language import Language

__all__ = ["EffortSpentError", "Language", "UnsupportedExpressionError"]
