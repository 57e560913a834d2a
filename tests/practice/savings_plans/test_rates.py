"""What Savings Plans are offered and at which rates: every rate of the figures, each said to be an assumption."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.figures import rows
from practice.pricing.ml_instances import COMPONENTS
from tests.support.local_account import Local

YEAR = 31_536_000
USES = {component.usage: name for name, component in COMPONENTS.items()}
PAYMENTS = {"All Upfront": "all_upfront", "Partial Upfront": "partial_upfront", "No Upfront": "no_upfront"}
TYPES = {"Compute": "compute", "EC2Instance": "ec2_instance", "SageMaker": "sagemaker"}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    running = Local(Path(tmp_path_factory.mktemp("plans")) / "home")
    yield running.client("savingsplans", "us-east-1")
    running.account.close()


def every(call: Any, **request: Any) -> list[dict[str, Any]]:
    """All pages of a call that has no paginator."""
    found: list[dict[str, Any]] = []
    while True:
        answer = call(**request)
        found += answer["searchResults"]
        if not answer.get("nextToken"):
            return found
        request["nextToken"] = answer["nextToken"]


def properties(result: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in result["properties"]}


def only(**values: list[str]) -> list[dict[str, Any]]:
    return [{"name": name, "values": wanted} for name, wanted in values.items()]


def rates(plans: Any, region: str, instance_type: str, **request: Any) -> list[dict[str, Any]]:
    filters = only(region=[region], instanceType=[instance_type])
    return every(plans.describe_savings_plans_offering_rates, filters=filters, **request)


def component(usage_type: str, instance_type: str) -> str | None:
    use = usage_type.removesuffix(instance_type).partition("-")[2]
    return USES.get(use)


def test_every_rate_of_the_figures_is_told_to_its_last_digit(plans: Any) -> None:
    found = {}
    for rate in every(plans.describe_savings_plans_offering_rates):
        said, offering = properties(rate), rate["savingsPlanOffering"]
        key = (
            said["region"],
            said["instanceType"],
            component(rate["usageType"], said["instanceType"]) if rate["productType"] == "SageMaker" else None,
            TYPES[offering["planType"]],
            offering["durationSeconds"] // YEAR,
            PAYMENTS[offering["paymentOption"]],
        )
        assert key not in found
        found[key] = Decimal(rate["rate"]), said["confidence"], said["asOf"]
    columns = ("region", "instance_type", "component", "plan_type", "term_years", "payment_option")
    assert found == {
        tuple(row[column] for column in columns): (
            Decimal(row["usd_per_hour"]),
            "assumption",
            row["as_of"].isoformat(),
        )
        for row in rows("savings_plan_rates.parquet")
    }


def test_a_rate_names_its_offering_what_it_is_of_and_on_what_it_rests(plans: Any) -> None:
    [rate] = [
        rate
        for rate in rates(plans, "ap-northeast-2", "ml.g5.xlarge", savingsPlanPaymentOptions=["Partial Upfront"])
        if rate["usageType"] == "APN2-Train:ml.g5.xlarge"
    ]
    offering = rate.pop("savingsPlanOffering")
    assert offering.pop("offeringId")
    assert offering == {
        "paymentOption": "Partial Upfront",
        "planType": "SageMaker",
        "durationSeconds": YEAR,
        "currency": "USD",
        "planDescription": "1 year Partial Upfront SageMaker Savings Plan",
    }
    assert Decimal(rate["rate"]) == Decimal("1.732") * Decimal("0.69")
    assert (rate["serviceCode"], rate["operation"], rate["unit"]) == ("AmazonSageMaker", "RunInstance", "Hrs")
    assert properties(rate) == {
        "region": "ap-northeast-2",
        "instanceType": "ml.g5.xlarge",
        "instanceFamily": "g5",
        "confidence": "assumption",
        "confidenceNote": (
            "on-demand x 0.6900 after the one published sample (one year partial upfront: 31 percent off)"
        ),
        "asOf": "2026-09-24",
    }


def test_ec2s_rates_say_linux_and_shared(plans: Any) -> None:
    found = rates(
        plans, "us-east-1", "m5.large", savingsPlanTypes=["Compute"], savingsPlanPaymentOptions=["No Upfront"]
    )
    assert [rate["savingsPlanOffering"]["durationSeconds"] for rate in found] == [YEAR, 3 * YEAR]
    for rate in found:
        assert (rate["productType"], rate["serviceCode"], rate["usageType"]) == (
            "EC2",
            "AmazonEC2",
            "BoxUsage:m5.large",
        )
        assert properties(rate)["productDescription"] == "Linux/UNIX"
        assert properties(rate)["tenancy"] == "shared"
    assert float(found[0]["rate"]) > float(found[1]["rate"])


@pytest.mark.parametrize(
    ("request_", "count"),
    [
        ({"products": ["SageMaker"]}, 0),
        ({"products": ["EC2"]}, 12),
        ({"serviceCodes": ["AmazonEC2"], "operations": ["RunInstances"]}, 12),
        ({"operations": ["RunInstance"]}, 0),
        ({"usageTypes": ["BoxUsage:m5.large"]}, 12),
        ({"savingsPlanTypes": ["EC2Instance"]}, 6),
        ({"savingsPlanTypes": ["Compute", "EC2Instance"], "savingsPlanPaymentOptions": ["All Upfront"]}, 4),
    ],
)
def test_rates_fit_what_is_asked_for(plans: Any, request_: dict[str, Any], count: int) -> None:
    assert len(rates(plans, "us-east-1", "m5.large", **request_)) == count


def test_rates_of_an_offering_are_those_of_what_it_covers(plans: Any) -> None:
    [offering] = every(
        plans.describe_savings_plans_offerings,
        planTypes=["EC2Instance"],
        paymentOptions=["No Upfront"],
        durations=[3 * YEAR],
        filters=only(region=["ap-northeast-2"], instanceFamily=["g5"]),
    )
    found = every(plans.describe_savings_plans_offering_rates, savingsPlanOfferingIds=[offering["offeringId"]])
    assert {properties(rate)["instanceFamily"] for rate in found} == {"g5"}
    assert {properties(rate)["region"] for rate in found} == {"ap-northeast-2"}
    by_type = {properties(rate)["instanceType"]: Decimal(rate["rate"]) for rate in found}
    assert by_type["g5.xlarge"] == Decimal("0.53438")


def test_offerings_are_compute_sagemaker_and_each_family_of_a_region(plans: Any) -> None:
    found = every(plans.describe_savings_plans_offerings)
    assert len({offering["offeringId"] for offering in found}) == len(found)
    kinds = [offering["planType"] for offering in found]
    assert (kinds.count("Compute"), kinds.count("SageMaker")) == (6, 3)
    for offering in found:
        assert re.fullmatch(r"[a-zA-Z0-9_\- ]+", offering["description"])
        assert bool(offering["properties"]) == (offering["planType"] == "EC2Instance")
    again = every(plans.describe_savings_plans_offerings)
    assert again == found


@pytest.mark.parametrize(
    ("request_", "usage_types"),
    [
        ({"descriptions": ["3 year All Upfront Compute Savings Plan"]}, ["ComputeSP:3yrAllUpfront"]),
        ({"usageTypes": ["SageMakerSP:1yrNoUpfront"], "operations": [""]}, ["SageMakerSP:1yrNoUpfront"]),
        ({"serviceCodes": ["MachineLearningSavingsPlans"], "paymentOptions": ["No Upfront"]},
         ["SageMakerSP:1yrNoUpfront"]),
        ({"productType": "SageMaker", "paymentOptions": ["All Upfront"]}, ["SageMakerSP:1yrAllUpfront"]),
        ({"productType": "Lambda", "durations": [YEAR], "paymentOptions": ["No Upfront"]}, ["ComputeSP:1yrNoUpfront"]),
        ({"productType": "RDS"}, []),
        ({"currencies": ["EUR"]}, []),
        ({"descriptions": ["1 year No Upfront m5 EC2 Instance Savings Plan in eu-west-1"]},
         ["EU-EC2SP:m5.1yrNoUpfront"]),
        ({"filters": only(region=["eu-west-1"], instanceFamily=["m5"]), "durations": [3 * YEAR],
          "paymentOptions": ["No Upfront"]}, ["EU-EC2SP:m5.3yrNoUpfront"]),
    ],
)  # fmt: skip
def test_offerings_fit_what_is_asked_for(plans: Any, request_: dict[str, Any], usage_types: list[str]) -> None:
    assert [row["usageType"] for row in every(plans.describe_savings_plans_offerings, **request_)] == usage_types


def test_pages_neither_repeat_nor_skip(plans: Any) -> None:
    whole = every(plans.describe_savings_plans_offerings, planTypes=["EC2Instance"])
    assert len({offering["offeringId"] for offering in whole}) == len(whole) > 200
    assert every(plans.describe_savings_plans_offerings, planTypes=["EC2Instance"], maxResults=100) == whole
    assert len(plans.describe_savings_plans_offering_rates(maxResults=3)["searchResults"]) == 3
    assert len(plans.describe_savings_plans_offering_rates(maxResults=0)["searchResults"]) == 1000


@pytest.mark.parametrize("request_", [{"nextToken": "bogus"}, {"maxResults": 1001}, {"filters": [{"name": "colour"}]}])
def test_what_makes_no_sense_is_refused(plans: Any, request_: dict[str, Any]) -> None:
    for call in (plans.describe_savings_plans_offerings, plans.describe_savings_plans_offering_rates):
        with pytest.raises(ClientError) as caught:
            call(**request_)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
