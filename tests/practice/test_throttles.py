"""Token buckets: so many at once, then so many a second, for each region and operation alone, with AWS's own codes."""

import threading
from collections import Counter
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from practice.account import Account
from practice.errors import ServiceError
from practice.throttles import RATES, Throttles, _rate
from tests.support.local_account import Local


def admitted(throttles: Throttles, times: int, operation: str = "LookupEvents", region: str = "r") -> int:
    """How many of so many requests at once come in."""
    count = 0
    for _ in range(times):
        try:
            throttles.admit("cloudtrail", region, operation)
        except ServiceError:
            continue
        count += 1
    return count


def test_a_bucket_gives_its_burst_and_fills_at_its_rate() -> None:
    now = [0.0]
    throttles = Throttles(now=lambda: now[0])
    assert admitted(throttles, 10) == 2
    assert admitted(throttles, 10, region="elsewhere") == 2
    assert admitted(throttles, 10, operation="DescribeTrails") == 10
    now[0] = 0.5
    assert admitted(throttles, 10) == 1
    now[0] = 3600.0
    assert admitted(throttles, 10) == 2
    assert admitted(Throttles(on=False), 10) == 10


def test_threads_share_a_bucket() -> None:
    throttles, counts = Throttles(now=lambda: 0.0), Counter[str]()
    threads = [threading.Thread(target=lambda: counts.update(came=admitted(throttles, 20))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts["came"] == 2


@pytest.mark.parametrize(
    ("service", "operation", "per_second"),
    [
        ("cloudtrail", "LookupEvents", 2),
        ("sagemaker", "ListTrainingJobs", 2),
        ("sagemaker", "DescribeEndpoint", 20),
        ("sagemaker", "CreateTrainingJob", 5),
        ("sagemaker", "InvokeEndpoint", None),
        ("servicequotas", "ListServiceQuotas", 10),
        ("servicequotas", "GetServiceQuota", 5),
        ("pricing", "GetProducts", 5),
        ("scheduler", "ListSchedules", 50),
        ("scheduler", "ListScheduleGroups", 10),
        ("s3", "PutObject", None),
    ],
)
def test_the_first_rate_that_fits_counts(service: str, operation: str, per_second: float | None) -> None:
    rate = _rate(service, operation)
    assert (rate.per_second if rate else None) == per_second


def test_every_rate_has_its_source_and_a_bucket_that_holds_a_second() -> None:
    assert all(rate.source and rate.burst >= rate.per_second for rate in RATES)


@pytest.fixture
def throttled(local: Local) -> Local:
    """The same account, throttling as AWS does."""
    local.account.close()
    local.account = Account(Path(local.home), 0)
    return local


@pytest.mark.parametrize(
    ("service", "method", "code", "status"),
    [
        ("cloudtrail", "lookup_events", "ThrottlingException", 400),
        ("service-quotas", "list_services", "TooManyRequestsException", 400),
        ("scheduler", "list_schedule_groups", "ThrottlingException", 429),
        ("resourcegroupstaggingapi", "get_resources", "ThrottledException", 400),
        ("resourcegroupstaggingapi", "get_tag_keys", "ThrottledException", 400),
    ],
)
def test_who_asks_too_often_is_refused_as_that_service_does(
    throttled: Local, service: str, method: str, code: str, status: int
) -> None:
    ask = getattr(throttled.client(service), method)

    def ask_often() -> None:
        for _ in range(200):
            ask()

    with pytest.raises(ClientError) as refused:
        ask_often()
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
