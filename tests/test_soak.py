"""What `make soak` measures, at a size that fits among the tests: what is counted, and no times."""

from collections.abc import Callable, Iterator

import pytest

from bench.accounts import fresh_account
from bench.harness import Figure
from bench.soaking import auto_stops, launches, ledgers, reads, screens, secrets

pytestmark = pytest.mark.heavy

TIMED = ("ms", "s")
"""Times are bounds of a machine that does nothing else: `make soak` holds them."""


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param(lambda: small_reads(), id="reads"),
        pytest.param(lambda: launches.figures(12), id="launches"),
        pytest.param(lambda: ledgers.figures(5), id="ledgers"),
        pytest.param(lambda: small_auto_stops(), id="auto-stops"),
        pytest.param(lambda: small_screens(), id="screens"),
    ],
)
def test_what_must_hold_holds(figures: Callable[[], Iterator[Figure]]) -> None:
    missed = [figure for figure in figures() if figure.unit not in TIMED and not figure.holds]
    assert not missed


def small_reads() -> Iterator[Figure]:
    """All but the hanging calls, which take as long as they may: `services/test_replies.py` holds what ends them."""
    with reads.filled() as account:
        yield reads.corrupt(account, 2 * len(reads.READS))
        # So few that chance would decide: in the same order they meet the same trouble.
        yield from reads.faulty(account, 100, side_by_side=1)
        yield reads.paged(account)


def small_auto_stops() -> Iterator[Figure]:
    """After an outage, and beside a failure; `practice/scheduler` has the plain case."""
    with fresh_account() as account:
        yield from auto_stops.after_outage(account)
        yield auto_stops.beside_a_failure(account, 5)


def small_screens() -> Iterator[Figure]:
    """All but the first paint, which is a time: `pages/ui/test_reads.py` holds that nobody waits."""
    with screens.stage() as at:
        yield screens.denied(at, (("overview", {}), ("launch", {"kind": "training"})))
        yield secrets.sought(at, ("echo",))
