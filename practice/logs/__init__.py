"""CloudWatch Logs: groups, streams and events; what runs in this account writes its output through `append`."""

from practice.logs.lines import append, close, flush, open_stream

__all__ = ["append", "close", "flush", "open_stream"]
