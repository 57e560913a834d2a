"""Output bytes become log lines that CloudWatch takes."""

from hypothesis import given
from hypothesis import strategies as st

from practice.machines.lines import LONGEST_BYTES, LineCutter


def cut(*pieces: bytes) -> list[str]:
    """All lines of these pieces."""
    cutter = LineCutter()
    return [line for piece in pieces for line in cutter.feed(piece)] + cutter.feed(b"", final=True)


def test_lines_are_whole_however_the_bytes_come() -> None:
    assert cut(b"on", b"e\r\ntw", b"o\n\n  \n\xed\x95", b"\x9c\nrest") == ["one", "two", "한", "rest"]


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert cut(b"caf\xe9\n") == ["caf�"]


def test_a_line_too_long_for_an_event_becomes_several() -> None:
    text = "한" * 200_000
    for pieces in ([text.encode()], [text.encode()[i : i + 65536] for i in range(0, len(text.encode()), 65536)]):
        lines = cut(*pieces, b"\nnext\n")
        assert all(len(line.encode()) <= LONGEST_BYTES for line in lines)
        assert lines[-1] == "next"
        assert "".join(lines[:-1]) == text


def test_an_endless_line_is_given_out_before_its_end() -> None:
    cutter = LineCutter()
    given_out = [line for _ in range(10) for line in cutter.feed(b"x" * 65536)]
    assert sum(map(len, given_out)) > 10 * 65536 - LONGEST_BYTES - 4


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_what_comes_out_never_depends_on_where_it_was_cut(pieces: list[bytes]) -> None:
    assert cut(*pieces) == cut(b"".join(pieces))
