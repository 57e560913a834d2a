"""Increases of quotas: what may be asked for, and the one plan that asks for all of it."""

from dataclasses import replace
from typing import Any

import pytest

from services import default_quotas, ec2_quotas
from services.errors import InvalidRequest
from services.plans import Act, Quota
from services.quota_increases import Increase, plan_increases

G5 = default_quotas.quota_for("ml.g5.xlarge", "training")
G6 = default_quotas.quota_for("ml.g6.xlarge", "training")
GPUS = next(quota for quota in ec2_quotas.listed() if quota.code == "L-DB2E81BA")


def increase(
    code: str, wanted: Any = 8, limit: int = 4, region: str = "us-east-1", service: str = "sagemaker"
) -> Increase:
    return Increase(region, Quota(f"quota {code}", code, 1, limit, 1), wanted, service)


def test_several_are_one_plan_with_a_request_for_each() -> None:
    plan = plan_increases([increase(G5.code), increase(GPUS.code, 64, service="ec2")])
    assert (plan.act, plan.kind, plan.refused, plan.region) == (Act.REQUEST, "quota", False, "us-east-1")
    assert [call.parameters for call in plan.calls] == [
        {"ServiceCode": "sagemaker", "QuotaCode": G5.code, "DesiredValue": 8.0},
        {"ServiceCode": "ec2", "QuotaCode": GPUS.code, "DesiredValue": 64.0},
    ]
    assert plan.name == f"quota {G5.code}, quota {GPUS.code}"


def test_what_is_not_higher_is_refused_in_the_plan() -> None:
    plan = plan_increases([increase(G5.code, 5), increase(G6.code, 4)])
    assert plan.refused
    (check,) = plan.checks
    assert (check.code, check.values) == ("quota_not_higher", {"limit": 4, "wanted": 4})


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ([], "no quota to raise"),
        ([increase("L-NONE")], "no quota L-NONE of sagemaker"),
        ([increase(G5.code, service="ec2")], f"no quota {G5.code} of ec2"),
        ([increase(GPUS.code)], f"no quota {GPUS.code} of sagemaker"),
        ([increase(GPUS.code, service="s3")], f"no quota {GPUS.code} of s3"),
        ([increase(G5.code), increase(G5.code, 9)], f"{G5.code} is asked for 2 times"),
        ([increase(G5.code), increase(G6.code, region="eu-west-1")], f"{G6.code} is of eu-west-1"),
        ([increase(G5.code, 4.5)], f"4.5 of {G5.code} is no whole number"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(wishes: list[Increase], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        plan_increases(wishes)


def test_what_aws_never_raises_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_quotas, "quotas", lambda: (replace(G5, adjustable=False), G6))
    with pytest.raises(InvalidRequest, match=f"does not raise {G5.code}"):
        plan_increases([increase(G6.code), increase(G5.code)])
