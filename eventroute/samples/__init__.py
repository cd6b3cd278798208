"""Values made from a schema: an event to show to people, or a plain one to try readers on."""

from __future__ import annotations

from eventroute.samples.sample import checked_sample, plain_sample

__all__ = ["checked_sample", "plain_sample"]
