"""CloudWatch Logs: groups, streams and events; what runs in this account writes its output through `append`."""

from practice.logs.lines import append, close, flush

__all__ = ["append", "close", "flush"]
