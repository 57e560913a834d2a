"""CloudWatch as it keeps its points, and an endpoint's own metrics."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import endpoints, metrics
from services.cloud import Cloud
from services.errors import InvalidRequest, NotFound
from services.launches import carry_out
from services.ledger import Ledger, State
from services.metrics import MOST_POINTS, PERIODS, period_seconds
from tests.support.deck_wishes import KIM, cloud_of, endpoint_plan, put_echo_model
from tests.support.practice_account import Account
from tests.support.waiting import eventually

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age_hours", "hours", "period"),
    [
        (0.1, 0.1, 1),
        (1, 1, 10),
        (3, 3, 30),
        (4, 0.1, 60),
        (24, 24, 300),
        (24 * 16, 1, 300),
        (24 * 64, 1, 3600),
        (24 * 500, 1, 86400),
        (24 * 400, 24 * 400, 86400),
    ],
)
def test_the_finest_period_that_is_still_kept(age_hours: float, hours: float, period: int) -> None:
    start = NOW - timedelta(hours=age_hours)
    assert period_seconds(start, start + timedelta(hours=hours), NOW) == period


@given(st.floats(0, 24 * 500), st.floats(0, 1))
def test_a_chart_never_has_too_many_points(age_hours: float, share: float) -> None:
    start = NOW - timedelta(hours=age_hours)
    span = timedelta(hours=age_hours * share)
    period = period_seconds(start, start + span, NOW)
    assert period in PERIODS
    assert span.total_seconds() / period <= MOST_POINTS or period == PERIODS[-1]


@pytest.mark.heavy
def test_an_endpoints_invocations_latency_and_errors(practice: Account, ledger: Ledger) -> None:
    cloud = cloud_of(practice)
    put_echo_model(practice)
    assert carry_out(cloud, ledger, endpoint_plan(cloud, "echo"), KIM).state is State.DONE
    practice.advance(60)
    eventually(partial(endpoints.get_endpoint, cloud, "echo"), until=lambda row: row.can_invoke)
    for body in (b"one", b"two"):
        assert endpoints.invoke(cloud, "echo", body, "text/plain", KIM).seconds > 0
    with pytest.raises(InvalidRequest, match="broken") as refused:
        endpoints.invoke(cloud, "echo", b"400", "text/status", KIM)
    assert refused.value.code == "ModelError"

    def sums() -> dict[str, float]:
        return {
            metric.name: sum(value for _, value in metric.points) for metric in metrics.READS["endpoint"](cloud, "echo")
        }

    found = eventually(sums, until=lambda sums: sums["Invocations"] == 3)
    assert found["Invocation4XXErrors"] == 1
    assert found["Invocation5XXErrors"] == 0
    assert found["ModelLatency"] > 0
    units = {metric.name: metric.unit for metric in metrics.endpoint_metrics(cloud, "echo")}
    assert units["ModelLatency"] == "Microseconds"


def test_an_endpoint_that_is_not_there(shared_cloud: Cloud) -> None:
    with pytest.raises(NotFound):
        metrics.endpoint_metrics(shared_cloud, "nobody")
