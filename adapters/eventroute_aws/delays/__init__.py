"""Delayed publishing: events rest in a queue or a schedule, and are published when they are due."""
