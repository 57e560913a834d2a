"""Connections of the door: waitress, with what boto3 needs of it."""

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from practice.headers import with_marked_underscores, with_small_metadata


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress is shipped without types
    """boto3 sends `Expect: 100-continue` with an empty object too; waitress would wait for a body for ever."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(with_marked_underscores(header_plus))
        if self.body_rcv is None:
            self.expect_continue = False


class _Task(WSGITask):  # type: ignore[misc]  # waitress is shipped without types
    """Waitress writes every part of a name with a capital."""

    def build_response_header(self) -> bytes:
        return with_small_metadata(super().build_response_header())


class Connection(HTTPChannel):  # type: ignore[misc]  # waitress is shipped without types
    """One client's connection."""

    parser_class = _Parser
    task_class = _Task
