"""An object that fits tests: which members it has, and what they hold."""

from __future__ import annotations

from eventroute.registry.inclusion.objects.choice import object_for

__all__ = ["object_for"]
