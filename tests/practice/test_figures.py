"""What the practice account charges and allows."""

import subprocess
import sys
from decimal import Decimal

import pytest

from practice import figures, quota_figures


@pytest.mark.parametrize(
    ("usage", "component"), [("endpoint", "hosting"), ("transform", "batch_transform"), ("spot_training", "training")]
)
def test_a_usage_is_billed_as_its_component(usage: str, component: str) -> None:
    rates = [figures.usd_per_hour("us-east-1", word, "ml.m5.xlarge") for word in (usage, component)]
    assert rates == [Decimal("0.23"), Decimal("0.23")]


def test_rates_differ_by_region() -> None:
    assert figures.usd_per_hour("ap-northeast-2", "notebook", "ml.t3.medium") == Decimal("0.062")
    assert figures.usd_per_hour("us-east-1", "notebook", "ml.t3.medium") == Decimal("0.05")
    assert figures.ml_storage_usd_per_gib_month("ap-northeast-2") == Decimal("0.1596")


def test_what_has_no_rate_is_refused() -> None:
    with pytest.raises(figures.UnknownFigure, match=r"no training rate of ml\.m5\.giant in us-east-1"):
        figures.usd_per_hour("us-east-1", "training", "ml.m5.giant")
    with pytest.raises(figures.UnknownFigure, match="no ML storage rate in mars-north-1"):
        figures.ml_storage_usd_per_gib_month("mars-north-1")


def test_a_region_offers_some_types_for_some_usages() -> None:
    notebooks = figures.instance_types("ap-northeast-2", "notebook")
    assert "ml.t3.medium" in notebooks
    assert "ml.m5.large" not in notebooks
    assert "ml.m5.large" in figures.instance_types("ap-northeast-2", "endpoint")
    assert "ml.g5.xlarge" not in figures.instance_types("ap-southeast-1", "training")
    assert figures.instance_types("mars-north-1", "training") == frozenset()


def applied(usage: str, instance_type: str | None) -> float:
    [code] = [
        quota.code
        for quota in quota_figures.default_quotas()
        if (quota.usage, quota.instance_type, quota.unit) == (usage, instance_type, "instances")
        and quota.scope != "resource"
    ]
    return quota_figures.applied_quotas()[code]


@pytest.mark.parametrize(
    ("usage", "instance_type", "at_least"),
    [
        ("training", "ml.m5.large", 20),
        ("training", None, 20),
        ("training", "ml.g4dn.xlarge", 1),
        ("endpoint", "ml.m5.large", 4),
        ("endpoint", None, 4),
        ("notebook", "ml.t3.medium", 2),
        ("notebook", "ml.t3.large", 2),
        ("notebook", None, 4),
    ],
)
def test_the_account_has_room_to_practise(usage: str, instance_type: str | None, at_least: float) -> None:
    assert applied(usage, instance_type) >= at_least


def test_no_p5_is_granted() -> None:
    p5 = [quota.code for quota in quota_figures.default_quotas() if "ml.p5." in (quota.instance_type or "")]
    assert p5
    assert {quota_figures.applied_quotas()[code] for code in p5} == {0.0}


def test_every_grant_raises_a_quota_that_exists() -> None:
    quotas = {
        (quota.usage, quota.instance_type): quota
        for quota in quota_figures.default_quotas()
        if quota.unit == "instances" and quota.scope != "resource"
    }
    for grant, value in quota_figures.GRANTS.items():
        assert value > (quotas[grant].default_value or 0.0), grant
        assert quota_figures.applied_quotas()[quotas[grant].code] == value


def test_what_is_not_granted_is_aws_default() -> None:
    granted = set(quota_figures.GRANTS)
    for quota in quota_figures.default_quotas():
        if (quota.usage, quota.instance_type) not in granted and quota.default_value is not None:
            assert quota_figures.applied_quotas()[quota.code] == quota.default_value, quota


def test_one_job_and_one_endpoint_keep_their_own_maximum() -> None:
    assert quota_figures.applied_quotas()["L-622CFD70"] == 20
    assert quota_figures.applied_quotas()["L-ED8DEE9B"] == 4


def test_a_quota_of_no_known_value_is_left_open_unless_it_counts_a_type() -> None:
    unknown = [quota for quota in quota_figures.default_quotas() if quota.default_value is None]
    for quota in unknown:
        if quota.scope == "instance_type":
            assert quota_figures.applied_quotas()[quota.code] == quota_figures.GRANTS.get(
                (quota.usage or "", quota.instance_type), 0
            )
        else:
            assert quota.code not in quota_figures.applied_quotas()
    assert {quota.scope for quota in unknown} > {"instance_type"}


def test_importing_figures_reads_nothing() -> None:
    """The account must be ready before anyone asks for a price."""
    code = "import sys; from practice import figures; print({'pyarrow', 'pandas', 'services'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
