"""One life of a notebook instance in a real account: three ways to ask for its bill, one answer."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pyarrow import parquet

from practice.bill.columns import COLUMNS
from practice.bill.lines import line_items
from practice.bill.periods import bounds, month_of, next_month
from tests.practice.sagemaker.training_helpers import Trainings
from tests.support.local_account import Local
from tests.support.practice_account import REGION, Account
from tests.support.waiting import eventually

ROLE = "arn:aws:iam::123456789012:role/flightdeck-execution"
NAME = "Nb-1"
EXACT = Decimal("1e-9")
"""US dollars."""


def go_to(practice: Account, moment: datetime) -> None:
    practice.advance((moment - practice.clock()).total_seconds())


def status(practice: Account) -> str:
    described = practice.client("sagemaker").describe_notebook_instance(NotebookInstanceName=NAME)
    return str(described["NotebookInstanceStatus"])


def export(practice: Account) -> None:
    practice.client("s3").create_bucket(Bucket="bills", CreateBucketConfiguration={"LocationConstraint": REGION})
    output = {"Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT", "OutputType": "CUSTOM"}
    destination = {"S3Bucket": "bills", "S3Prefix": "", "S3Region": REGION, "S3OutputConfigurations": output}
    practice.client("bcm-data-exports", "us-east-1").create_export(
        Export={
            "Name": "cur",
            "DataQuery": {
                "QueryStatement": f"SELECT {', '.join(COLUMNS)} FROM COST_AND_USAGE_REPORT",
                "TableConfigurations": {
                    "COST_AND_USAGE_REPORT": {"TIME_GRANULARITY": "HOURLY", "INCLUDE_RESOURCES": "TRUE"}
                },
            },
            "DestinationConfigurations": {"S3Destination": destination},
            "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
        }
    )


def exported(practice: Account) -> list[dict[str, Any]]:
    s3 = practice.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="bills", Prefix="cur/data/")["Contents"]]
    return [
        row
        for key in keys
        for row in parquet.read_table(BytesIO(s3.get_object(Bucket="bills", Key=key)["Body"].read())).to_pylist()
    ]


@pytest.mark.heavy
def test_cost_explorer_the_export_and_the_accounts_usage_agree(practice: Account) -> None:
    export(practice)
    month = next_month(practice.clock())
    following = next_month(month)
    go_to(practice, following - timedelta(days=2, hours=3, minutes=20))
    sagemaker = practice.client("sagemaker")
    arn = sagemaker.create_notebook_instance(
        NotebookInstanceName=NAME,
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        VolumeSizeInGB=20,
        Tags=[{"Key": "CostCenter", "Value": "ml"}],
    )["NotebookInstanceArn"]
    practice.advance(24 * 3600)
    eventually(lambda: status(practice), lambda said: said == "InService", timeout=120)
    sagemaker.stop_notebook_instance(NotebookInstanceName=NAME)
    go_to(practice, following + timedelta(days=1, hours=5))
    sagemaker.delete_notebook_instance(NotebookInstanceName=NAME)
    practice.advance(24 * 3600)

    [row] = practice.control("GET", "usage")["resources"]
    assert row["gone"]
    used = Decimal(row["usd"])
    lines = exported(practice)
    assert {line["line_item_resource_id"] for line in lines} == {arn}
    assert {str(line["resource_tags"]) for line in lines} == {"[('user_cost_center', 'ml')]"}
    assert abs(sum(Decimal(line["line_item_unblended_cost"]) for line in lines) - used) < EXACT
    ce = practice.client("ce", "us-east-1")
    days = ce.get_cost_and_usage(
        TimePeriod={"Start": f"{month:%Y-%m-%d}", "End": f"{practice.clock() + timedelta(days=1):%Y-%m-%d}"},
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
    )["ResultsByTime"]
    by_day = {day["TimePeriod"]["Start"]: Decimal(day["Total"]["UnblendedCost"]["Amount"]) for day in days}
    assert abs(sum(by_day.values()) - used) < EXACT
    for day, cost in by_day.items():
        said = sum(
            Decimal(line["line_item_unblended_cost"])
            for line in lines
            if f"{line['line_item_usage_start_date']:%Y-%m-%d}" == day
        )
        assert abs(said - cost) < EXACT
    assert sum(cost > 0 for cost in by_day.values()) == 5
    assert [day["Estimated"] for day in days].count(False) == (following - month).days
    seconds = {part: Decimal(said["seconds"]) for part, said in row["parts"].items()}
    hours = sum(line["line_item_usage_amount"] for line in lines if line["pricing_unit"] == "Hrs")
    assert float(seconds["instance"]) / 3600 == pytest.approx(hours, abs=1e-9)
    assert 24 * 3600 - 60 < seconds["instance"] < 24 * 3600 + 300


@pytest.mark.heavy
def test_what_the_account_itself_wrote_is_billed_under_its_own_arn(local: Local) -> None:
    trainings, sagemaker = Trainings(local), local.client("sagemaker")
    trainings.begin("Train-1", "print('trained')")
    job = trainings.ended("Train-1")
    domain = sagemaker.create_domain(DomainName="team", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE})[
        "DomainId"
    ]
    local.advance(seconds=10)
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="kim")
    local.advance(seconds=10)
    space = sagemaker.create_space(
        DomainId=domain,
        SpaceName="Lab",
        SpaceSettings={"AppType": "JupyterLab"},
        OwnershipSettings={"OwnerUserProfileName": "kim"},
        SpaceSharingSettings={"SharingType": "Private"},
    )["SpaceArn"]
    local.advance(seconds=10)
    app = sagemaker.create_app(DomainId=domain, SpaceName="Lab", AppType="JupyterLab", AppName="default")["AppArn"]
    local.advance(hours=2)
    now = local.world.clock.now()
    between = bounds(month_of(job["TrainingStartTime"]), next_month(now), "MONTHLY")
    lines = line_items(local.world, now, between)
    assert {line.about.resource for line in lines} == {job["TrainingJobArn"], space, app}
    count = job["ResourceConfig"]["InstanceCount"]
    trained = [line.quantity for line in lines if ":ml." in line.about.usage_type.code]
    assert float(sum(trained)) * 3600 == pytest.approx(job["BillableTimeInSeconds"] * count)
