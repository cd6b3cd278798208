"""What a JSON Schema says of the events that fit it, as far as it is certain."""

from __future__ import annotations

from eventroute.pattern.analysis.schema.check import check_against_schema
from eventroute.pattern.analysis.schema.envelope import DETAIL_POINTER, detail_schema
from eventroute.pattern.analysis.schema.fields import Field, Fields

__all__ = ["DETAIL_POINTER", "Field", "Fields", "check_against_schema", "detail_schema"]
