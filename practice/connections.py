"""Connections of the door: waitress, with what boto3 needs of it."""

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress is shipped without types
    """boto3 sends `Expect: 100-continue` with an empty object too; waitress would wait for a body for ever."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is None:
            self.expect_continue = False


class Connection(HTTPChannel):  # type: ignore[misc]  # waitress is shipped without types
    """One client's connection."""

    parser_class = _Parser
