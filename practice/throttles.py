"""How often an account may ask: AWS's token buckets, each region and operation with its own, on wall time.

A bucket holds `burst` requests and fills again at `per_second`. What a schedule calls is not counted here: it comes at
its own time of the account's clock, which may be passed in a moment of the wall's.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from practice.errors import ServiceError

_QUOTAS = "docs.aws.amazon.com/servicequotas/latest/userguide/reference_limits.html"
_TRAIL = "docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"
_SCHEDULER = "docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html"
_TAGGING = "ours: docs.aws.amazon.com/general/latest/gr/arg.html has a rate of its own for each account"
_EC2 = "docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html"
_LOGS = "docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"
_PRICING = "docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html"
_LIST_JOBS = "an account's own service quota, not adjustable, as users report it (aws-solutions/deepracer-on-aws)"
_UNPUBLISHED = "ours: AWS throttles these calls and publishes no figure"


@dataclass(frozen=True, slots=True)
class Rate:
    """`service` is the signing name; `operations` a pattern of whole names; each of them has a bucket of its own."""

    service: str
    operations: str
    per_second: float
    burst: int
    source: str
    code: str = "ThrottlingException"
    status: int = 400


RATES = (
    Rate("cloudtrail", "LookupEvents", 2, 2, _TRAIL),
    Rate("sagemaker", "ListTrainingJobs", 2, 10, _LIST_JOBS),
    Rate("sagemaker", "Search", 10, 30, _UNPUBLISHED),
    Rate("sagemaker", r"(?:Describe|List)\w+", 20, 100, _UNPUBLISHED),
    Rate("sagemaker", r"(?:Create|Start|Stop|Update|Delete|Add)\w+", 5, 25, _UNPUBLISHED),
    Rate("servicequotas", r"ListServices|ListServiceQuotas|ListAWSDefaultServiceQuotas", 10, 20, _QUOTAS,
         "TooManyRequestsException"),
    Rate("servicequotas", "RequestServiceQuotaIncrease", 3, 6, _QUOTAS, "TooManyRequestsException"),
    Rate("servicequotas", r"Get\w+|ListRequested\w+", 5, 10, _QUOTAS, "TooManyRequestsException"),
    Rate("scheduler", r"(?:Create|Delete|Get|List)ScheduleGroups?", 10, 10, _SCHEDULER, status=429),
    Rate("scheduler", r"(?:Create|Update|Delete|Get)Schedule", 250, 250, _SCHEDULER, status=429),
    Rate("scheduler", r"ListSchedules", 50, 50, _SCHEDULER, status=429),
    Rate("tagging", r"\w+", 15, 15, _TAGGING, "ThrottledException"),
    Rate("logs", r"FilterLogEvents|GetLogEvents|DescribeLogStreams|DescribeLogGroups", 25, 25, _LOGS),
    Rate("pricing", r"\w+", 5, 10, _PRICING),
    Rate("savingsplans", r"\w+", 5, 10, _UNPUBLISHED),
    Rate("ce", r"\w+", 5, 10, _UNPUBLISHED, "LimitExceededException"),
    Rate("bcm-data-exports", r"\w+", 5, 10, _UNPUBLISHED),
    Rate("ec2", r"(?:Describe|Get)\w+", 20, 100, _EC2, "RequestLimitExceeded", 503),
    Rate("ec2", r"\w+", 5, 50, _EC2, "RequestLimitExceeded", 503),
)  # fmt: skip
"""The first that fits an operation counts; what fits none is not throttled here."""


class Throttles:
    """The buckets of one account. Thread-safe."""

    def __init__(self, *, on: bool = True, now: Callable[[], float] = time.monotonic) -> None:
        self._on = on
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str, str], tuple[float, float]] = {}
        """(service, region, operation) → (requests left, when that was)"""

    def admit(self, service: str, region: str, operation: str) -> None:
        """Take one request from its bucket. Raises ServiceError when it is empty."""
        rate = _rate(service, operation) if self._on else None
        if rate is None:
            return
        key, now = (service, region, operation), self._now()
        with self._lock:
            left, at = self._buckets.get(key, (float(rate.burst), now))
            left = min(float(rate.burst), left + (now - at) * rate.per_second)
            self._buckets[key] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            raise ServiceError(rate.code, "Rate exceeded", status=rate.status)


def _rate(service: str, operation: str) -> Rate | None:
    return next((rate for rate in RATES if rate.service == service and re.fullmatch(rate.operations, operation)), None)
