"""Queues, made and kept as they should be: what every AWS backend needs, whatever feeds them."""
