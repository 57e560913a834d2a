"""The meter adds up what each state bills, part by part, and loses nothing on the way."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import meter, rates
from services.history import History
from services.meter import ResourceCost
from services.plans import PricePart
from services.variants import Variant
from tests.support.deck_rows import ACCOUNT, BORN, REGION, at, endpoint, job, notebook, taken


def rate(part: PricePart | None) -> Decimal:
    assert part is not None
    return part.usd_per_hour


NOTEBOOK = rate(rates.instance_part(REGION, "ml.t3.medium", "notebook"))
STORAGE = rate(rates.storage_part(REGION, 5))
SERVING = rate(rates.instance_part(REGION, "ml.m5.large", "hosting", 2))
TRAINING = rate(rates.instance_part(REGION, "ml.m5.large", "training", 2)) + rate(rates.storage_part(REGION, 10, 2))


def close(one: Decimal, other: Decimal) -> bool:
    """Equal but for the last digits of a division."""
    return abs(one - other) < Decimal("1e-18")


def parts(cost: ResourceCost) -> dict[str, Decimal]:
    return {part.what: part.hours for part in cost.parts}


def test_a_notebook_bills_its_instance_in_service_and_its_volume_always(history: History) -> None:
    history.observe(ACCOUNT, taken(0, notebooks=(notebook("Pending"),)))
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("InService", 0.5),)))
    history.observe(ACCOUNT, taken(9, notebooks=(notebook("Stopped", 8.5),)))
    (cost,) = meter.cost(history, ACCOUNT, BORN, at(10))
    assert parts(cost) == {"instance": 8, "storage": 10}
    assert close(cost.usd, NOTEBOOK * 8 + STORAGE * 10)
    assert cost.complete
    (part_of_it,) = meter.cost(history, ACCOUNT, at(8), at(9))
    assert parts(part_of_it) == {"instance": Decimal("0.5"), "storage": 1}


def test_what_nobody_watched_bills_its_volume(history: History) -> None:
    history.observe(ACCOUNT, taken(100, notebooks=(notebook("InService", 98),)))
    (cost,) = meter.cost(history, ACCOUNT, BORN, at(100))
    assert parts(cost) == {"instance": 2, "storage": 100}


def test_an_endpoint_bills_while_it_serves_all_its_instances(history: History) -> None:
    history.observe(ACCOUNT, taken(0, endpoints=(endpoint("Creating"),)))
    history.observe(ACCOUNT, taken(1, endpoints=(endpoint("InService", 0.25),)))
    history.observe(ACCOUNT, taken(3, endpoints=(endpoint("Updating", 2.25),)))
    history.observe(ACCOUNT, taken(4, endpoints=(endpoint("Deleting", 3.25),)))
    (cost,) = meter.cost(history, ACCOUNT, BORN, at(9))
    assert parts(cost) == {"instance": 3}
    assert close(cost.usd, SERVING * 3)


def test_an_endpoints_volumes_bill_too_where_they_are_known(history: History) -> None:
    variants = (Variant("a", "m", "ml.m5.large", 2, 1.0, 30), Variant("b", "m", "ml.m5.xlarge", 1, 1.0))
    row = endpoint("InService", variants=variants)
    history.observe(ACCOUNT, taken(1, endpoints=(row,)))
    (cost,) = meter.cost(history, ACCOUNT, BORN, at(1))
    assert close(cost.usd, rates.total(row.parts()))
    assert row.burn == rates.total(row.parts())


def test_a_training_job_bills_its_billable_seconds_and_not_the_time_that_passed(history: History) -> None:
    history.observe(ACCOUNT, taken(5, trainings=(job(training_seconds=600),)))
    assert close(meter.total(meter.cost(history, ACCOUNT, BORN, at(5))), TRAINING / 6)
    history.observe(ACCOUNT, taken(6, trainings=(job("Completed", billable_seconds=1800),)))
    (cost,) = meter.cost(history, ACCOUNT, BORN, at(6))
    assert parts(cost) == {"instance": Decimal("0.5"), "storage": Decimal("0.5")}
    (half,) = meter.cost(history, ACCOUNT, at(1.5), at(6))
    assert close(half.usd * 2, cost.usd)


def test_today_and_this_month_begin_at_midnight_utc(history: History) -> None:
    history.observe(ACCOUNT, taken(100, notebooks=(notebook("InService", 0),)))
    now = at(24 * 31)
    assert now.day == 1
    assert now.hour == 12
    assert [parts(cost) for cost in meter.today(history, ACCOUNT, now)] == [{"instance": 12, "storage": 12}]
    assert [parts(cost) for cost in meter.this_month(history, ACCOUNT, now)] == [{"instance": 12, "storage": 12}]
    assert [parts(cost) for cost in meter.this_month(history, ACCOUNT, at(60))] == [{"instance": 60, "storage": 60}]


def test_by_resource_and_by_kind(history: History) -> None:
    rows = (notebook(), notebook(name="other"))
    owners = {rows[0].arn: "kim"}
    history.observe(ACCOUNT, taken(10, notebooks=rows, endpoints=(endpoint(),), owners=owners))
    costs = meter.cost(history, ACCOUNT, BORN, at(10))
    one = rates.total(rows[0].parts()) * 10
    assert close(meter.by_kind(costs)["notebook"], one * 2)
    assert list(meter.by_kind(costs)) == ["endpoint", "notebook"]
    assert sorted((cost.resource.owner, cost.resource.kind) for cost in costs) == [
        ("", "endpoint"),
        ("", "notebook"),
        ("kim", "notebook"),
    ]
    found = meter.to_date(history, ACCOUNT, rows[1].arn, BORN, at(10))
    assert found is not None
    assert close(found.usd, one)
    assert meter.to_date(history, ACCOUNT, "arn", BORN, at(10)) is None
    assert meter.cost(history, ACCOUNT, BORN, at(10), region="us-east-1") == ()


def test_the_course_of_the_rate_adds_up_to_the_cost(history: History) -> None:
    history.observe(ACCOUNT, taken(0, notebooks=(notebook("Pending"),)))
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("InService", 0.5),)))
    history.observe(ACCOUNT, taken(9, notebooks=(notebook("Stopped", 8.5),), trainings=(job("Completed"),)))
    course = meter.course(history, ACCOUNT, BORN, at(10), stretches=5)
    whole = meter.total(meter.cost(history, ACCOUNT, BORN, at(10)))
    assert abs(sum(course, Decimal(0)) * 2 - whole) < Decimal("1e-12")
    assert abs(course[2] - NOTEBOOK - STORAGE) < Decimal("1e-12")
    assert meter.course(history, ACCOUNT, at(20), at(21), stretches=2) == (STORAGE, STORAGE)


def test_a_rate_that_is_not_known_is_said_to_be_missing(history: History) -> None:
    history.observe(ACCOUNT, taken(10, notebooks=(notebook(instance_type="ml.moon.large"),)))
    (cost,) = meter.cost(history, ACCOUNT, BORN, at(10))
    assert parts(cost) == {"storage": 10}
    assert not cost.complete


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Ten days of one notebook, looked at rarely."""
    history = History(tmp_path_factory.mktemp("watched") / "history.sqlite3")
    for hour, state, changed in ((0, "Pending", 0), (7, "InService", 0.1), (90, "Stopped", 71), (240, "Stopped", 71)):
        history.observe(ACCOUNT, taken(hour, notebooks=(notebook(state, changed),)))
    return history


@given(st.lists(st.integers(0, 10 * 24 * 3600 * 10**6), min_size=1, max_size=5))
def test_the_sum_of_the_pieces_is_the_whole(watched: History, cuts: list[int]) -> None:
    """To the last digit, wherever the time is cut."""
    moments = [BORN, *sorted(BORN + timedelta(microseconds=cut) for cut in cuts), at(240)]
    whole = meter.total(meter.cost(watched, ACCOUNT, BORN, at(240)))
    pieces = [meter.total(meter.cost(watched, ACCOUNT, start, end)) for start, end in pairwise(moments)]
    assert close(sum(pieces, Decimal(0)), whole)
