"""The deck's own paid calls: counted before they leave, shared by all threads and processes, and capped a day."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services import cloud as clouds
from services.cloud import Account as DeckAccount
from services.cloud import AccountKind, Cloud, take_toll
from services.errors import CapReached, DeckError, translated
from services.paid_calls import CAP_USD, RATES, PaidCalls
from tests.support import processes
from tests.support.deck_wishes import ACCOUNT_ID
from tests.support.practice_account import REGION
from tests.support.replies import WHEN, Replies, operation_model, serving
from tests.support.waiting import eventually

METRIC = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
REAL = DeckAccount(AccountKind.REAL, "210987654321")
GET_METRIC_DATA = operation_model("cloudwatch", "GetMetricData")
GET_COST = operation_model("ce", "GetCostAndUsage")
ONE_METRIC = Decimal("0.00001")


def asking(metrics: int, start: datetime = WHEN) -> dict[str, Any]:
    """A GetMetricData request for so many metrics, and an expression over them, which costs nothing more."""
    queries: list[dict[str, Any]] = [{"Id": f"m{at}", "MetricStat": METRIC} for at in range(metrics)]
    total = {"Id": "total", "Expression": "SUM(METRICS())"}
    return {"MetricDataQueries": [*queries, total], "StartTime": start, "EndTime": start + timedelta(hours=1)}


class Noon:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def noon() -> Noon:
    return Noon()


@pytest.fixture
def paid(tmp_path: Path, noon: Noon) -> Iterator[PaidCalls]:
    opened = PaidCalls(tmp_path / "paid.sqlite3", now=noon)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def replies() -> Iterator[Replies]:
    with serving({"GetMetricData": {"MetricDataResults": []}, "ListEndpoints": {"Endpoints": []}}) as server:
        yield server


@pytest.fixture
def told(replies: Replies, paid: PaidCalls, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """An account whose every call pays toll here."""
    monkeypatch.setattr(clouds, "_tolls", [])
    replies.asked.clear()
    cloud = Cloud(DeckAccount(AccountKind.PRACTICE, ACCOUNT_ID, "", replies.url, "key", "secret"), REGION)
    cloud.client("cloudwatch")  # made before the toll is: it pays all the same
    take_toll(paid.charge)
    return cloud


def test_every_rate_is_of_an_operation_that_there_is_and_says_its_source() -> None:
    for (service, operation), rate in RATES.items():
        assert operation_model(service, operation).name == operation
        assert rate.usd > 0
        assert rate.unit in ("metric", "request")
        assert rate.source.startswith("aws.amazon.com/")
    assert Decimal("0.50") == CAP_USD


def test_metrics_are_counted_one_by_one_and_requests_whole(paid: PaidCalls) -> None:
    paid.charge(REAL, GET_METRIC_DATA, asking(500))
    paid.charge(REAL, GET_METRIC_DATA, asking(1))
    paid.charge(REAL, GET_COST, {})
    paid.charge(REAL, operation_model("sagemaker", "ListEndpoints"), {})
    spent = paid.today(REAL.key)
    assert (spent.usd, spent.calls, spent.cap_usd) == (501 * ONE_METRIC + Decimal("0.01"), 3, CAP_USD)


def test_each_account_has_a_count_of_its_own_whichever_profile_opened_it(paid: PaidCalls) -> None:
    paid.charge(REAL, GET_COST, {})
    paid.charge(replace(REAL, profile="other"), GET_COST, {})
    assert paid.today(replace(REAL, profile="third").key).calls == 2
    assert paid.today(replace(REAL, account_id="111111111111").key).calls == 0


def test_the_cap_holds_under_fifty_threads(paid: PaidCalls) -> None:
    def charge(_: int) -> bool:
        try:
            paid.charge(REAL, GET_COST, {})
        except CapReached:
            return False
        return True

    with ThreadPoolExecutor(50) as workers:
        allowed = sum(workers.map(charge, range(200)))
    assert (allowed, paid.today(REAL.key).usd) == (50, CAP_USD)


def test_it_begins_anew_at_midnight_utc(paid: PaidCalls, noon: Noon) -> None:
    for _ in range(50):
        paid.charge(REAL, GET_COST, {})
    noon.now = datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)
    with pytest.raises(CapReached) as caught:
        paid.charge(REAL, GET_METRIC_DATA, asking(1))
    assert caught.value.resource == "cloudwatch:GetMetricData"
    assert "cap of $0.5" in caught.value.message
    assert "midnight UTC" in caught.value.remedy
    noon.now = datetime(2026, 11, 26, 9, tzinfo=UTC).astimezone()
    paid.charge(REAL, GET_METRIC_DATA, asking(1))
    assert (paid.today(REAL.key).usd, paid.today(REAL.key).day.day) == (ONE_METRIC, 26)


def test_the_count_is_on_disk_and_shared_with_other_processes(paid: PaidCalls, tmp_path: Path) -> None:
    paid.charge(REAL, GET_COST, {})
    program = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime;"
        "from services.paid_calls import PaidCalls; from services.cloud import Account, AccountKind;"
        "from tests.support.replies import operation_model;"
        "noon = lambda: datetime(2026, 11, 25, 12, tzinfo=UTC);"
        "paid = PaidCalls(Path(sys.argv[1]), now=noon);"
        "paid.charge(Account(AccountKind.REAL, '210987654321'), operation_model('ce', 'GetTags'), {})"
    )
    other = processes.start([sys.executable, "-c", program, str(tmp_path / "paid.sqlite3")], tmp_path / "other.log")
    eventually(lambda: other.poll() is not None, timeout=60)
    assert other.returncode == 0, (tmp_path / "other.log").read_text()
    assert paid.today(REAL.key).calls == 2


def test_every_client_pays_before_its_request_leaves(told: Cloud, replies: Replies, paid: PaidCalls) -> None:
    told.client("cloudwatch").get_metric_data(**asking(3))
    told.writer("cloudwatch").get_metric_data(**asking(2))
    told.client("sagemaker").list_endpoints()
    assert paid.today(told.account.key).usd == 5 * ONE_METRIC
    assert replies.asked == ["GetMetricData", "GetMetricData", "ListEndpoints"]


def test_a_refused_call_never_reaches_the_network_and_says_what_to_do(
    told: Cloud, replies: Replies, tmp_path: Path, noon: Noon
) -> None:
    small = PaidCalls(tmp_path / "small.sqlite3", cap_usd=2 * ONE_METRIC, now=noon)
    take_toll(small.charge)
    told.client("cloudwatch").get_metric_data(**asking(1))
    with pytest.raises(DeckError) as caught, translated("endpoint invocations"):
        told.client("cloudwatch").get_metric_data(**asking(2))
    assert type(caught.value) is CapReached
    assert replies.asked == ["GetMetricData"]
    told.client("cloudwatch").get_metric_data(**asking(1))
    assert small.today(told.account.key).usd == 2 * ONE_METRIC
    small.close()
