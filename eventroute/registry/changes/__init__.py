"""What differs between two schemas, keyword by keyword, for people to read."""

from eventroute.registry.changes.differences import changes_between

__all__ = ["changes_between"]
