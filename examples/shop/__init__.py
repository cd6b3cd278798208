"""A shop's order service: accepted first, processed later, fanned out by content."""
