"""Quotas: the tightest decides, and what AWS says is what counts."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import default_quotas, quotas
from services.cloud import Cloud
from services.plans import Quota, Severity
from services.quotas import InUse, check_quota, list_applied, tightest

M5 = default_quotas.quota_for("ml.m5.large", "training")
TOTALS = [quota for quota in default_quotas.aggregate_quotas("training") if quota.unit == "instances"]
ACCOUNT = next(quota for quota in TOTALS if quota.scope == "account")
RESOURCE = next(quota for quota in TOTALS if quota.scope == "resource")


def use(**counts: int) -> InUse:
    """Training instances in use by size: m5.large, m5.xlarge."""
    return Counter({("training", f"ml.m5.{size}"): count for size, count in counts.items()})


@pytest.mark.parametrize(
    ("limits", "used", "code", "left"),
    [
        ({M5: 20, ACCOUNT: 40, RESOURCE: 30}, {}, M5, 20),
        ({M5: 20, ACCOUNT: 40, RESOURCE: 30}, {"large": 15, "xlarge": 24}, ACCOUNT, 1),
        ({M5: 20, ACCOUNT: 40, RESOURCE: 5}, {"large": 5}, RESOURCE, 5),
        ({M5: 0, ACCOUNT: 40}, {}, M5, 0),
        ({ACCOUNT: 4}, {"xlarge": 6}, ACCOUNT, -2),
    ],
)
def test_the_least_left_decides(
    limits: dict[default_quotas.QuotaDefault, int], used: dict[str, int], code: default_quotas.QuotaDefault, left: int
) -> None:
    quota = tightest({q.code: value for q, value in limits.items()}, use(**used), "training", "ml.m5.large", 2)
    assert quota is not None
    assert (quota.code, quota.left, quota.needs) == (code.code, left, 2)


def test_where_nothing_is_known_there_is_no_quota() -> None:
    assert tightest({}, use(), "training", "ml.m5.large", 1) is None
    moon = tightest({ACCOUNT.code: 7}, use(), "training", "ml.moon.large", 1)
    assert moon is not None
    assert moon.code == ACCOUNT.code


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 50))
def test_a_plan_is_refused_exactly_when_it_needs_more_than_is_left(limit: int, used: int, needs: int) -> None:
    checks = check_quota(Quota("q", "L", used, limit, needs), "ml.m5.large")
    assert [check.severity for check in checks] == ([Severity.REFUSAL] if used + needs > limit else [])


def test_the_fullest_come_first_and_say_when_they_are_nearly_used_up() -> None:
    limits = {M5.code: 20, ACCOUNT.code: 40, RESOURCE.code: 5}
    rows = list_applied(limits, use(large=16))
    assert [(row.code, row.used, row.left, row.nearly_used_up) for row in rows] == [
        (M5.code, 16, 4, True),
        (ACCOUNT.code, 16, 24, False),
    ]
    assert not list_applied({M5.code: 0}, use())[0].nearly_used_up


def test_what_applies_is_read_from_the_account(shared_cloud: Cloud) -> None:
    limits = quotas.applied_limits(shared_cloud)
    assert limits[M5.code] >= 20
    assert limits[ACCOUNT.code] >= 20
    assert limits[default_quotas.quota_for("ml.m5.large", "endpoint").code] >= 4
    p5 = tightest(limits, use(), "training", "ml.p5.48xlarge", 1)
    assert p5 is not None
    assert p5.left == 0
