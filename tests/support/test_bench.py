"""The bench's own arithmetic: when a bound holds, and that a missed one fails the run."""

import pytest

from bench.harness import Figure, median_seconds, report, seconds


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        (Figure("no bound", 9, "s"), True),
        (Figure("under", 2, "s", at_most=2), True),
        (Figure("over", 2.1, "s", at_most=2), False),
        (Figure("enough", 20, "jobs", at_least=20), True),
        (Figure("too few", 19, "jobs", at_least=20), False),
        (Figure("near its floor", 3, "s", floor=2, ratio_at_most=1.5), True),
        (Figure("far from its floor", 3.1, "s", floor=2, ratio_at_most=1.5), False),
        (Figure("no floor measured", 3, "s", ratio_at_most=1.5), False),
    ],
    ids=lambda value: value.name if isinstance(value, Figure) else "",
)
def test_a_figure_holds_within_all_of_its_bounds(figure: Figure, holds: bool) -> None:
    assert figure.holds is holds


def test_one_missed_bound_fails_the_report_and_every_line_is_still_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert not report([Figure("slow", 3, "s", at_most=2), Figure("quick", 1, "s", at_most=2, floor=0.5)])
    slow, quick = capsys.readouterr().out.splitlines()
    assert slow.startswith("MISSED slow")
    assert quick.startswith("ok")
    assert "2.00 x floor of 0.5 s" in quick


def test_time_is_wall_time() -> None:
    assert 0 <= seconds(lambda: None) < 1
    assert 0 <= median_seconds(lambda: None, times=3) < 1
