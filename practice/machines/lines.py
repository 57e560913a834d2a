"""Bytes of a process's output, as log lines that PutLogEvents takes."""

import codecs

LONGEST_BYTES = 256 * 1024 - 26
"""A CloudWatch Logs event may have 262,144 bytes, of which 26 are overhead (PutLogEvents, InputLogEvent)."""


class LineCutter:
    """Collects bytes and gives out complete lines: never empty, never too long (the rest becomes lines of its own)."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""

    def feed(self, piece: bytes, final: bool = False) -> list[str]:
        """The lines that `piece` completes; when it is the `final` one, also what has no line end."""
        *whole, rest = (self._rest + self._decoder.decode(piece, final)).split("\n")
        cut = [part for line in whole for part in cut_to_size(line.rstrip("\r"))]
        *early, self._rest = [*cut_to_size(rest), ""] if final else cut_to_size(rest)
        return [line for line in (*cut, *early) if line.strip()]


def cut_to_size(text: str) -> list[str]:
    """The text in parts, at least one, that each fit an event."""
    if len(text) * 4 <= LONGEST_BYTES:
        return [text]
    parts = []
    raw = text.encode()
    while len(raw) > LONGEST_BYTES:
        head = raw[:LONGEST_BYTES].decode("utf-8", errors="ignore")
        parts.append(head)
        raw = raw[len(head.encode()) :]
    return [*parts, raw.decode()]
