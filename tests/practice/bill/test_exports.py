"""Exports of CUR 2.0: made, refused, written when they are new and every day, whole, into the account's own bucket."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from practice.bill.columns import COLUMNS
from practice.bill.cur import tag_column
from practice.bill.exports import FIRST_SECONDS
from practice.bill.periods import month_of, next_month
from practice.usage import usage
from tests.practice.bill.ledgers import REGION, notebook
from tests.support.local_account import Local

BUCKET = "bills"
CONFIGURED = {"TIME_GRANULARITY": "HOURLY", "INCLUDE_RESOURCES": "TRUE"}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """An account for tests that change nothing but exports, and leave its clock alone."""
    running = Local(tmp_path_factory.mktemp("exports") / "home")
    make_bucket(running)
    yield running
    running.account.close()


def make_bucket(local: Local) -> None:
    local.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def asked(name: str, /, query: str = "", bucket: str = BUCKET, told: Row | None = None, **output: str) -> Row:
    outputs = {"Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT", "OutputType": "CUSTOM"}
    return {
        "Name": name,
        "DataQuery": {
            "QueryStatement": query or f"SELECT {', '.join(COLUMNS)} FROM COST_AND_USAGE_REPORT",
            "TableConfigurations": {"COST_AND_USAGE_REPORT": CONFIGURED if told is None else told},
        },
        "DestinationConfigurations": {
            "S3Destination": {
                "S3Bucket": bucket,
                "S3Prefix": "cur",
                "S3Region": REGION,
                "S3OutputConfigurations": {**outputs, **output},
            }
        },
        "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
    }


def create(local: Local, name: str, **more: Any) -> str:
    made = local.client("bcm-data-exports", "us-east-1").create_export(Export=asked(name, **more))
    return str(made["ExportArn"])


def read(local: Local, key: str) -> bytes:
    body: bytes = local.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


def rows(local: Local, name: str, month: datetime) -> list[Row]:
    key = f"cur/{name}/data/BILLING_PERIOD={month:%Y-%m}/{name}-00001.snappy.parquet"
    found: list[Row] = parquet.read_table(BytesIO(read(local, key))).to_pylist()
    return found


def keys(local: Local) -> list[str]:
    return [each["Key"] for each in local.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def start_of_month(local: Local) -> datetime:
    """Go to ten hours into the third day of the next month."""
    now = local.world.clock.now()
    first: datetime = next_month(now)
    local.advance(seconds=(first + timedelta(days=2, hours=10) - now).total_seconds())
    return first


def test_a_month_is_written_every_day_and_once_more_when_it_is_over(local: Local) -> None:
    make_bucket(local)
    month = start_of_month(local)
    begun = month + timedelta(days=1, hours=7, minutes=30)
    notebook(local.world.store, "nb", (begun, "create", "Pending"), (begun, "started", "InService"))
    arn = create(local, "daily")
    local.advance(seconds=10)
    [first] = local.client("bcm-data-exports").list_executions(ExportArn=arn)["Executions"]
    assert first["ExecutionStatus"]["StatusCode"] == "DELIVERY_SUCCESS"
    lines = rows(local, "daily", month)
    assert max(row["line_item_usage_start_date"] for row in lines) == (month + timedelta(days=2, hours=10)).replace(
        tzinfo=None
    )
    local.advance(days=1)
    assert last_day(rows(local, "daily", month)) == month + timedelta(days=2)
    local.advance(days=31)
    following = next_month(month)
    closed = rows(local, "daily", month)
    assert last_day(closed) == following - timedelta(days=1)
    assert {row["bill_billing_period_end_date"] for row in closed} == {following.replace(tzinfo=None)}
    assert sum(row["line_item_usage_amount"] for row in closed if row["pricing_unit"] == "Hrs") == pytest.approx(
        (following - begun) / timedelta(hours=1), abs=1e-9
    )
    whole = closed + rows(local, "daily", following)
    midnight = last_day(whole) + timedelta(days=1)
    hours = {row["pricing_unit"]: 0.0 for row in whole}
    for row in whole:
        hours[row["pricing_unit"]] += row["line_item_usage_amount"]
    assert hours["Hrs"] == pytest.approx((midnight - begun) / timedelta(hours=1), abs=1e-9)
    assert len({row["identity_line_item_id"] for row in whole}) == len(whole)
    made = local.client("bcm-data-exports").list_executions(ExportArn=arn)["Executions"]
    assert len(made) == 1 + (midnight - month).days - 2


def last_day(lines: list[Row]) -> datetime:
    at = max(row["line_item_usage_start_date"] for row in lines)
    return datetime(at.year, at.month, at.day, tzinfo=UTC)


def test_its_columns_are_those_of_cur_2(local: Local) -> None:
    make_bucket(local)
    now = local.world.clock.now()
    since = max(now - timedelta(hours=5), month_of(now))
    notebook(local.world.store, "nb", (since, "create", "Pending"), (since, "started", "InService"), size=20)
    create(local, "whole")
    local.advance(seconds=FIRST_SECONDS)
    lines = rows(local, "whole", month_of(now))
    for line in lines:
        assert list(line) == list(COLUMNS)
        assert line["line_item_resource_id"].endswith(":notebook-instance/nb")
        assert line["resource_tags"] == [("user_team", "ml")]
        assert (line["line_item_product_code"], line["product_servicecode"]) == ("AmazonSageMaker", "AmazonSageMaker")
        assert (line["line_item_line_item_type"], line["pricing_term"]) == ("Usage", "OnDemand")
        assert line["line_item_usage_account_id"] == line["bill_payer_account_id"] == "123456789012"
        assert line["product_region_code"] == REGION
        assert line["reservation_effective_cost"] is None
        assert line["line_item_unblended_cost"] == line["pricing_public_on_demand_cost"]
        rate, amount = float(line["line_item_unblended_rate"]), line["line_item_usage_amount"]
        assert line["line_item_unblended_cost"] == pytest.approx(rate * amount)
    instance = next(line for line in lines if line["pricing_unit"] == "Hrs")
    assert instance["line_item_usage_type"] == "APN2-Notebk:ml.t3.medium"
    assert (instance["product_instance_type"], instance["product_product_family"]) == ("ml.t3.medium", "ML Instance")
    listed = local.client("pricing", "us-east-1").get_products(
        ServiceCode="AmazonSageMaker",
        Filters=[{"Type": "TERM_MATCH", "Field": "usagetype", "Value": "APN2-Notebk:ml.t3.medium"}],
    )
    product = json.loads(listed["PriceList"][0])
    assert instance["product_sku"] == product["product"]["sku"]
    [term] = product["terms"]["OnDemand"].values()
    assert instance["pricing_rate_code"] in term["priceDimensions"]
    [price] = term["priceDimensions"].values()
    assert instance["pricing_public_on_demand_rate"] == price["pricePerUnit"]["USD"]
    assert instance["line_item_line_item_description"] == price["description"]
    storage = next(line for line in lines if line["pricing_unit"] == "GB-Mo")
    assert storage["line_item_line_item_description"].endswith(" per GB-Mo of ML storage in Asia Pacific (Seoul)")
    billed = [float(row["usd"]) for row in usage(local.world)]
    assert sum(line["line_item_unblended_cost"] for line in lines) == pytest.approx(sum(billed), abs=1e-4)
    types = parquet.read_schema(BytesIO(read(local, keys(local)[0])))
    shown = {name: str(types.field(name).type) for name in ("line_item_usage_start_date", "line_item_blended_cost")}
    assert shown == {"line_item_usage_start_date": "timestamp[ms]", "line_item_blended_cost": "double"}
    manifest = json.loads(read(local, f"cur/whole/metadata/BILLING_PERIOD={now:%Y-%m}/whole-Manifest.json"))
    data = f"cur/whole/data/BILLING_PERIOD={now:%Y-%m}/whole-00001.snappy.parquet"
    assert manifest["dataFiles"] == [f"s3://{BUCKET}/{data}"]
    assert [column["name"] for column in manifest["columns"]] == list(COLUMNS)
    assert keys(local) == [data, f"cur/whole/metadata/BILLING_PERIOD={now:%Y-%m}/whole-Manifest.json"]


def test_a_query_picks_columns_and_a_granularity_and_leaves_resources_out(local: Local) -> None:
    make_bucket(local)
    month = start_of_month(local)
    for name in ("a", "b"):
        notebook(local.world.store, name, (month, "create", "InService"))
    query = "select line_item_usage_start_date AS start, line_item_usage_amount,pricing_unit from COST_AND_USAGE_REPORT"
    create(local, "small", query=query, told={"TIME_GRANULARITY": "DAILY"})
    local.advance(days=1)
    found = rows(local, "small", month)
    assert [list(row) for row in found[:1]] == [["start", "line_item_usage_amount", "pricing_unit"]]
    hours = {row["start"].day: row["line_item_usage_amount"] for row in found if row["pricing_unit"] == "Hrs"}
    assert hours == {1: 48.0, 2: 48.0, 3: 48.0}


def test_a_job_that_runs_over_the_end_of_a_month_is_billed_in_both(local: Local) -> None:
    make_bucket(local)
    month = start_of_month(local)
    following = next_month(month)
    create(local, "jobs")
    start = following - timedelta(seconds=30)
    request = {
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "EnableManagedSpotTraining": False,
    }
    begun = {"TrainingStartTime": start.isoformat(), "LivedStart": local.world.clock.lived().total_seconds()}
    local.advance(seconds=(start - local.world.clock.now()).total_seconds())
    with local.world.clock.at(start):
        job = local.world.add("training-job", REGION, "long", "arn:x", {"Request": request, "Begun": True, **begun})
    local.world.cancel_timers(job.uid, "begin")
    local.advance(minutes=5)
    early = hours_of(rows(local, "jobs", month))
    assert early < 30 / 3600
    with local.world.clock.at(start + timedelta(hours=2)):
        spent = {"BillableTimeInSeconds": 90, "TrainingEndTime": (start + timedelta(hours=2)).isoformat()}
        local.world.move(job, "complete", spent)
    local.advance(days=1)
    assert hours_of(rows(local, "jobs", month)) == pytest.approx(30 / 3600)
    assert hours_of(rows(local, "jobs", following)) == pytest.approx(60 / 3600)


def hours_of(lines: list[Row]) -> float:
    return float(sum(row["line_item_usage_amount"] for row in lines if row["pricing_unit"] == "Hrs"))


def test_without_its_bucket_an_execution_fails_and_says_so_until_it_is_back(local: Local) -> None:
    make_bucket(local)
    s3, exports = local.client("s3"), local.client("bcm-data-exports", "us-east-1")
    arn = create(local, "lost")
    local.advance(seconds=10)
    refreshed = exports.get_export(ExportArn=arn)["ExportStatus"]["LastRefreshedAt"]
    for key in keys(local):
        s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_bucket(Bucket=BUCKET)
    local.advance(days=1)
    status = exports.get_export(ExportArn=arn)["ExportStatus"]
    assert (status["StatusCode"], status["StatusReason"]) == ("UNHEALTHY", "INSUFFICIENT_PERMISSION")
    assert status["LastRefreshedAt"] == refreshed
    newest = exports.list_executions(ExportArn=arn)["Executions"][0]
    assert newest["ExecutionStatus"]["StatusCode"] == "DELIVERY_FAILURE"
    assert newest["ExecutionStatus"]["StatusReason"] == "INSUFFICIENT_PERMISSION"
    make_bucket(local)
    local.advance(days=1)
    status = exports.get_export(ExportArn=arn)["ExportStatus"]
    assert status["StatusCode"] == "HEALTHY"
    assert status["LastRefreshedAt"] > refreshed
    assert len(keys(local)) >= 2


def test_an_account_that_cannot_be_reached_is_a_failure_of_another_kind(
    local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import EndpointConnectionError

    make_bucket(local)
    arn = create(local, "cut")

    def fail(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr("practice.bill.executions.clients.client", lambda *_: type("S3", (), {"put_object": fail}))
    local.advance(seconds=10)
    monkeypatch.undo()
    status = local.client("bcm-data-exports").get_export(ExportArn=arn)["ExportStatus"]
    assert (status["StatusCode"], status["StatusReason"]) == ("UNHEALTHY", "INTERNAL_FAILURE")


def test_exports_are_shown_listed_and_deleted(account: Local) -> None:
    exports = account.client("bcm-data-exports", "us-east-1")
    arn = create(account, "one")
    assert arn.startswith("arn:aws:bcm-data-exports:us-east-1:123456789012:export/one-")
    shown = exports.get_export(ExportArn=arn)
    assert shown["Export"] == {**asked("one"), "ExportArn": arn}
    assert shown["ExportStatus"]["StatusCode"] == "HEALTHY"
    create(account, "two")
    assert [each["ExportName"] for each in exports.list_exports(MaxResults=1)["Exports"]] == ["one"]
    listed = exports.get_paginator("list_exports").paginate(PaginationConfig={"PageSize": 1})
    assert [each["ExportName"] for page in listed for each in page["Exports"]] == ["one", "two"]
    account.client("bcm-data-exports", REGION).delete_export(ExportArn=arn)
    assert refused(exports.get_export, ExportArn=arn)[0] == "ResourceNotFoundException"
    assert refused(exports.list_executions, ExportArn=arn)[0] == "ResourceNotFoundException"
    nothing = account.world.get("data-export", "us-east-1", "two").arn
    assert exports.list_executions(ExportArn=nothing)["Executions"] == []
    unknown = refused(exports.get_execution, ExportArn=nothing, ExecutionId="x")
    assert unknown[0] == "ResourceNotFoundException"
    assert refused(exports.create_export, Export=asked("two"))[0] == "ValidationException"
    assert refused(exports.update_export, ExportArn=nothing, Export=asked("two"))[0] == "NotImplemented"


def test_an_execution_is_shown_by_itself(local: Local) -> None:
    make_bucket(local)
    exports = local.client("bcm-data-exports", "us-east-1")
    arn = create(local, "one")
    local.advance(seconds=10)
    [row] = exports.list_executions(ExportArn=arn)["Executions"]
    shown = exports.get_execution(ExportArn=arn, ExecutionId=row["ExecutionId"])
    assert (shown["ExecutionStatus"], shown["Export"]["Name"]) == (row["ExecutionStatus"], "one")
    local.restart()
    again = local.client("bcm-data-exports").list_executions(ExportArn=arn)["Executions"]
    assert again == [row]


def test_the_table_tells_its_columns(account: Local) -> None:
    exports = account.client("bcm-data-exports", "us-east-1")
    [table] = exports.list_tables()["Tables"]
    assert table["TableName"] == "COST_AND_USAGE_REPORT"
    assert {each["Name"] for each in table["TableProperties"]} >= set(CONFIGURED)
    told = exports.get_table(TableName=table["TableName"], TableProperties={"TIME_GRANULARITY": "DAILY"})
    assert {each["Name"]: each["Type"] for each in told["Schema"]} == COLUMNS
    assert told["TableProperties"]["TIME_GRANULARITY"] == "DAILY"
    assert refused(exports.get_table, TableName="FOCUS_1_0_AWS")[0] == "ValidationException"


SELECT = "SELECT pricing_unit FROM COST_AND_USAGE_REPORT"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"query": "SELECT * FROM COST_AND_USAGE_REPORT"}, "ValidationException"),
        ({"query": "SELECT pricing_unit, nothing FROM COST_AND_USAGE_REPORT"}, "ValidationException"),
        ({"query": "SELECT pricing_unit FROM FOCUS_1_0_AWS"}, "ValidationException"),
        ({"query": f"{SELECT} WHERE pricing_unit = 'Hrs'"}, "NotImplemented"),
        ({"told": {"TIME_GRANULARITY": "WEEKLY"}}, "ValidationException"),
        ({"told": {"COLOUR": "TRUE"}}, "ValidationException"),
        ({"told": {}}, "ValidationException"),
        ({"query": SELECT, "told": {"INCLUDE_SPLIT_COST_ALLOCATION_DATA": "TRUE"}}, "NotImplemented"),
        ({"bucket": "nowhere"}, "ValidationException"),
        ({"Format": "TEXT_OR_CSV"}, "ValidationException"),
        ({"Format": "TEXT_OR_CSV", "Compression": "GZIP"}, "NotImplemented"),
        ({"Overwrite": "CREATE_NEW_REPORT"}, "NotImplemented"),
        ({"OutputType": "ATHENA"}, "NotImplemented"),
    ],
)
def test_what_cannot_be_exported_is_refused(account: Local, more: Row, code: str) -> None:
    exports = account.client("bcm-data-exports", "us-east-1")
    assert refused(exports.create_export, Export=asked("bad", **more))[0] == code
    other = asked("bad")
    other["DataQuery"]["TableConfigurations"] = {"FOCUS_1_0_AWS": {}}
    assert refused(exports.create_export, Export=other)[0] == "ValidationException"


@pytest.mark.parametrize(
    ("key", "column"),
    [("team", "user_team"), ("CostCenter", "user_cost_center"), ("Cost Center", "user_cost_center"),
     ("a:b--c", "user_a_b_c"), ("x/", "user_x"), ("팀", "user")],
)  # fmt: skip
def test_a_tag_is_a_key_of_a_map(key: str, column: str) -> None:
    assert tag_column(key) == column


def test_who_makes_an_export_may_make_it_and_may_write_to_its_bucket(account: Local) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="payer")
    keys = iam.create_access_key(UserName="payer")["AccessKey"]
    own = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"]}
    exports = account.client("bcm-data-exports", "us-east-1", keys=own)
    grants: list[Row] = []
    wants = [
        ("bcm-data-exports:CreateExport", "arn:aws:bcm-data-exports:us-east-1:123456789012:export/*"),
        ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/*"),
    ]
    for action, resource in wants:
        code, message = refused(exports.create_export, Export=asked("mine"))
        assert (code, f"perform: {action} on" in message) == ("AccessDeniedException", True)
        grants.append({"Effect": "Allow", "Action": action, "Resource": resource})
        policy = json.dumps({"Version": "2012-10-17", "Statement": grants})
        iam.put_user_policy(UserName="payer", PolicyName="p", PolicyDocument=policy)
    assert exports.create_export(Export=asked("mine"))["ExportArn"]
    assert refused(exports.list_exports)[0] == "AccessDeniedException"
