"""2020-12 in the words of draft-04 or OpenAPI 3.0, which have fewer."""

from __future__ import annotations

from eventroute.dialects.lower.lowering import lowered
from eventroute.dialects.lower.target import DRAFT_04, OPENAPI_30, Target

__all__ = ["DRAFT_04", "OPENAPI_30", "Target", "lowered"]
