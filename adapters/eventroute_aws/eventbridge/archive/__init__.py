"""The archive of an event bus, and replays of what it keeps."""
