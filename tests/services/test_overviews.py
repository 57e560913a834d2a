"""Figures over a whole inventory."""

from decimal import Decimal

from services import inventory, rates
from services.overviews import StoppedBy
from services.schedules import Guard
from tests.support.deck_rows import at, endpoint, job, notebook, taken

RUNNING, STOPPED = notebook(), notebook("Stopped", name="off")
STOPPING, PENDING = notebook("Stopping", name="going"), notebook("Pending", name="coming")
SERVING, GOING = endpoint(), endpoint("Deleting", name="gone")
CREATING = endpoint("Creating", name="new")
TRAINING, WAITING, DONE = job(), job(name="w", started=None), job("Completed", name="d")
SPOT = job(name="s", spot=True)
ALL = taken(
    10,
    notebooks=(RUNNING, STOPPED, STOPPING, PENDING),
    trainings=(TRAINING, WAITING, DONE, SPOT),
    endpoints=(SERVING, GOING, CREATING),
    owners={RUNNING.arn: "kim", SERVING.arn: "kim"},
    guards={RUNNING.arn: Guard("g", at(12), True), CREATING.arn: Guard("g", at(11), False)},
)


def test_the_burn_rate_is_all_that_bills_now() -> None:
    assert inventory.burn(ALL) == sum(
        (
            rates.total(RUNNING.parts()),
            *(rates.total_of(row.parts(), "storage") for row in (STOPPED, STOPPING, PENDING)),
            rates.total(SERVING.parts()),
            *(rates.total(row.parts()) for row in (TRAINING, SPOT)),
        ),
        Decimal(0),
    )
    assert inventory.burn(taken(1)) == 0


def test_instances_in_use_count_what_holds_one() -> None:
    assert inventory.in_use(ALL) == {
        ("notebook", "ml.t3.medium"): 3,
        ("training", "ml.m5.large"): 4,
        ("spot_training", "ml.m5.large"): 2,
        ("endpoint", "ml.m5.large"): 4,
    }


def test_what_runs_by_kind_and_owner() -> None:
    rows = {(row.kind, row.owner): (row.count, row.usd_per_hour) for row in inventory.running(ALL)}
    assert rows["notebook", "kim"] == (1, RUNNING.burn)
    assert rows["notebook", ""] == (2, STOPPING.burn + PENDING.burn)
    assert rows["training", "kim"] == (3, TRAINING.burn + SPOT.burn)
    assert rows["endpoint", "kim"] == (1, SERVING.burn)
    assert rows["endpoint", ""] == (1, Decimal(0))
    burns = [row.usd_per_hour for row in inventory.running(ALL)]
    assert burns == sorted(burns, reverse=True)


def test_what_stops_by_itself_and_what_nobody_stops_first() -> None:
    rows = inventory.stops_ahead(ALL)
    assert [(row.kind, row.name, row.by, row.at, row.guarded) for row in rows] == [
        ("endpoint", "e", StoppedBy.NOTHING, None, False),
        ("endpoint", "new", StoppedBy.NOTHING, None, False),
        ("notebook", "coming", StoppedBy.NOTHING, None, False),
        ("training", "j", StoppedBy.LIMIT, at(3), True),
        ("training", "s", StoppedBy.LIMIT, at(3), True),
        ("notebook", "n", StoppedBy.GUARD, at(12), True),
        ("training", "w", StoppedBy.LIMIT, at(12), True),
    ]


def test_guards_that_could_not_be_read_are_not_called_missing() -> None:
    blind = taken(10, notebooks=(RUNNING,), read_at={"notebooks": at(10)})
    assert [row.by for row in inventory.stops_ahead(blind)] == [StoppedBy.UNKNOWN]
