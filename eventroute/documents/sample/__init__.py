"""An example of an event: one that its contract gives, or one that is made up; valid either way."""

from __future__ import annotations

from eventroute.documents.sample.sample import sample_of

__all__ = ["sample_of"]
